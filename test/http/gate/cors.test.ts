import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { type HttpRequest, type HttpResponse, Upload } from 'tus-js-client'
import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { corsHeaders, preflight, READ, SENT } from '../../../src/http/gate/cors.js'
import { openApi } from '../../../src/http/openapi/openApi.js'
import { refuseWith, refusingFunctions } from '../../../src/http/serving/refusedMethods.js'
import { type Handle, serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, kari } from '../../support/builders.js'

const PAGE = 'https://app.example'
const asks = (method: string, headers: Record<string, string>) => ({ method, headers: new Headers(headers) })
const question = { origin: PAGE, 'access-control-request-method': 'PATCH' }

/** The CORS headers of an answer. */
const told = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'))

const READABLE = { vary: 'Origin', 'access-control-allow-origin': PAGE, 'access-control-expose-headers': READ }

describe('cross-origin requests', () => {
  test('are answered for known origins only, and say so to caches', () => {
    expect(corsHeaders([PAGE], asks('GET', { origin: PAGE }))).toEqual(READABLE)
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string({ unit: 'grapheme-ascii' })), (origin) => {
        expect(corsHeaders([PAGE], asks('GET', { origin }))).toEqual({ vary: 'Origin' })
        expect(corsHeaders([], asks('GET', { origin }))).toEqual({})
      }),
    )
    expect(corsHeaders([PAGE], asks('GET', {}))).toEqual({ vary: 'Origin' })
    expect(corsHeaders(undefined, asks('GET', { origin: PAGE }))).toEqual({})
  })

  test('are asked for beforehand with OPTIONS and the method that is to follow', () => {
    expect(preflight([PAGE], asks('OPTIONS', question), 'POST, PATCH')).toEqual({
      status: 204,
      headers: {
        'access-control-allow-methods': 'POST, PATCH',
        'access-control-allow-headers': SENT,
        'access-control-max-age': '7200',
      },
    })
    expect(preflight([PAGE], asks('OPTIONS', { origin: PAGE }), '')).toBeUndefined()
    expect(preflight([PAGE], asks('PATCH', question), '')).toBeUndefined()
    expect(preflight([PAGE], asks('OPTIONS', { ...question, origin: 'https://other.example' }), '')).toBeUndefined()
    expect(preflight([], asks('OPTIONS', question), '')).toBeUndefined()
  })
})

describe('a page', () => {
  type Header = { headers?: Record<string, unknown> }
  type Parameter = { in: string; name: string }
  type Documented = { parameters?: Parameter[]; responses?: Record<string, Header> }
  const { paths } = openApi('https://broker.example') as { paths: Record<string, Record<string, unknown>> }
  const documented = Object.values(paths).flatMap((path) => [path, ...Object.values(path)]) as Documented[]

  test('may send every header that the document names', () => {
    const named = documented.flatMap(({ parameters = [] }) => parameters.filter((each) => each.in === 'header'))

    expect(named.length).toBeGreaterThan(0)
    expect(SENT.toLowerCase().split(', ')).toEqual(expect.arrayContaining(named.map(({ name }) => name.toLowerCase())))
  })

  // https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/ and RFC 9110 §13.1.5: what tracing and a
  // download that goes on add.
  test.each(['traceparent', 'tracestate', 'baggage', 'X-Request-ID', 'If-Range'])('may send %s', (name) => {
    expect(SENT.split(', ')).toContain(name)
  })

  test.each(['Content-Encoding', 'Content-Range', 'Content-Transfer-Encoding'])(
    'may send %s, to read why it is refused',
    (name) => {
      expect(SENT.split(', ')).toContain(name)
    },
  )

  test('may send every header that the guide sends to Broker', () => {
    const guide = new URL('../../../docs/guide/', import.meta.url)
    const commands = readdirSync(guide).flatMap((name) =>
      readFileSync(new URL(name, guide), 'utf8').replaceAll('\\\n', ' ').split('\n'),
    )
    const headers = commands
      .filter((command) => !command.includes('x-ms-')) // to the storage
      .flatMap((command) => [...command.matchAll(/-H ['"]([\w-]+):/g)].map(([, name = '']) => name.toLowerCase()))
      .filter((name) => name !== 'transfer-encoding') // no page may set it

    expect(headers).toEqual(expect.arrayContaining(['content-type', 'upload-offset']))
    expect(SENT.toLowerCase().split(', ')).toEqual(expect.arrayContaining(headers))
  })

  test.each([1, 2])('may send every header that the reference client of TUS sends, in %i parts', async (parts) => {
    const sent = await sentByTus(parts)

    expect(sent).toEqual(expect.arrayContaining(['x-request-id', 'x-http-method-override', 'upload-metadata']))
    expect(SENT.toLowerCase().split(', ')).toEqual(expect.arrayContaining(sent))
  })

  test('may read every header that the document names', () => {
    const named = documented.flatMap(({ responses = {} }) =>
      Object.values(responses).flatMap(({ headers = {} }) => Object.keys(headers)),
    )

    expect(named.length).toBeGreaterThan(0)
    // Of those that a page may always read (Fetch, CORS-safelisted response-header names) one is named.
    expect(['Cache-Control', ...READ.split(', ')]).toEqual(expect.arrayContaining(named))
  })
})

/** The names of the headers that tus-js-client sends for an upload, with all that it can add. */
async function sentByTus(parallelUploads: number): Promise<string[]> {
  const sent = new Set<string>()
  const answerTo = (method: string, length: string | undefined): HttpResponse => {
    const headers: Record<string, string> = { location: '/there', 'upload-offset': length ?? '0' }
    return {
      getStatus: () => (method === 'POST' && length === undefined ? 201 : 204),
      getHeader: (name) => headers[name.toLowerCase()],
      getBody: () => '',
      getUnderlyingObject: () => undefined,
    }
  }
  const createRequest = (method: string, url: string): HttpRequest => {
    const own = new Map<string, string>()
    return {
      getMethod: () => method,
      getURL: () => url,
      setHeader: (name, value) => {
        own.set(name.toLowerCase(), value)
        sent.add(name.toLowerCase())
      },
      getHeader: (name) => own.get(name.toLowerCase()),
      setProgressHandler: () => {},
      send: async (body) => answerTo(method, body ? String(Number(own.get('upload-offset')) + body.size) : undefined),
      abort: async () => {},
      getUnderlyingObject: () => undefined,
    }
  }
  const bytes = Buffer.from('Hei på deg!')
  await new Promise<void>((resolve, reject) => {
    new Upload(bytes, {
      endpoint: 'http://broker.example/tus',
      parallelUploads,
      chunkSize: 4,
      retryDelays: [],
      addRequestId: true,
      overridePatchMethod: true,
      metadata: { filename: 'a' },
      headers: { Authorization: 'x' },
      httpStack: { createRequest, getName: () => 'recorded' },
      onError: reject,
      onSuccess: () => resolve(),
    }).start()
  })
  return [...sent]
}

describe('the answer of an operation', () => {
  const scopes = ['altinn:broker.read']
  const caller = { organization: kari, vendor: undefined, scopes, claims: {} }
  const serve = serveWith({ verify: async () => ({ caller }), log: () => {}, corsOrigins: [PAGE] })
  const token = { authorization: 'Bearer any' }
  const download = (headers: Record<string, string>, handle: Handle<typeof contract.downloadFile>) =>
    answerOf(serve(contract.downloadFile, handle), { params: { fileTransferId }, headers })

  test.each<[string, number, Record<string, string>, Handle<typeof contract.downloadFile>]>([
    ['is good', 200, token, async () => ok({ headers: { 'content-disposition': 'attachment' } })],
    ['refuses the caller', 401, {}, async () => ok({})],
    ['is a problem', 404, token, async () => err('FileTransferNotFound')],
    ['tells of a failure', 500, token, async () => Promise.reject(new Error('x'))],
  ])('can be read by a page of a known origin alone when it %s', async (_, status, headers, handle) => {
    const known = await download({ ...headers, origin: PAGE }, handle)
    const other = await download({ ...headers, origin: 'https://other.example' }, handle)

    expect([known.status, other.status]).toEqual([status, status])
    expect(told(known.headers)).toEqual(READABLE)
    expect(told(other.headers)).toEqual({ vary: 'Origin' })
  })
})

describe('a path', () => {
  const [refusing] = refusingFunctions([
    { method: 'GET', path: 'x/{id}' },
    { method: 'PUT', path: 'x/{id}' },
  ])
  const answer = (method: string, headers: Record<string, string>, corsOrigins = [PAGE]) => {
    if (!refusing) throw new Error('No function refuses there.')
    return answerOf(refuseWith({ corsOrigins })(refusing), { method, headers })
  }

  test('answers a preflight with the methods it has', async () => {
    const { status, headers } = await answer('OPTIONS', question)

    expect(status).toBe(204)
    expect(told(headers)).toEqual({
      ...READABLE,
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': SENT,
      'access-control-max-age': '7200',
    })
    expect(headers.has('allow')).toBe(false)
  })

  test.each([
    ['another method', 'PATCH', { origin: PAGE }, READABLE],
    ['OPTIONS that asks for no page', 'OPTIONS', { origin: PAGE }, READABLE],
    ['a page of another origin', 'OPTIONS', { ...question, origin: 'https://other.example' }, { vary: 'Origin' }],
  ])('refuses %s', async (_, method, sent, expected) => {
    const { status, headers } = await answer(method, sent)

    expect([status, headers.get('allow')]).toEqual([405, 'GET, PUT'])
    expect(told(headers)).toEqual(expected)
  })

  test('answers no preflight where no origin is known', async () => {
    const { status, headers } = await answer('OPTIONS', question, [])

    expect([status, told(headers)]).toEqual([405, {}])
  })
})
