import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { platform, retryingRequest, withRetry } from '../../../src/adapters/altinn/platform.js'
import { undiciRequest } from '../../../src/adapters/altinn/request.js'
import { isOutage } from '../../../src/domain/outage.js'
import { version } from '../../../src/lib/version.js'

let server: Server
let url: URL
const seen: string[] = []
let lastHeaders: IncomingHttpHeaders
/** What is answered, one after the other; 0 breaks the connection. The last is answered for ever. */
const answers: number[] = []
const SILENCE = -1

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request.url ?? '')
    lastHeaders = request.headers
    const status = answers.length > 1 ? answers.shift() : answers[0]
    if (status === SILENCE) return
    if (status === 0) request.socket.destroy()
    else response.writeHead(status ?? 200).end('body')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  seen.length = 0
  answers.length = 0
})

const ask = retryingRequest(withRetry(20_000), undiciRequest())
const askInHaste = retryingRequest(withRetry(1000), undiciRequest())

describe('a request with retries', () => {
  test.each([408, 429, 500, 502, 503, 504, 0])('is retried after %d', async (status) => {
    answers.push(status, 200)

    const response = await ask(url)

    expect(response.status).toBe(200)
    expect(await response.text()).toBe('body')
    expect(seen).toHaveLength(2)
  })

  test.each([200, 204, 400, 401, 403, 404, 409, 501])('is not retried after %d', async (status) => {
    answers.push(status, 200)

    expect((await ask(url)).status).toBe(status)
    expect(seen).toHaveLength(1)
  })

  test('fails after the fourth answer, which it returns', async () => {
    answers.push(503)

    const response = await ask(url)

    expect(response.status).toBe(503)
    expect(await response.text()).toBe('body')
    expect(seen).toHaveLength(4)
  })

  test('is retried when no answer comes, and fails within its time-out', async () => {
    answers.push(SILENCE)
    const began = performance.now()

    await expect(askInHaste(url)).rejects.toSatisfy(isOutage)

    expect(performance.now() - began).toBeLessThan(1500)
    expect(seen).toHaveLength(2)
  })

  test('says who sends it', async () => {
    await ask(url, { headers: new Headers({ accept: 'application/json' }) })

    expect(lastHeaders).toMatchObject({ 'user-agent': `altinn-broker/${version}`, accept: 'application/json' })
  })

  test('fails after the fourth broken connection', async () => {
    answers.push(0)

    await expect(ask(url)).rejects.toThrow()
    expect(seen).toHaveLength(4)
  })
})

describe('a call of the platform', () => {
  const call = async (
    subscriptionKey: string | undefined,
    init: { scope?: string; headers?: Record<string, string>; method?: string },
  ) => {
    let asked: [string, { method?: string; headers?: Headers } | undefined] | undefined
    const call = platform({
      url: new URL('https://platform.example/'),
      subscriptionKey,
      ownToken: async (scope) => `token-for-${scope}`,
      request: async (input, sent) => {
        asked = [String(input), sent]
        return new Response()
      },
    })
    await call('a/b?c=1', init)
    return { url: asked?.[0], init: asked?.[1], headers: Object.fromEntries(new Headers(asked?.[1]?.headers)) }
  }

  test('has the key of the subscription, and a token where a scope is asked for', async () => {
    const { url: called, headers } = await call('the-key', { scope: 'x', headers: { accept: 'application/json' } })

    expect(called).toBe('https://platform.example/a/b?c=1')
    expect(headers).toEqual({
      'ocp-apim-subscription-key': 'the-key',
      authorization: 'Bearer token-for-x',
      accept: 'application/json',
    })
  })

  test('has neither where there is none', async () => {
    const { headers, init } = await call(undefined, { method: 'POST' })

    expect(headers).toEqual({})
    expect(init).toMatchObject({ method: 'POST' })
    expect(init).not.toHaveProperty('scope')
  })
})
