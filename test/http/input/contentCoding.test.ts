import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract, operations } from '../../../src/http/contract/contract.js'
import { isUpload, type Operation } from '../../../src/http/contract/operation.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { serveTusWith } from '../../../src/http/tus/serveTus.js'
import { answerOf, fileTransferId, type HttpCall, sender } from '../../support/builders.js'
import { filePart, metadata, multipart } from '../../support/forms.js'

const altered: [number, Record<string, string>][] = [
  ...['gzip', 'GZip', 'br', 'zstd', 'identity, gzip', 'gzip, identity', ' deflate ', 'x-unheard-of'].map(
    (value): [number, Record<string, string>] => [415, { 'content-encoding': value }],
  ),
  ...['base64', 'Quoted-Printable', 'binary, base64', 'x-uuencode'].map((value): [number, Record<string, string>] => [
    400,
    { 'content-transfer-encoding': value },
  ]),
  ...['bytes 0-4/10', 'bytes 0-9/10', 'bytes */10', 'bytes 0-4/*', ''].map(
    (value): [number, Record<string, string>] => [400, { 'content-range': value }],
  ),
  [400, { 'transfer-encoding': 'gzip, chunked' }],
]
const unaltered: Record<string, string>[] = [
  {},
  { 'content-encoding': 'identity' },
  { 'content-encoding': 'Identity , IDENTITY' },
  { 'content-encoding': '' },
  { 'content-transfer-encoding': 'Binary' },
  { 'content-transfer-encoding': '8bit' },
  { 'content-transfer-encoding': '7BIT' },
  { 'transfer-encoding': 'chunked' },
]

const caller = { organization: sender, vendor: undefined, scopes: ['altinn:broker.write'], claims: {} }
const deps = { verify: async () => ({ caller }), log: () => {} }
const form = multipart([...metadata(), filePart('hello')])
type Request = HttpCall & { headers: Record<string, string> }

/** Every operation that takes the bytes of a file, with a good request for it. */
const uploads: [
  name: string,
  good: Request,
  handled: () => number,
  ask: (call: HttpCall) => ReturnType<typeof answerOf>,
][] = [
  ...Object.entries<Operation>(operations)
    .filter(([, row]) => isUpload(row))
    .map(([name, row]): (typeof uploads)[number] => {
      let handled = 0
      const options = serveWith(deps)(row, async () => ok({ json: { fileTransferId: String(handled++) } }))
      const isForm = row.consumes === 'multipart/form-data'
      const type = isForm ? form.contentType : 'application/octet-stream'
      const headers = { authorization: 'Bearer any', 'content-type': type }
      const body = isForm ? form.body.toString() : 'hello'
      const good = { method: row.method, params: { fileTransferId }, headers, body }
      return [name, good, () => handled, (call) => answerOf(options, call)]
    }),
  ...(['PATCH', 'POST'] as const).map((method): (typeof uploads)[number] => {
    let handled = 0
    const options = serveTusWith(deps)(contract.tusUpload, async () => {
      handled++
      return ok({ status: 204 })
    })
    const type = 'application/offset+octet-stream'
    const headers = { authorization: 'Bearer any', 'content-type': type, 'tus-resumable': '1.0.0' }
    const good = { method, params: { fileTransferId }, headers, body: 'hello' }
    return [`TUS ${method}`, good, () => handled, (call) => answerOf(options, call)]
  }),
]

test('the operations that take the bytes of a file are known', () => {
  expect(uploads.map(([name]) => name)).toEqual(['uploadFile', 'initializeAndUpload', 'TUS PATCH', 'TUS POST'])
})

describe.each(uploads)('%s', (_, good, handled, ask) => {
  test.each(altered)(
    'refuses with %i, in words and before it does anything, bytes that come with %j',
    async (status, more) => {
      const before = handled()

      const answer = await ask({ ...good, headers: { ...good.headers, ...more } })

      const [name = ''] = Object.keys(more)
      expect([answer.status, handled()]).toEqual([status, before])
      expect(answer.text.toLowerCase()).toContain(name)
      expect(answer.headers.get('accept-encoding')).toBe(status === 415 ? 'identity' : null)
    },
  )

  test.each(unaltered)('takes bytes that come with %j', async (more) => {
    const before = handled()

    const { status = 0 } = await ask({ ...good, headers: { ...good.headers, ...more } })

    expect([Math.floor(status / 100), handled()]).toEqual([2, before + 1])
  })
})
