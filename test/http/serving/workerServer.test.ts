import { channel } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import '../../../src/http/serving/workerServer.js'
import { answerTo, head } from '../../support/rawCall.js'
import { startWorker } from '../../support/worker.js'

// Loaded before the server listens, as the Functions worker loads the app.

let worker: Awaited<ReturnType<typeof startWorker>>
beforeAll(async () => {
  worker = await startWorker()
})

/**
 * A call that the host forwards, with these headers of its client; the function answers 200 with what it is asked for.
 */
async function forwarded(headers: Record<string, string>) {
  const id = worker.newInvocationId()
  const all = { host: 'x', connection: 'close', ...worker.headersFor(id), ...headers }
  const answer = answerTo(worker.url, head('GET /some HTTP/1.1', all))
  const handler = async () => ({ status: 200, body: 'answered' })
  void worker.invoke(id, { handler }, {})
  return answer
}

describe("the worker's HTTP server", () => {
  // The first of these is the first request that the server gets.
  test.each(['banana', '200-ok', '', '"'])('hands on a request that expects "%s"', async (expectation) => {
    const { status, body } = await forwarded({ expect: expectation })

    expect([status, body]).toEqual([200, expect.stringContaining('answered')])
  })

  test('still says that a body may come, where that is expected', async () => {
    expect((await forwarded({ expect: '100-continue' })).status).toBe(100)
  })

  test.each([8, 16, 20, 32, 60])(
    'hands on a request with %d KB of headers, as far as the host lets them in',
    async (kilobytes) => {
      const line = 'a'.repeat(1000)
      const many = Object.fromEntries(Array.from({ length: kilobytes }, (_, index) => [`x-header-${index}`, line]))

      expect((await forwarded(many)).status).toBe(200)
      expect((await forwarded({ authorization: line.repeat(kilobytes) })).status).toBe(200)
    },
  )

  test('still refuses headers without end', async () => {
    expect((await forwarded({ authorization: 'a'.repeat(70_000) })).status).toBe(431)
  })
})

test('a server is ready for its first request where Node announces that it is about to listen', () => {
  const server = createServer()

  channel('tracing:net.server.listen:asyncStart').publish({ server })

  expect([server.listenerCount('checkExpectation'), server]).toEqual([
    1,
    expect.objectContaining({ maxHeaderSize: 65_536 }),
  ])
})

describe('a server that passes on what is expected', () => {
  let calls = 0
  const server = createServer((_, response) => {
    calls++
    response.end()
  })
  beforeAll(() => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)))
  afterAll(() => void server.close())

  test('passes on each request once, however many came before', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const call = () => answerTo(url, head('GET / HTTP/1.1', { host: 'x', expect: 'banana', connection: 'close' }))

    for (let index = 0; index < 3; index++) expect((await call()).status).toBe(200)

    expect([calls, server.listenerCount('checkExpectation')]).toEqual([3, 1])
  })
})
