import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { parseFields } from '../../../src/http/input/formInput.js'
import { type Handle, serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, jsonIn, kari, ola, sender } from '../../support/builders.js'
import { type FormPart, filePart, metadata, multipart } from '../../support/forms.js'

const { body } = contract.initializeAndUpload
type Fields = [string, string][]
const fieldsOf = (more: Record<string, string> = {}): Fields =>
  metadata(more).map(({ name, value }) => [name, String(value)])
const parse = (fields: Fields) => {
  const parsed = parseFields(body, fields, false)
  return 'value' in parsed ? parsed.value : parsed.errors
}
const keysOf = (fields: Fields) => Object.keys(parse(fields)).sort()

describe('the metadata of a form', () => {
  test('is what initialize takes as JSON', () => {
    expect(
      parse([
        ...fieldsOf({ DisableVirusScan: 'True', Checksum: 'a'.repeat(32), ChecksumSha256: 'B'.repeat(64) }),
        ['Other', 'x'],
      ]),
    ).toEqual({
      fileName: 'report.pdf',
      resourceId: 'letters',
      sendersFileTransferReference: 'our-7',
      sender,
      recipients: [kari],
      propertyList: {},
      checksum: 'a'.repeat(32),
      checksumSha256: 'b'.repeat(64),
      disableVirusScan: true,
    })
  })

  test('has names in any case', () => {
    const fields = fieldsOf({ 'PROPERTYLIST[Key]': 'Value' }).map(([name, value]) => [name.toUpperCase(), value])

    expect(parse(fields as Fields)).toMatchObject({ fileName: 'report.pdf', propertyList: { KEY: 'Value' } })
  })

  test.each<[string, Fields]>([
    ['repeated', [['Metadata.Recipients', `0192:${ola}`]]],
    ['with an empty index', [['Metadata.Recipients[]', `0192:${ola}`]]],
    ['with an index', [['metadata.recipients[0]', `0192:${ola}`]]],
  ])('lists recipients: %s', (_, more) => {
    expect(parse([...fieldsOf(), ...more])).toMatchObject({ recipients: [kari, ola] })
  })

  test('lists recipients in the order of their indexes', () => {
    const fields = fieldsOf().filter(([name]) => name !== 'Metadata.Recipients')
    const indexed: Fields = [10, 2, 1].map((i) => [`Metadata.Recipients[${i}]`, `0192:99999999${i % 10}`])

    expect(parse([...fields, ...indexed])).toMatchObject({ recipients: ['999999991', '999999992', '999999990'] })
  })

  test('has properties in brackets or after a dot, and the first of several counts', () => {
    const more = {
      'PropertyList[a.b]': '1',
      'PropertyList.c': '2',
      'PropertyList.C': '3',
    }
    const fields: Fields = [...fieldsOf(more), ['Metadata.PropertyList[c]', '5'], ['Metadata.FileName', 'another']]

    const parsed = parse(fields)

    expect(parsed).toMatchObject({ fileName: 'report.pdf' })
    expect(Object.entries((parsed as { propertyList: object }).propertyList).sort()).toEqual([
      ['C', '3'],
      ['a.b', '1'],
      ['c', '2'],
    ])
  })

  test('has no checksum and is scanned when nothing is said', () => {
    expect(parse(fieldsOf())).toMatchObject({ checksum: '', disableVirusScan: false })
    expect(parse(fieldsOf({ Checksum: '', DisableVirusScan: '' }))).toMatchObject({
      checksum: null,
      disableVirusScan: false,
    })
  })

  test('is missing as a whole when no field of it is there', () => {
    expect(keysOf([['Other', 'x']])).toEqual(['Metadata'])
    expect(keysOf([['FileName', 'x']])).toEqual(['Metadata'])
  })

  test('is refused field by field, all at once', () => {
    expect(keysOf([['Metadata.DisableVirusScan', 'perhaps']])).toEqual([
      'Metadata.DisableVirusScan',
      'Metadata.FileName',
      'Metadata.Recipients',
      'Metadata.ResourceId',
      'Metadata.Sender',
      'Metadata.SendersFileTransferReference',
    ])
  })

  test.each<[string, string]>([
    ['FileName', ''],
    ['FileName', 'x'.repeat(256)],
    ['ResourceId', ''],
    ['ResourceId', 'a:b'],
    ['SendersFileTransferReference', ''],
    ['Sender', ''],
    ['Sender', '991825827'],
    ['Recipients', ''],
    ['Recipients', 'me'],
    ['Checksum', 'ABC'],
    ['DisableVirusScan', '1'],
  ])('is refused by the name of the field: %s, %j', (name, value) => {
    expect(keysOf(fieldsOf({ [name]: value }))).toEqual([`Metadata.${name}`])
  })

  test.each([
    ['a key that would be lost', { 'PropertyList.a': 'x', 'PropertyList[__proto__]': 'x' }],
    ['a key that would be lost, after a dot', { 'PropertyList.__proto__': 'x' }],
    ['a key that is too long', { [`PropertyList[${'k'.repeat(51)}]`]: 'x' }],
    ['a value that is too long', { 'PropertyList[k]': 'x'.repeat(3001) }],
    ['an empty value', { 'PropertyList[k]': '' }],
    ['too many properties', Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`PropertyList[${i}]`, 'x']))],
  ])('is refused with %s', (_, more) => {
    expect(keysOf(fieldsOf(more)).every((key) => key.startsWith('Metadata.PropertyList'))).toBe(true)
    expect(keysOf(fieldsOf(more))).toHaveLength(1)
  })
})

describe('an operation that takes a form', () => {
  const caller = { organization: sender, vendor: undefined, scopes: ['altinn:broker.write'], claims: {} }
  const logged: unknown[] = []
  const serve = serveWith({ verify: async () => ({ caller }), log: (...line) => void logged.push(line) })
  type Handler = Handle<typeof contract.initializeAndUpload>
  const ask = (
    parts: FormPart[],
    handle: Handler = async () => ok({}),
    headers: Record<string, string> = {},
    end = '--\r\n',
  ) => {
    const form = multipart(parts, { end })
    return answerOf(serve(contract.initializeAndUpload, handle), {
      method: 'POST',
      body: form.body.toString('utf8'),
      headers: { authorization: 'Bearer any', 'content-type': form.contentType, ...headers },
    })
  }
  const errorsOf = async (parts: FormPart[]) => {
    const answer = await ask(parts)
    return { status: answer.status, ...(jsonIn(answer) as { errors: Record<string, string[]> }) }
  }
  /** Reads the file to its end, as a storage would, and refuses it when it breaks off. */
  const storing: Handler = async ({ file }) => {
    try {
      await Array.fromAsync(file.body)
      return ok({})
    } catch {
      return err({ problem: 'UploadFailed', fileTransferId })
    }
  }

  test('gets its fields and its file, whose length nobody has declared', async () => {
    const seen: unknown[] = []

    await ask(
      [...metadata(), filePart('hello')],
      async ({ body, file }) => {
        seen.push(body.fileName, file.declaredBytes, Buffer.concat(await Array.fromAsync(file.body)).toString())
        return ok({})
      },
      { 'content-length': '1000' },
    )

    expect(seen).toEqual(['report.pdf', undefined, 'hello'])
  })

  test.each<Record<string, string>>([{ 'content-type': 'application/json' }, { 'content-type': '' }])(
    'refuses another content type before the token, with nothing in the answer: %j',
    async (headers) => {
      const answer = await ask(metadata(), undefined, { ...headers, authorization: '' })

      expect([answer.status, answer.text]).toEqual([415, ''])
    },
  )

  test('names what is missing: metadata, file, or both', async () => {
    expect(Object.keys((await errorsOf([filePart('x')])).errors)).toEqual(['Metadata'])
    expect(Object.keys((await errorsOf(metadata())).errors)).toEqual(['FileTransfer'])
    expect(Object.keys((await errorsOf([])).errors)).toEqual(['Metadata', 'FileTransfer'])
  })

  test('names a field in an error, whatever its name is', async () => {
    const names = ['x', '__proto__', 'constructor', 'toString', '__proto__[x]']
    for (const name of names) {
      const refused = await errorsOf([{ name, value: 'x'.repeat(20_000) }, ...metadata(), filePart('x')])

      expect([refused.status, Object.keys(refused.errors)]).toEqual([400, [name]])
    }
  })

  test('takes a small file before its metadata, or between its fields', async () => {
    for (const parts of [
      [filePart('hello'), ...metadata()],
      [...metadata().slice(3), filePart('hello'), ...metadata({ 'PropertyList[late]': 'x' }).slice(0, 3)],
    ]) {
      const seen: unknown[] = []

      const answer = await ask(parts, async ({ body, file }) => {
        seen.push(body.fileName, Buffer.concat(await Array.fromAsync(file.body)).toString())
        return ok({})
      })

      expect([answer.status, seen]).toEqual([200, ['report.pdf', 'hello']])
    }
  })

  test('says that metadata comes before a file that is not small, where it has not', async () => {
    const large = filePart('x'.repeat(8 * 2 ** 20 + 1))

    const late = await errorsOf([large, ...metadata()])
    const partly = await errorsOf([...metadata().slice(1), large])

    expect(late).toMatchObject({
      status: 400,
      errors: { Metadata: [expect.any(String), expect.stringMatching(/before.*8 MiB/)] },
    })
    expect(partly.errors).toEqual({ 'Metadata.FileName': [expect.any(String), expect.stringContaining('before')] })
  })

  test('is refused as a whole when a small file before its metadata is in a form that breaks off', async () => {
    let calls = 0

    const answer = await ask([filePart('x'), ...metadata()], async () => ok({ text: String(calls++) }), {}, '')

    expect([answer.status, jsonIn(answer), calls]).toMatchObject([
      400,
      { errors: { '': [expect.stringMatching(/breaks off/)] } },
      0,
    ])
  })

  test('refuses a body that is declared longer than a form may be', async () => {
    const answer = await ask(metadata(), undefined, { 'content-length': '2147483648' })

    expect([answer.status, jsonIn(answer)]).toMatchObject([400, { errors: { '': [expect.any(String)] } }])
  })

  test('names the transfer that was begun, when its file is refused', async () => {
    const answer = await ask([...metadata(), filePart('x')], async () =>
      err({ problem: 'FileSizeTooBig', fileTransferId }),
    )

    expect([answer.status, jsonIn(answer)]).toMatchObject([
      400,
      { code: 'BRO-00016', fileTransferId, detail: expect.stringContaining(`/${fileTransferId}/upload`) },
    ])
  })

  test('names it when the form breaks off', async () => {
    const broken = await ask([...metadata(), filePart('x'.repeat(300_000))], storing, {}, '')

    expect([broken.status, jsonIn(broken)]).toMatchObject([
      400,
      { fileTransferId, errors: { '': [expect.stringMatching(/breaks off/)] } },
    ])
  })

  test('names it when something fails behind it', async () => {
    const failing = (cause: Error) =>
      ask([...metadata(), filePart('x')], async () => {
        throw Object.assign(new Error('failed', { cause }), { fileTransferId })
      })

    const outage = await failing(Object.assign(new Error('down'), { statusCode: 503 }))
    const bug = await failing(new Error('a bug'))

    expect([outage.status, jsonIn(outage)]).toMatchObject([503, { fileTransferId }])
    expect([bug.status, jsonIn(bug)]).toMatchObject([500, { fileTransferId }])
  })
})
