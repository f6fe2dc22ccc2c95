import { createHash, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { KARI, OLA, OWNER, sharedJourney } from '../support/journey.js'

// What holds for every path of the API, over real HTTP.

const KEY = 'the-key-of-a-subscription'
const KEY_HEADER = 'ocp-apim-subscription-key'
const OWNER_SCOPE = 'altinn:serviceowner'
const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'

/** Tests on a stack that runs already cannot choose its settings. */
const isRunning = Boolean(process.env.BROKER_URL)

const settings = {
  SUBSCRIPTION_KEYS: createHash('sha256').update(KEY).digest('hex'),
  RATE_LIMITS: 'getFileTransferDetails=3',
}
const journey = await sharedJourney(isRunning ? {} : settings, { headers: { [KEY_HEADER]: KEY } })

const id = randomUUID()

/** The answer with its headers as they came over the wire. Unlike `fetch`, nothing is added to the request. */
const raw = (method: string, path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const sent = request(`${journey.stack.urls.app}/${path}`, { method, headers }, async (response) => {
      const text = (await response.toArray()).join('')
      resolve({ status: response.statusCode, headers: response.headers, text })
    })
    sent.on('error', reject).end()
  })

describe('a known path with another method', () => {
  test.each([
    ['PUT', '/broker/api/v1/filetransfer', '(GET, )?POST'],
    ['POST', `/broker/api/v1/filetransfer/${id}`, 'GET'],
    ['GET', `/broker/api/v1/filetransfer/${id}/upload`, 'POST'],
    ['PUT', `/broker/api/v1/filetransfer/${id}/download`, 'GET'],
    ['HEAD', `/broker/api/v1/filetransfer/${id}/download`, 'GET'],
    ['HEAD', `/broker/api/v1/filetransfer/${id}`, 'GET'],
    ['DELETE', `/broker/api/v1/filetransfer/${id}/confirmdownload`, 'POST'],
    ['PATCH', `/broker/api/v1/resource/${journey.resourceId}`, 'GET, PUT'],
    ['OPTIONS', `/broker/api/v1/resource/${journey.resourceId}`, 'GET, PUT'],
    ['DELETE', '/BROKER/API/v1/ServiceOwner/', '(GET, )?POST'],
    ['HEAD', '/health', 'GET'],
    ['POST', '/health', 'GET'],
  ])(
    'is 405, returns the methods that are allowed, and requires no key and no token: %s %s',
    async (method, path, allow) => {
      const { status, headers, text } = await raw(method, path.slice(1))

      expect([status, text]).toEqual([405, ''])
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
      expect(headers.allow).toMatch(new RegExp(`^${allow}$`))
      expect(headers).not.toHaveProperty('content-type')
    },
  )

  test('is refused also when it has a body', async () => {
    const response = await journey.call('filetransfer', { method: 'PUT', ...journey.json(journey.request()) })

    expect([response.status, await response.text()]).toEqual([405, ''])
  })
})

test.each(['filetransfers', `filetransfer/${id}/rename`, `filetransfer/${id}/download/now`, ''])(
  'a path that is not known is 404, with nothing in the answer: %s',
  async (path) => {
    const response = await journey.as(OWNER, WRITE, path)

    expect([response.status, await response.text()]).toEqual([404, ''])
  },
)

test('an Accept that allows no JSON is 406, in a short text without a content type, before a token is asked for', async () => {
  const { status, headers, text } = await raw('GET', `broker/api/v1/filetransfer/${id}`, {
    accept: 'text/html, application/*',
    [KEY_HEADER]: KEY,
  })

  expect([status, text]).toEqual([406, 'This operation answers application/json.'])
  expect(headers).not.toHaveProperty('content-type')
})

test('a content type that an operation does not take is 415, with nothing in the answer, before a token is asked for', async () => {
  const headers = { 'content-type': 'text/plain', [KEY_HEADER]: KEY }

  const upload = await raw('POST', `broker/api/v1/filetransfer/${id}/upload`, headers)
  const resource = await raw('GET', `broker/api/v1/resource/${journey.resourceId}`, headers)

  for (const { status, text } of [upload, resource]) expect([status, text]).toEqual([415, ''])
})

test('a body that is not said to be JSON is 415 with a problem, after the token', async () => {
  const send = { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }

  const without = await journey.call('filetransfer', send)
  const withToken = await journey.as(OWNER, WRITE, 'filetransfer', send)

  expect([without.status, withToken.status]).toEqual([401, 415])
  expect(await withToken.json()).toMatchObject({ title: 'Unsupported Media Type', status: 415 })
})

describe.skipIf(isRunning)('the subscription key', () => {
  const refusedWith = async (key: string) => {
    const token = await journey.token(OWNER, OWNER_SCOPE)
    const response = await journey.call(`resource/${journey.resourceId}`, { token, headers: { [KEY_HEADER]: key } })
    const { statusCode, message } = (await response.json()) as { statusCode?: number; message?: string }
    return { status: response.status, challenge: response.headers.get('www-authenticate'), statusCode, message }
  }

  test.each([
    ['', /^Access denied due to missing subscription key\./],
    ['another-key', /^Access denied due to invalid subscription key\./],
  ])('that is missing or not known is 401, as at the gateway: %j', async (key, message) => {
    expect(await refusedWith(key)).toEqual({
      status: 401,
      challenge: expect.stringContaining('AzureApiManagementKey realm='),
      statusCode: 401,
      message: expect.stringMatching(message),
    })
  })

  test('that is good lets a request through, and health needs none', async () => {
    const token = await journey.token(OWNER, OWNER_SCOPE)

    const resource = await journey.call(`resource/${journey.resourceId}`, { token })
    const health = await raw('GET', 'health')

    expect([resource.status, health.status]).toEqual([200, 200])
  })
})

describe.skipIf(isRunning)('a limit on calls', () => {
  const statuses = async (org: string, path: string, times: number) => {
    const asked: Response[] = []
    for (let time = 0; time < times; time++) asked.push(await journey.as(org, READ, path))
    return asked
  }

  test('is 429 with the seconds to wait, for one organisation and one operation', async () => {
    const answers = await statuses(KARI, `filetransfer/${id}/details`, 4)
    const [another] = await statuses(OLA, `filetransfer/${id}/details`, 1)
    const overviews = await statuses(KARI, `filetransfer/${id}`, 5)

    const last = answers.at(-1)
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 429])
    expect(last?.headers.get('retry-after')).toMatch(/^([1-9]|[1-5]\d|6[01])$/)
    expect(await last?.json()).toMatchObject({ type: 'https://tools.ietf.org/html/rfc6585#section-4', status: 429 })
    expect(another?.status).toBe(404)
    expect(overviews.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
  })
})
