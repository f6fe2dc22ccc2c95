import { beforeEach, describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract, operations } from '../../../src/http/contract/contract.js'
import { generated, type Reply } from '../../../src/http/serving/reply.js'
import { type Handle, serveWith } from '../../../src/http/serving/serve.js'
import type { Caller } from '../../../src/usecases/ports/access.js'
import { answerOf, fileTransferId, type HttpCall, jsonIn, kari, traceParent } from '../../support/builders.js'

const logged: unknown[][] = []
const holder = (...scopes: string[]): Caller => ({ organization: kari, vendor: undefined, scopes, claims: {} })

// A token that is good says which scopes it has; `bad` is no good, and `unknown` is of an issuer that does not answer.
const verify = async (token: string) => {
  if (token === 'bad') return { refused: 'Its time is up.' }
  if (token === 'unknown') throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })
  return { caller: holder(...token.split(',')) }
}
const measured: unknown[][] = []
const serve = serveWith({
  verify,
  log: (...line) => void logged.push(line),
  measure: (...given) => void measured.push(given),
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const asSender = bearer('altinn:broker.write')
const asRecipient = bearer('altinn:broker.read')
const asOwner = bearer('altinn:serviceowner')
const json = { 'content-type': 'application/json' }
const params = { fileTransferId }

const serviceOwner = (call: HttpCall, handle: Handle<typeof contract.registerServiceOwner> = async () => ok({})) =>
  answerOf(serve(contract.registerServiceOwner, handle), { method: 'POST', ...call })
const overview = (call: HttpCall, handle: Handle<typeof contract.getFileTransfer> = async () => ok({})) =>
  answerOf(serve(contract.getFileTransfer, handle), { params, ...call })
const download = (call: HttpCall, handle: Handle<typeof contract.downloadFile>) =>
  answerOf(serve(contract.downloadFile, handle), { params, headers: asRecipient, ...call })
const upload = (call: HttpCall, handle: Handle<typeof contract.uploadFile> = async () => ok({})) =>
  answerOf(serve(contract.uploadFile, handle), { method: 'POST', params, ...call })
const resource = (call: HttpCall, handle: Handle<typeof contract.configureResource> = async () => ok({})) =>
  answerOf(serve(contract.configureResource, handle), { method: 'PUT', params: { resourceId: 'letters' }, ...call })

beforeEach(() => {
  logged.length = 0
  measured.length = 0
})

describe('a function made of a row of the contract', () => {
  test('is registered under its path and method, open to the host', () => {
    expect(serve(contract.confirmDownload, async () => ok({}))).toMatchObject({
      methods: ['POST'],
      route: 'broker/api/v1/filetransfer/{fileTransferId}/confirmdownload',
      authLevel: 'anonymous',
    })
  })

  test('passes on the input, checked', async () => {
    let seen: unknown

    await download({ headers: { ...asRecipient, range: 'bytes=0-9' } }, async ({ caller, params, range }) => {
      seen = { caller, params, range }
      return ok({})
    })

    expect(seen).toEqual({ caller: holder('altinn:broker.read'), params: { fileTransferId }, range: 'bytes=0-9' })
  })

  test('streams the bytes of a file with the length that was declared', async () => {
    const headers = { ...asSender, 'content-length': '5' }
    let seen: unknown

    await upload({ headers, body: 'hello' }, async ({ file }) => {
      seen = { text: await textOf(file.body), declaredBytes: file.declaredBytes }
      return ok({})
    })

    expect(seen).toEqual({ text: 'hello', declaredBytes: 5 })
  })

  test('knows no length when none was declared', async () => {
    let seen: unknown = 'not asked'

    await upload({ headers: asSender, body: 'hello' }, async ({ file }) => {
      seen = file.declaredBytes
      return ok({})
    })

    expect(seen).toBeUndefined()
  })

  test('knows nobody where the operation is open', async () => {
    let caller: Caller | undefined

    await answerOf(
      serve(contract.getHealth, async (call) => {
        caller = call.caller
        return ok({ text: 'Up.' })
      }),
    )

    expect(caller).toEqual({ organization: undefined, vendor: undefined, scopes: [], claims: {} })
  })
})

describe('the order in which a request is refused', () => {
  const refused = async (call: HttpCall) =>
    (
      await answerOf(
        serve(contract.configureResource, async () => ok({})),
        { method: 'PUT', ...call },
      )
    ).status

  test('is content type, Accept, token, scope, parameters and body, and then what was asked', async () => {
    const call = {
      params: { resourceId: '' },
      headers: { 'content-type': 'text/plain', accept: 'text/html' },
      body: '{',
    }
    const { headers } = call

    expect(await refused(call)).toBe(415)
    expect(await refused({ ...call, headers: { ...headers, ...json } })).toBe(406)
    expect(await refused({ ...call, headers: json })).toBe(401)
    expect(await refused({ ...call, headers: { ...json, ...asSender } })).toBe(403)
    expect(await refused({ ...call, headers: { ...json, ...asOwner } })).toBe(400)
    expect(await refused({ params: { resourceId: 'letters' }, headers: { ...json, ...asOwner }, body: '{}' })).toBe(204)
  })

  test('has a body that is not said to be JSON after the token', async () => {
    expect(await refused({ params: { resourceId: 'letters' }, headers: asSender, body: '{}' })).toBe(403)
    expect(await refused({ params: { resourceId: 'letters' }, headers: asOwner, body: '{}' })).toBe(415)
  })

  test('has errors in the parameters and in the body in one answer', async () => {
    const call = { method: 'PUT', params: { resourceId: '' }, headers: { ...json, ...asOwner }, body: '{' }

    const answer = await answerOf(
      serve(contract.configureResource, async () => ok({})),
      call,
    )

    expect(Object.keys((jsonIn(answer) as { errors: object }).errors)).toEqual(['resourceId', '$', 'resourceExt'])
  })

  test('has a content type before parameters', async () => {
    expect(await refused({ params: { resourceId: '' }, headers: asOwner, body: '{}' })).toBe(415)
  })

  test('calls nobody before all of it has passed', async () => {
    let calls = 0
    const handle = async () => {
      calls++
      return ok({})
    }

    await serviceOwner({ headers: { ...asOwner, ...json }, body: '{' }, handle)
    await serviceOwner({ headers: json, body: '{"name":"x"}' }, handle)

    expect(calls).toBe(0)
  })
})

describe('the content type of a request', () => {
  const initialize = (headers: Record<string, string>) =>
    answerOf(
      serve(contract.initializeFileTransfer, async () => ok({})),
      { method: 'POST', headers: { ...asSender, ...headers }, body: 'null' },
    )

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'text/json',
    'application/problem+json',
  ])('may be %s for initialize', async (type) => {
    expect((await initialize({ 'content-type': type })).status).toBe(400)
  })

  test.each<Record<string, string>>([
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/xml' },
    { 'content-type': 'application/jsonp' },
  ])('is refused with a problem for initialize: %j', async (headers) => {
    const answer = await initialize(headers)

    expect(answer.status).toBe(415)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(jsonIn(answer)).toMatchObject({
      type: 'https://tools.ietf.org/html/rfc9110#section-15.5.16',
      title: 'Unsupported Media Type',
      status: 415,
      traceId: traceParent,
    })
  })

  test.each<Record<string, string>>([{}, { 'content-type': '' }, { 'content-type': 'application/octet-stream' }])(
    'may be that of bytes or none for upload: %j',
    async (headers) => {
      expect((await upload({ headers: { ...asSender, ...headers } })).status).toBe(200)
    },
  )

  test.each(['application/json', 'multipart/form-data', 'text/plain'])(
    'is refused for upload, at once and with nothing in the answer: %s',
    async (type) => {
      const answer = await upload({ headers: { 'content-type': type } })

      expect(answer).toMatchObject({ status: 415, text: '' })
    },
  )

  test.each(['text/json', 'application/problem+json', 'text/plain'])(
    'is refused for a resource and for a service owner, at once and with nothing in the answer: %s',
    async (type) => {
      const call = { headers: { 'content-type': type }, body: '{}' }

      expect(await resource(call)).toMatchObject({ status: 415, text: '' })
      expect(await serviceOwner(call)).toMatchObject({ status: 415, text: '' })
    },
  )

  test('that is missing is refused with a problem for a resource and for a service owner', async () => {
    const call = { headers: asOwner, body: '{}' }

    expect(jsonIn(await resource(call))).toMatchObject({ title: 'Unsupported Media Type', status: 415 })
    expect(jsonIn(await serviceOwner(call))).toMatchObject({ title: 'Unsupported Media Type', status: 415 })
  })

  test('other than JSON is refused when a resource is asked for', async () => {
    const get = (headers: Record<string, string>) =>
      answerOf(
        serve(contract.getResource, async () => ok({})),
        { params: { resourceId: 'letters' }, headers: { ...asOwner, ...headers } },
      )

    expect((await get({})).status).toBe(200)
    expect((await get(json)).status).toBe(200)
    expect(await get({ 'content-type': 'text/plain' })).toMatchObject({ status: 415, text: '' })
  })

  test('and the body do not matter when a download is confirmed', async () => {
    const confirm = serve(contract.confirmDownload, async () => ok({}))
    const headers = { ...asRecipient, 'content-type': 'text/plain' }

    expect((await answerOf(confirm, { method: 'POST', params, headers, body: 'anything' })).status).toBe(204)
  })
})

describe('the Accept header', () => {
  test.each([
    'application/json',
    '*/*',
    'Application/JSON',
    'text/html, application/json;q=0.5',
    'text/html,*/*;q=0.1',
  ])('lets an answer in JSON through: %s', async (accept) => {
    expect((await overview({ headers: { ...asSender, accept } })).status).toBe(200)
  })

  test.each(['', 'application/*', 'application/problem+json', 'text/html', 'application/jsonx'])(
    'refuses an answer in JSON, in a short text: %j',
    async (accept) => {
      const answer = await overview({ headers: { ...asSender, accept } })

      expect(answer.status).toBe(406)
      expect(answer.text).toContain('application/json')
      expect(answer.headers.has('content-type')).toBe(false)
    },
  )

  test('does not matter to a download or a service owner', async () => {
    const accept = 'text/html'

    expect((await download({ headers: { ...asRecipient, accept } }, async () => ok({}))).status).toBe(200)
    expect((await serviceOwner({ headers: { ...asOwner, ...json, accept }, body: '{"name":"x"}' })).status).toBe(200)
  })
})

describe('the token', () => {
  test.each<Record<string, string>>([
    {},
    { authorization: 'Basic abc' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer a b' },
  ])('is asked for when there is none: %j', async (headers) => {
    const answer = await overview({ headers })

    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(jsonIn(answer)).toMatchObject({ title: 'Unauthorized', status: 401, traceId: traceParent })
  })

  test('that is no good is refused, with the reason', async () => {
    const answer = await overview({ headers: bearer('bad') })

    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    expect(jsonIn(answer)).toMatchObject({ detail: 'The token is no good: Its time is up.' })
  })

  test('may follow bearer in any case', async () => {
    expect((await overview({ headers: { authorization: 'bearer altinn:broker.read' } })).status).toBe(200)
  })

  test.each(['altinn:broker.write', 'altinn:broker.read', 'openid,altinn:broker.read'])(
    'with one of the scopes is enough: %s',
    async (scopes) => {
      expect((await overview({ headers: bearer(scopes) })).status).toBe(200)
    },
  )

  test.each(['altinn:serviceowner', 'altinn:broker', 'altinn:broker.read/more', 'ALTINN:BROKER.READ'])(
    'without one of the scopes is refused: %s',
    async (scopes) => {
      const answer = await overview({ headers: bearer(scopes) })

      expect(answer.status).toBe(403)
      expect(answer.headers.has('www-authenticate')).toBe(false)
      expect(jsonIn(answer)).toMatchObject({
        title: 'Forbidden',
        detail: 'The token needs the scope altinn:broker.write or altinn:broker.read.',
      })
    },
  )
})

describe('every row of the contract', () => {
  const rows = Object.entries(operations).filter(([, { scopes }]) => scopes.length > 0)

  test.each(rows)('refuses who has no token, or not the scope: %s', async (_, operation) => {
    const served = serve(operation, async () => ok({}))
    const type = 'consumes' in operation ? { 'content-type': operation.consumes } : {}
    const call = { method: operation.method, headers: type }

    expect((await answerOf(served, call)).status).toBe(401)
    expect((await answerOf(served, { ...call, headers: { ...type, ...bearer('altinn:other') } })).status).toBe(403)
  })

  test.each(rows.filter(([, operation]) => 'params' in operation && operation.path.includes('{fileTransferId}')))(
    'refuses an id that is none: %s',
    async (_, operation) => {
      const served = serve(operation, async () => ok({}))
      const headers = {
        ...bearer(operation.scopes.join(',')),
        ...('body' in operation && typeof operation.body === 'object' && json),
      }

      const answer = await answerOf(served, { method: operation.method, headers, params: { fileTransferId: '17' } })

      expect(answer.status).toBe(400)
      expect(jsonIn(answer)).toMatchObject({ errors: { fileTransferId: [expect.any(String)] } })
    },
  )
})

describe('an answer', () => {
  test('in JSON says so, with its letters as they are', async () => {
    const served = serve(contract.getServiceOwner, async () =>
      ok({ json: { name: 'Brønnøysund', storageProviders: [] } }),
    )

    const answer = await answerOf(served, { headers: asOwner })

    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.text).toBe('{"name":"Brønnøysund","storageProviders":[]}')
  })

  test('without content has no content type', async () => {
    const answer = await serviceOwner({ headers: { ...asOwner, ...json }, body: '{"name":"x"}' })

    expect(answer).toMatchObject({ status: 200, text: '' })
    expect(answer.headers.has('content-type')).toBe(false)
  })

  test('may have a status and headers of its own', async () => {
    const reply: Reply = { status: 206, headers: { 'content-range': 'bytes 0-1/9' }, bytes: generated(bytes('ab')) }

    const answer = await download({}, async () => ok(reply))

    expect(answer).toMatchObject({ status: 206, text: 'ab' })
    expect(answer.headers.get('content-range')).toBe('bytes 0-1/9')
  })

  test.each<[string, () => Promise<{ headers: Headers }>]>([
    ['good', () => overview({ headers: asSender })],
    ['406', () => overview({ headers: { accept: '' } })],
    ['401', () => overview({})],
    ['415', () => upload({ headers: json })],
    ['400', () => overview({ headers: asSender, params: { fileTransferId: '1' } })],
  ])('is never kept by anyone on the way: %s', async (_, ask) => {
    const { headers } = await ask()

    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
  })
})

describe('what nobody expected', () => {
  const failing = (error: unknown) =>
    overview({ path: '/broker/api/v1/filetransfer/1?secret=1', headers: asSender }, () => Promise.reject(error))

  test('is answered with a problem that reveals nothing of it', async () => {
    const answer = await failing(new Error('the password is 1234'))

    expect(answer.status).toBe(500)
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(jsonIn(answer)).toEqual({
      type: 'https://tools.ietf.org/html/rfc9110#section-15.6.1',
      title: 'Internal Server Error',
      status: 500,
      detail: '',
      instance: '/broker/api/v1/filetransfer/1',
      traceId: traceParent,
    })
  })

  test('has the headers of such an answer', async () => {
    const { headers } = await failing(new Error('any'))

    expect(headers.get('cache-control')).toBe('no-cache,no-store')
    expect(headers.get('pragma')).toBe('no-cache')
    expect(headers.get('expires')).toBe('-1')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('is logged under the trace id', async () => {
    const error = new Error('any')

    await failing(error)

    expect(logged).toEqual([
      ['request.unexpectedFailure', { functionName: 'someOperation', traceId: traceParent, error }],
    ])
  })

  test('is answered also when it is thrown at once', async () => {
    const answer = await overview({ headers: asSender }, () => {
      throw new Error('any')
    })

    expect(answer.status).toBe(500)
  })
})

describe('a dependency that fails', () => {
  test.each([
    { statusCode: 503 },
    { statusCode: 429 },
    { code: 'ECONNREFUSED' },
    { name: 'TimeoutError' },
    { retryable: true },
    { isUpstream: true },
    { message: 'fetch failed', cause: { code: 'ECONNRESET' } },
  ])('has the caller try again later: %j', async (error) => {
    const answer = await overview({ headers: asSender }, () => Promise.reject(error))

    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toMatch(/^[1-5]$/)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(jsonIn(answer)).toMatchObject({ title: 'Service Unavailable', status: 503, traceId: traceParent })
  })

  test.each([{ statusCode: 404 }, { statusCode: 412 }, { code: 'ENOENT' }, 'a text', undefined])(
    'is not every failure: %j',
    async (error) => {
      expect((await overview({ headers: asSender }, () => Promise.reject(error))).status).toBe(500)
    },
  )

  test('may be the issuer of the token', async () => {
    expect((await overview({ headers: bearer('unknown') })).status).toBe(503)
  })
})

describe('a file that is sent', () => {
  test('and breaks off ends early, without a throw that the host would stumble over', async () => {
    const error = new Error('The connection to the store was lost.')
    async function* broken() {
      yield Buffer.from('the first half')
      throw error
    }

    const answer = await download({}, async () =>
      ok({ headers: { 'content-length': '28' }, bytes: generated(broken()) }),
    )

    expect(answer).toMatchObject({ status: 200, text: 'the first half' })
    expect(logged).toEqual([['download.failed', { functionName: 'someOperation', traceId: traceParent, error }]])
    expect(measured).toEqual([['requestTime', 0, { operation: 'someOperation', outcome: 'broken' }]])
  })
})

async function* bytes(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text)
}

async function textOf(body: AsyncIterable<Uint8Array>) {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
