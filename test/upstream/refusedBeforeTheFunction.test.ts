import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../local/paths.js'
import { answerTo, head, rawCall } from '../support/rawCall.js'
import { startWorker } from '../support/worker.js'

// The cause of docs/upstream/invocations-that-never-end.md. Nothing of src is loaded here: where one of these fails,
// Node or the library has changed, and a cure of ours may have become needless.

const LONG = 'a'.repeat(20_000)
const REFUSED: [string, Record<string, string>, number][] = [
  ['16 KB of headers', { authorization: LONG }, 431],
  ['an expectation that is not 100-continue', { expect: 'banana' }, 417],
]

describe("a server of Node's with a listener for `request` alone", () => {
  const seen: string[] = []
  const server = createServer()
  server.on('request', ({ url = '' }, response) => {
    seen.push(url)
    response.end()
  })
  let url: string
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  test.each(REFUSED)('refuses %s before that event', async (_, headers, status) => {
    const answer = await answerTo(url, head('GET /refused HTTP/1.1', { host: 'x', connection: 'close', ...headers }))

    expect(answer.status).toBe(status)
    expect(seen).not.toContain('/refused')
  })

  test('refuses a request without a host before that event', async () => {
    expect((await answerTo(url, head('GET /no-host HTTP/1.1', { connection: 'close' }))).status).toBe(400)
    expect(seen).not.toContain('/no-host')
  })

  test('gets all others', async () => {
    await answerTo(url, head('GET /plain HTTP/1.1', { host: 'x', connection: 'close' }))

    expect(seen).toContain('/plain')
  })
})

describe('the server of @azure/functions', () => {
  let worker: Awaited<ReturnType<typeof startWorker>>
  beforeAll(async () => {
    worker = await startWorker()
  })

  /**
   * A forwarded call whose invocation has started already, as the host does it; whether its handler was called, and how
   * it ended.
   */
  async function invoked(headers: Record<string, string>, answered: Promise<unknown> | undefined, id: string) {
    let isCalled = false
    const handler = async () => {
      isCalled = true
      return {}
    }
    const ended = worker.invoke(id, { handler }, {}).then(
      () => 'ended',
      (error: Error) => `failed: ${error.message}`,
    )
    await answered
    const outcome = await Promise.race([ended, new Promise((resolve) => setImmediate(resolve, 'goes on'))])
    return { isCalled, outcome, headers }
  }

  test.each(REFUSED)('refuses %s, and the invocation goes on without its handler', async (_, headers, status) => {
    const id = worker.newInvocationId()
    const all = { host: 'x', connection: 'close', ...worker.headersFor(id), ...headers }

    const answer = answerTo(worker.url, head('GET /some HTTP/1.1', all))

    expect(await invoked(headers, answer, id)).toMatchObject({ isCalled: false, outcome: 'goes on' })
    expect((await answer).status).toBe(status)
  })

  test.each(['a b', 'a:99999', '[::1', '%'])('leaves a request for the host "%s" without an answer', async (host) => {
    const id = worker.newInvocationId()
    const all = { host: 'x', ...worker.headersFor(id), 'x-forwarded-host': host }
    const call = rawCall(worker.url, head('GET /some HTTP/1.1', all))

    await expect(worker.invoke(id, { handler: async () => ({}) }, {})).rejects.toThrow(/URL/)

    expect(call.received()).toBe('')
    call.socket.destroy()
  })

  test('waits for the id that the host gave, which is not there when the client sent its own', async () => {
    const id = worker.newInvocationId()
    const call = rawCall(worker.url, head('GET /some HTTP/1.1', { host: 'x', ...worker.headersFor('own') }))

    expect(await invoked({}, undefined, id)).toMatchObject({ isCalled: false, outcome: 'goes on' })
    call.socket.destroy()
  })
})

describe('the report', () => {
  const report = readFileSync(join(projectRoot, 'docs/upstream/invocations-that-never-end.md'), 'utf8')
  const block = (start: string) => report.split(`\`\`\`${start}`)[1]?.split('```')[0] ?? ''

  test('has a smallest case that prints what it says', async () => {
    const run = promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      block('js\n// node refused.mjs'),
    ])

    expect((await run).stdout).toBe(block('text\n'))
  })

  test('names the versions that are used', () => {
    const { dependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))

    expect(report).toContain(`\`@azure/functions\` ${dependencies['@azure/functions']}`)
  })
})
