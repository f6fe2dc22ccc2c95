import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { openForm } from '../../../src/http/input/multipart.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, sender } from '../../support/builders.js'
import { filePart, inChunks, metadata, multipart } from '../../support/forms.js'

const names = { metadata: 'Metadata', file: 'FileTransfer' }
/** What a form comes to: the bytes of its file, in Latin-1; undefined: it is refused. */
type Outcome = { fields: [string, string][]; file: string | undefined } | undefined

async function read(contentType: string, body: Uint8Array, sizes: number[]): Promise<Outcome> {
  const form = await openForm(contentType, inChunks(body, sizes), names)
  const chunks = await Array.fromAsync(form.file ?? []).catch(() => undefined)
  if (!chunks || form.errors()) return undefined
  return { fields: form.fields, file: form.file && Buffer.concat(chunks).toString('latin1') }
}

/** RFC 2046 §5.1.1 to the letter, over the whole body at once, for parts whose names tell what they are. */
function strictly(boundary: string, body: Uint8Array): Outcome {
  const text = `\r\n${Buffer.from(body).toString('latin1')}`
  const [, ...parts] = text.split(`\r\n--${boundary}`)
  const last = parts.pop()
  if (last === undefined || !/^--[ \t]*(\r?\n|$)/.test(last)) return undefined
  const read: NonNullable<Outcome> = { fields: [], file: undefined }
  for (const part of parts) {
    const [, head = '', content = ''] = /^[ \t]*\r\n((?:[^\r\n]+\r\n)*)\r\n(.*)$/s.exec(part) ?? []
    const [, name, fileName] =
      /^Content-Disposition: form-data; name="([^"]*)"(?:; filename="([^"]+)")?\r\n/.exec(head) ?? []
    if (name === undefined) return undefined
    if (fileName === undefined && read.file === undefined) read.fields.push([name, content])
    if (fileName !== undefined) read.file ??= content
  }
  return read
}

const boundaries = fc.constantFrom('B', 'xX', '----=_Part/7', "'()+_,-./:=?", 'a b', `${'-'.repeat(69)}9`)
const declared = (boundary: string) => `multipart/form-data; charset=utf-8; Boundary="${boundary}"`

/** Bytes that look like the framing of the form, or are none of it. */
const contents = (boundary: string) =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          `\r\n--${boundary}`,
          `--${boundary}`,
          `\n--${boundary}`,
          `\r\n--${boundary}-`,
          `\r\n--${boundary}--`,
          `\r\n--${boundary.slice(0, -1)}`,
          '\r\n',
          '\r',
          '\n',
          '-',
          '--',
          ' ',
          '\t',
          'text',
          '\r\n\r\n',
          '\0',
          'Content-Disposition: form-data; name="FileTransfer"; filename="y"\r\n\r\n',
        ),
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join(''))

const mostly = (usual: string, ...others: string[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, fc.constantFrom(...others))

/** A form, or nearly one: with what may be around delimiters, and cut anywhere or not at all. */
const forms = boundaries.chain((boundary) =>
  fc
    .record({
      preamble: mostly('', 'preamble\r\n', 'a line\nand another\r\n', `--${boundary}x\r\n`, '\n'),
      padding: mostly('', ' ', '\t ', 'x', ' x', '-'),
      lineEnd: mostly('\r\n', '\n', '\r'),
      field: contents(boundary),
      file: contents(boundary),
      end: mostly('--\r\n', '--', '--\n', '-- \t\r\nepilogue', '--epilogue', '-', '', '\r\n'),
      epilogue: mostly('', 'epilogue', `\r\n--${boundary}--`, `--${boundary}`),
      cut: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.double({ min: 0, max: 1, noNaN: true })),
    })
    .map(({ preamble, padding, lineEnd, field, file, end, epilogue, cut }) => {
      const delimiter = `--${boundary}`
      const head = (name: string) => `${delimiter}${padding}${lineEnd}Content-Disposition: form-data; name="${name}"`
      const whole = [
        `${preamble}${head('Metadata.FileName')}${lineEnd}${lineEnd}${field}`,
        `${lineEnd}${head('FileTransfer')}; filename="x"${lineEnd}${lineEnd}${file}${lineEnd}${delimiter}${end}${epilogue}`,
      ].join('')
      const body = Buffer.from(whole, 'latin1')
      return { boundary, body: cut === null ? body : body.subarray(0, Math.floor(cut * body.length)) }
    }),
)
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 })

describe('any form, nearly a form, or a piece of one', () => {
  test('is read as the letter of the standard says, or refused, however it arrives', async () => {
    const seen = { whole: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(forms, sizes, async ({ boundary, body }, chunks) => {
        const expected = strictly(boundary, body)
        seen[expected ? 'whole' : 'refused']++

        const outcome = await read(declared(boundary), body, chunks)

        expect(outcome?.file).toBe(expected?.file)
        expect(outcome === undefined).toBe(expected === undefined)
        expect(outcome?.fields.length).toBe(expected?.fields.length)
      }),
      { numRuns: 3000 },
    )
    expect(Math.min(seen.whole, seen.refused)).toBeGreaterThan(200)
  })

  test('is read as another reader of forms does, where that one takes it', async () => {
    let compared = 0
    // That one knows boundaries of 27 to 70 characters, and no blanks around delimiters.
    const written = fc
      .constantFrom('----WebKitFormBoundary7MA4YWxkTrZu0gW', '----=_Part_7_abcdefghijklmnopqrstu', '-'.repeat(70))
      .chain((boundary) => fc.tuple(fc.constant(boundary), contents(boundary), contents(boundary)))
    await fc.assert(
      fc.asyncProperty(written, sizes, async ([boundary, field, file], chunks) => {
        const { contentType, body } = multipart([{ name: 'Other', value: field }, filePart(file)], { boundary })
        const outcome = await read(contentType, body, chunks)
        const headers = { 'content-type': contentType }
        const other = await new Response(new Uint8Array(body), { headers }).formData().catch(() => undefined)
        const otherFile = other?.get('FileTransfer')
        if (!outcome || !(otherFile instanceof File)) return
        compared++

        const bytes = Buffer.from(await otherFile.arrayBuffer())
        expect(outcome.file).toBe(bytes.toString('latin1'))
      }),
      { numRuns: 2000 },
    )
    expect(compared).toBeGreaterThan(300)
  })

  test('is the same, wherever its body is cut in two', async () => {
    const file = 'a\r\n--xy\r\n--x-\r\n--\r\n-\r\r\nb'
    const { contentType, body } = multipart([...metadata(), filePart(file)], { boundary: 'xyz' })

    for (let at = 1; at < body.length; at++) {
      expect((await read(contentType, body, [at, body.length]))?.file, `cut at ${at}`).toBe(file)
    }
  })
})

describe('initializing and uploading in one', () => {
  const caller = { organization: sender, vendor: undefined, scopes: ['altinn:broker.write'], claims: {} }
  const serve = serveWith({ verify: async () => ({ caller }), log: () => {} })
  /** The status of the answer; what is taken is what a store would take. */
  async function sent(contentType: string, body: Uint8Array) {
    let taken: string | undefined
    const options = serve(contract.initializeAndUpload, async ({ file }) => {
      const chunks = await Array.fromAsync(file.body).catch(() => undefined)
      if (!chunks) return err('UploadFailed')
      taken = Buffer.concat(chunks).toString('latin1')
      return ok({ json: { fileTransferId: 'id' } })
    })
    const headers = { authorization: 'Bearer any', 'content-type': contentType }
    const { status } = await answerOf(options, { method: 'POST', headers, body: Buffer.from(body).toString('latin1') })
    return { status, taken }
  }

  test('takes a form only when it is whole: cut at any byte, with the file first or last, it is a 400', async () => {
    for (const parts of [
      [...metadata(), filePart('0123456789')],
      [filePart('0123456789'), ...metadata()],
    ]) {
      const { contentType, body } = multipart(parts, { boundary: 'B', end: '--' })
      for (let length = 0; length < body.length; length++) {
        expect(await sent(contentType, body.subarray(0, length)), `${length} bytes`).toEqual({
          status: 400,
          taken: undefined,
        })
      }
      expect(await sent(contentType, body)).toEqual({ status: 200, taken: '0123456789' })
    }
  })

  const partWith = (header: string) => `--B\r\nContent-Disposition: form-data; name="x"\r\n${header}\r\n\r\ntwo`

  test.each(['Content-Transfer-Encoding: binary', 'content-transfer-encoding: 8BIT', 'Content-Encoding: identity'])(
    'takes a form with a part that says %s',
    async (header) => {
      const { contentType, body } = multipart([...metadata(), filePart(`one\r\n${partWith(header)}`)], {
        boundary: 'B',
      })

      expect(await sent(contentType, body)).toEqual({ status: 200, taken: 'one' })
    },
  )

  test.each([
    ['a line that begins like a delimiter', { file: 'one\r\n--Bxyz\r\ntwo' }],
    ['a line that begins like the closing delimiter', { file: 'one\r\n--B--xyz\r\ntwo' }],
    ['a line that is the closing delimiter', { file: 'one\r\n--B--\r\ntwo' }],
    ['a delimiter that is not the end of a line', { file: 'one\r\n--B \ntwo' }],
    ['a part without Content-Disposition', { file: 'one\r\n--B\r\nContent-Type: text/plain\r\n\r\ntwo' }],
    ['a part without headers', { file: 'one\r\n--B\r\n\r\ntwo' }],
    ['a part without a name', { file: 'one\r\n--B\r\nContent-Disposition: form-data\r\n\r\ntwo' }],
    ['a part of another disposition', { file: 'one\r\n--B\r\nContent-Disposition: attachment; name="x"\r\n\r\ntwo' }],
    ['a part in base64', { file: `one\r\n${partWith('Content-Transfer-Encoding: Base64')}` }],
    ['a part in quoted-printable', { file: `one\r\n${partWith('content-transfer-encoding:quoted-printable')}` }],
    ['a part that is compressed', { file: `one\r\n${partWith('Content-Encoding: gzip')}` }],
    ['a part of a file', { file: `one\r\n${partWith('Content-Range: bytes 0-2/9')}` }],
    ['no line end after its delimiters', { file: 'one\r\n--B' }],
  ])('refuses a form with %s', async (_, { file }) => {
    const { contentType, body } = multipart([...metadata(), filePart(file)], { boundary: 'B' })

    expect(await sent(contentType, body)).toEqual({ status: 400, taken: undefined })
  })
})
