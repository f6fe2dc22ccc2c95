import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Form, openForm } from '../../../src/http/input/multipart.js'
import { chunksOf } from '../../../src/http/input/requestBody.js'
import { filePart, inChunks, metadata, multipart } from '../../support/forms.js'
import { until } from '../../support/until.js'

const names = { metadata: 'Metadata', file: 'FileTransfer' }

const opened = ({ contentType, body }: { contentType: string; body: Uint8Array }, sizes = [7]) =>
  openForm(contentType, inChunks(body, sizes), names)
const bytesIn = async ({ file }: Form) => Buffer.concat(await Array.fromAsync(file ?? [])).toString('latin1')

describe('a form', () => {
  test('gives the fields before its file, and the file', async () => {
    const form = await opened(multipart([...metadata(), filePart('hello')]))

    expect(form.fields).toEqual(metadata().map(({ name, value }) => [name, value]))
    expect(await bytesIn(form)).toBe('hello')
    expect(form.errors()).toBeUndefined()
  })

  test('gives the same bytes, whatever they are and however they arrive', async () => {
    const boundary = 'xX'
    const like = [
      '\r\n',
      '\r',
      '\n',
      '-',
      '--',
      `--${boundary}`,
      `\r\n--${boundary.slice(0, 1)}`,
      `--${boundary}--`,
      'x',
      'X',
      '\r\n-',
    ]
    const piece = fc.oneof(
      fc.constantFrom(...like).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }),
    )
    const file = fc
      .array(piece, { maxLength: 40 })
      .map((pieces) => Buffer.concat(pieces))
      .filter((bytes) => !`\r\n${bytes.toString('latin1')}\r\n`.includes(`\r\n--${boundary}`))
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 })

    await fc.assert(
      fc.asyncProperty(file, sizes, fc.boolean(), async (bytes, chunks, isLast) => {
        const after = isLast ? [] : [{ name: 'Other', value: 'passed over' }]
        const form = await opened(multipart([...metadata(), filePart(bytes), ...after], { boundary }), chunks)

        expect(await bytesIn(form)).toBe(bytes.toString('latin1'))
        expect(form.fields).toHaveLength(5)
      }),
      { numRuns: 400 },
    )
  })

  test('that breaks off at any byte before its end never looks like a whole file', async () => {
    const { contentType, body } = multipart([filePart('0123456789'), { name: 'Other', value: 'x' }], { end: '--' })

    for (let length = 1; length < body.length; length++) {
      const form = await opened({ contentType, body: body.subarray(0, length) }, [length])
      if (form.file) await expect(bytesIn(form)).rejects.toThrow()
      else expect(form.errors()).toMatchObject({ '': [expect.stringMatching(/breaks off/)] })
    }
  })

  test('of no bytes at all, or with a file of none, is as good as any', async () => {
    const empty = await opened(multipart([filePart('')]))
    const none = await opened({ ...multipart([]), body: Buffer.alloc(0) })

    expect([await bytesIn(empty), empty.errors()]).toEqual(['', undefined])
    expect(none.errors()).toMatchObject({ '': [expect.any(String)] })
  })

  test('has its file where there is a file name, whatever the content type and the case of the name', async () => {
    const named = await opened(multipart([{ name: 'FILETRANSFER', value: 'a', fileName: 'x', type: 'text/plain' }]))
    const nameless = await opened(multipart([{ name: 'FileTransfer', value: 'a', type: 'application/octet-stream' }]))
    const other = await opened(multipart([{ name: 'Another', value: 'a', fileName: 'x' }, filePart('b')]))

    expect([await bytesIn(named), nameless.file, await bytesIn(other)]).toEqual(['a', undefined, 'b'])
  })

  test('keeps letters whole in fields and their names', async () => {
    const form = await opened(multipart([{ name: 'Metadata.PropertyList[blåbær]', value: 'syltetøy 👍' }]), [1])

    expect(form.fields).toEqual([['Metadata.PropertyList[blåbær]', 'syltetøy 👍']])
  })

  test.each([
    ['a field that is too long', [{ name: 'Metadata.FileName', value: 'x'.repeat(16_385) }], 'Metadata.FileName'],
    ['too many fields', Array.from({ length: 1101 }, () => ({ name: 'a', value: '' })), ''],
    ['too many parts', Array.from({ length: 1201 }, () => ({ name: 'a', value: '', fileName: 'a' })), ''],
    [
      'fields that are too long together',
      Array.from({ length: 400 }, (_, i) => ({ name: `f${i}`, value: 'x'.repeat(16_000) })),
      'f262',
    ],
  ])('is refused with %s', async (_, parts, key) => {
    const form = await opened(multipart(parts), [65_536])

    expect(Object.keys(form.errors() ?? {})).toEqual([key])
  })

  test.each([
    ['up to 8 MiB is kept until they have come', 8 * 2 ** 20, { isEarly: false, fields: 5 }],
    ['that is larger is not read', 8 * 2 ** 20 + 1, { isEarly: true, fields: 0 }],
  ])('whose fields are not complete before its file: a file %s', async (_, sizeBytes, { isEarly, fields }) => {
    const { contentType, body } = multipart([filePart(Buffer.alloc(sizeBytes, 'x')), ...metadata()])
    const isComplete = (before: Form['fields']) => before.length === metadata().length

    const form = await openForm(contentType, inChunks(body, [65_536]), names, { isComplete })

    expect([form.isFileEarly, form.fields.length, form.errors()]).toEqual([isEarly, fields, undefined])
    expect((await bytesIn(form)).length).toBe(isEarly ? 0 : sizeBytes)
  })

  test('is refused while its file is on the way, when metadata comes after it', async () => {
    const form = await opened(multipart([...metadata(), filePart('x'.repeat(500_000)), ...metadata()]), [65_536])
    const before = form.errors()

    await expect(bytesIn(form)).rejects.toThrow()

    expect([before, Object.keys(form.errors() ?? {})]).toEqual([undefined, ['Metadata']])
  })

  test.each([
    ['metadata after its file', (long: string) => [filePart('x'), { name: `Metadata.${long}`, value: '' }]],
    ['a long value', (long: string) => [{ name: long, value: 'x'.repeat(20_000) }]],
    ['a header twice', (long: string) => [{ name: 'x', value: '', type: `text/plain\r\n${long}: a\r\n${long}: b` }]],
  ])('repeats little of what it says when it is refused for %s', async (_, partsOf) => {
    const form = await opened(multipart(partsOf('x'.repeat(3000))), [65_536])
    await bytesIn(form).catch(() => {})

    expect(form.errors()).toBeDefined()
    expect(JSON.stringify(form.errors()).length).toBeLessThan(500)
  })

  test('is refused when it is longer than a form may be', async () => {
    const { contentType, body } = multipart([filePart('x'.repeat(500_000))])
    const form = await openForm(contentType, inChunks(body, [65_536]), names, { maxBytes: 400_000 })

    await expect(bytesIn(form)).rejects.toThrow()

    expect(form.errors()).toMatchObject({ '': [expect.stringContaining('400000 bytes')] })
  })

  test('is refused without a boundary', async () => {
    const form = await opened({ contentType: 'multipart/form-data', body: Buffer.from('x') })

    expect(form.errors()).toMatchObject({ '': [expect.stringContaining('boundary')] })
  })
})

/**
 * A body of a form with a file of so many chunks of 64 KiB, as the host hands it on, and how much of it has been taken.
 */
function longBody(chunks: number, failure?: Error) {
  const { contentType, body } = multipart([filePart('')])
  const split = body.indexOf('\r\n\r\n') + 4
  const taken = { chunks: 0, toTheEnd: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(body.subarray(0, split)),
      pull(controller) {
        if (taken.chunks < chunks) {
          taken.chunks++
          return controller.enqueue(new Uint8Array(65_536))
        }
        if (failure) return controller.error(failure)
        controller.enqueue(body.subarray(split))
        taken.toTheEnd = true
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return { contentType, stream, taken }
}

describe('a file in a form', () => {
  test('is read no faster than it is wanted', async () => {
    const { contentType, stream, taken } = longBody(4096) // 256 MiB
    const form = await openForm(contentType, chunksOf(stream), names)
    let [received, furthestAhead] = [0, 0]

    for await (const chunk of form.file ?? []) {
      received += chunk.length
      furthestAhead = Math.max(furthestAhead, taken.chunks * 65_536 - received)
      if (received % (64 * 65_536) === 0) await new Promise(setImmediate)
    }

    expect(received).toBe(256 * 2 ** 20)
    expect(furthestAhead).toBeLessThan(2 ** 20)
  })

  test('waits until it is read', async () => {
    const { contentType, stream, taken } = longBody(100)

    await openForm(contentType, chunksOf(stream), names)
    for (let i = 0; i < 50; i++) await new Promise(setImmediate)

    expect(taken.chunks).toBeLessThan(16)
  })

  test('runs to waste when nobody has begun to read it, and the form is closed', async () => {
    const { contentType, stream, taken } = longBody(100)
    const form = await openForm(contentType, chunksOf(stream), names)

    form.close()

    await until(() => expect(taken.toTheEnd).toBe(true))
  })

  test('runs to waste when it is left half-way', async () => {
    const { contentType, stream, taken } = longBody(100)
    const form = await openForm(contentType, chunksOf(stream), names)

    for await (const _ of form.file ?? []) break

    await until(() => expect(taken.toTheEnd).toBe(true))
  })

  test('fails when the client goes away', async () => {
    const { contentType, stream } = longBody(100, new Error('ECONNRESET'))
    const form = await openForm(contentType, chunksOf(stream), names)

    await expect(bytesIn(form)).rejects.toThrow('breaks off')
    expect(form.errors()).toEqual({ '': [expect.stringContaining('breaks off')] })
  })

  test('fails when it is read after the client has gone', async () => {
    const { contentType, stream } = longBody(1, new Error('ECONNRESET'))
    const form = await openForm(contentType, chunksOf(stream), names)
    for (let i = 0; i < 10; i++) await new Promise(setImmediate)

    await expect(bytesIn(form)).rejects.toThrow()
  })
})
