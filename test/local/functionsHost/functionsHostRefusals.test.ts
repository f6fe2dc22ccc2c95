import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../../local/paths.js'
import { functionsHostOf, type RunningHost } from '../../support/functionsHostOf.js'
import { answerTo, head } from '../../support/rawCall.js'
import { until } from '../../support/until.js'

// What no HTTP client sends: the host answers as the real one does, or logs what the real one would do.

const app = `
import { app } from '@azure/functions'
app.setup({ enableHttpStream: true })
app.http('item', { route: 'x/{id}', handler: async ({ params, url }) => ({ jsonBody: { id: params.id, url } }) })
`
/** The same app with what Broker does in its worker. */
const cured = `import ${JSON.stringify(pathToFileURL(join(projectRoot, 'dist/src/http/serving/workerServer.js')).href)}\n${app}`

const NEVER = 'The Functions host never answers this'
const CLOSE = { connection: 'close' }
const get = (path: string, headers: Record<string, string> = {}) =>
  head(`GET ${path} HTTP/1.1`, { host: 'broker.example', ...CLOSE, ...headers })
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const LONG = 'a'.repeat(20_000)

describe.each([
  ['without cures', app, {}],
  ['with the cures of the app', cured, {}],
  ['with NODE_OPTIONS alone', app, { NODE_OPTIONS: '--max-http-header-size=65536' }],
])('an app %s', (name, source, env) => {
  let host: RunningHost
  beforeAll(async () => {
    host = await functionsHostOf(source, { env })
  })
  afterAll(() => host?.stop())

  const takesExpectations = source === cured
  const takesLongHeaders = name !== 'without cures'
  const toFunctions: [string, string | Buffer, boolean][] = [
    // The first is the first request that the host gets.
    ['an expectation', get('/x/1', { expect: 'banana' }), takesExpectations],
    ['an expectation that is not quite 100-continue', get('/x/1', { expect: '200-ok' }), takesExpectations],
    ['20 KB of headers', get('/x/1', { authorization: LONG }), takesLongHeaders],
    ['20 KB of headers, each of them short', get('/x/1', many(20)), takesLongHeaders],
    ['a Norwegian name in a header', get('/x/1', { 'x-name': 'Bjørn' }), false],
    ['another alphabet in a header', get('/x/1', { 'x-name': '北京' }), false],
    ['a host with a space', get('/x/1', { host: 'a b' }), false],
    ['a host with a port that is none', get('/x/1', { host: 'a:99999' }), false],
    ['a host that is half an address', get('/x/1', { host: '[::1' }), false],
    ['a host with a path', get('/x/1', { host: 'a/b' }), false],
    ['a host with a user', get('/x/1', { host: 'a@b' }), false],
    ['no host but the header', get('/x/1', { host: '' }), false],
    ['an invocation id of its own', get('/x/1', { 'x-ms-invocation-id': '1' }), false],
  ]

  test.each(toFunctions)('never gets, or answers: %s', async (_, bytes, isAnswered) => {
    const before = host.output().length

    const { status } = await answerTo(host.url, bytes)

    expect(status).toBe(isAnswered ? 200 : 0)
    if (isAnswered) return
    await until(() => expect(host.output().slice(before)).toContain(NEVER))
    expect(host.output().slice(before)).toContain('[error] GET /x/1')
  })

  test.each(toFunctions.filter(([, , isAnswered]) => !isAnswered))(
    'is not called, and so 404 is the answer, where there is no function: %s',
    async (_, bytes) => {
      expect((await answerTo(host.url, bytes.toString().replace('/x/1', '/none'))).status).toBe(404)
    },
  )

  test('answers the next request of another client', async () => {
    expect((await answerTo(host.url, get('/x/1'))).status).toBe(200)
  })
})

describe('a request', () => {
  let host: RunningHost
  beforeAll(async () => {
    host = await functionsHostOf(app, { hostJson: { functionTimeout: '-1' } })
  })
  afterAll(() => host?.stop())

  const http10 = (headers = {}) => head('GET /x/1 HTTP/1.0', headers)
  test.each<[string, number, string | Buffer]>([
    ['with %00 in its path', 400, get('/x/a%00b')],
    ['with %00 in its query', 200, get('/x/a?b=%00')],
    ['with a header in Latin-1', 400, latin1(get('/x/1', { 'x-name': 'Bjørn' }))],
    ['with a host in Latin-1', 400, latin1(get('/x/1', { host: 'bjørn' }))],
    ['with a header in Latin-1 that no function is for', 400, latin1(get('/none', { 'x-name': 'Bjørn' }))],
    ['with more than 32 KB of headers', 431, get('/x/1', { authorization: LONG.repeat(2) })],
    ['with no host', 400, head('GET /x/1 HTTP/1.1', CLOSE)],
    ['of HTTP/1.0 with no host', 500, http10()],
    ['of HTTP/1.0 with a host', 200, http10({ host: 'a' })],
    ['in lower case', 400, get('/x/1').replace('GET', 'get')],
    ['that is no HTTP', 400, 'hello\r\n\r\n'],
  ])('%s gets %s', async (_, status, bytes) => {
    expect((await answerTo(host.url, bytes)).status).toBe(status)
  })

  test('in lower case is accepted by the real host, which the log says', async () => {
    await answerTo(host.url, 'patch /x/1 HTTP/1.1\r\nhost: x\r\n\r\n')

    await until(() => expect(host.output()).toMatch(/\[error\] .*patch.* lower case: the Functions host accepts/))
  })

  test.each([
    ['/y/../x/1', '1'],
    ['/../../x/./1', '1'],
    ['/x/2/../1/', '1'],
    ['/x/y/%2e%2E/1', '1'],
    ['/y/%2e./x/1', '1'],
    ['/x/1/.', '1'],
    ['/x/1/y/..', '1'],
    ['http://broker.example/x/1', '1'],
    ['HTTP://other.example:99/y/../x/1?a=b', '1'],
    ['/x/..%2F1', '..%2F1'],
    ['/x/...', '...'],
  ])('for %s reaches the route', async (target, id) => {
    const { status, body } = await answerTo(host.url, get(target))

    expect([status, body]).toEqual([200, expect.stringContaining(`"id":"${id}"`)])
    expect(body).toContain('"url":"http://broker.example/x/')
  })

  test.each(['/x/1/..', '//x/1', '/x//1', '/..', 'http://broker.example'])('for %s reaches none', async (target) => {
    expect((await answerTo(host.url, get(target))).status).toBe(404)
  })
})

function many(kilobytes: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: kilobytes }, (_, index) => [`x-header-${index}`, 'a'.repeat(1000)]))
}
