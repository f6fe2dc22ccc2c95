import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { type Plan, planOf } from '../../bench/load/plan.js'
import { runLoad } from '../../bench/load/run.js'
import { tokensFrom } from '../../bench/load/tokens.js'
import { PUBLISHED } from '../../bench/load/transfer.js'
import { POLLING, sharedJourney } from '../support/journey.js'

const never = new AbortController().signal
const quiet = () => {}

const journey = await sharedJourney()
const planWith = (...args: string[]) =>
  planOf(['--resource', journey.resourceId, '--rate', '20', '--sizes', '1KiB,3B', ...args])

describe('a load on the local stack', () => {
  const place = (log: (line: string) => void = quiet) => ({
    broker: journey.stack.urls.app,
    tokens: tokensFrom({ ALTINN_URL: journey.stack.urls.altinn }),
    log,
  })

  test('runs each transfer to its confirmation, up to its limit', async () => {
    const plan = planWith('--max-transfers', '5')

    const result = await runLoad(plan, place(), never)

    expect(result.endedBy).toBe('transfers')
    expect(result.begun).toMatchObject({ transfers: 5, bytes: 3 * (3 * 1024 + 2 * 3) })
    expect(result.outcomes).toEqual({ completed: 5, cancelled: 0, confirmed: 0, left: 0, refused: 0 })
    // An event may take longer than it is waited for.
    expect(result.measured.failures().filter(([what]) => !what.startsWith('event'))).toEqual([])
    const counts = Object.fromEntries(result.measured.rows().map(({ name, count }) => [name, count]))
    expect(counts).toMatchObject({ initializeFileTransfer: 5, uploadFile: 5, downloadFile: 10, confirmDownload: 10 })
    expect(counts).toMatchObject({ searchFileTransfers: 1, [PUBLISHED]: 1 })
  })

  test.each([
    ['bytes', ['--max-gib', `${3072 / 2 ** 30}`], 1],
    ['dollars', ['--max-dollars', '0.0001'], 0],
    ['time', ['--minutes', '0.5', '--rate', '0.02'], 1],
  ])('ends by its %s', async (endedBy, args, transfers) => {
    const result = await runLoad(planWith(...args), place(), never)

    expect([result.endedBy, result.begun.transfers]).toEqual([endedBy, transfers])
  })

  test('never has more under way than it may', async () => {
    const result = await runLoad(planWith('--max-transfers', '3', '--concurrency', '1'), place(), never)

    expect(result.late).toBe(2)
    expect(result.outcomes.completed).toBe(3)
  })

  test('cancels what is under way when it is stopped, and starts nothing more', async () => {
    const stop = new AbortController()
    const running = runLoad(
      planWith('--max-transfers', '500', '--concurrency', '5', '--sizes', '30MiB'),
      place(),
      stop.signal,
    )
    const open = async (status: string) => {
      const token = await journey.token('991825827', 'altinn:broker.write')
      const found = await journey.call(`filetransfer?resourceId=${journey.resourceId}&status=${status}`, {
        token,
      })
      return (await found.json()) as string[]
    }
    await vi.waitFor(async () => expect((await open('UploadStarted')).length).toBeGreaterThan(0), POLLING)

    stop.abort()
    const result = await running

    const { cancelled, confirmed, left, completed, refused } = result.outcomes
    expect(result.endedBy).toBe('signal')
    expect(cancelled + confirmed + left + completed + refused).toBe(result.begun.transfers)
    expect(cancelled).toBeGreaterThan(0)
    expect(result.measured.failures()).toEqual([])
    expect(await open('UploadStarted')).toEqual([])
  })
})

describe('a load on a Broker that refuses', () => {
  /** A Broker that answers like this; the calls are counted. */
  async function fakeBroker(answer: (method: string, path: string) => [status: number, type: string, text: string]) {
    const calls: string[] = []
    const server = createServer(async (request, response) => {
      await request.resume().toArray()
      const [method, path] = [request.method ?? '', request.url?.replace('/broker/api/v1/', '') ?? '']
      calls.push(`${method} ${path}`)
      const [status, type, text] = answer(method, path)
      response.writeHead(status, { 'content-type': type }).end(text)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const broker = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const place = { broker, tokens: tokensFrom({ LOAD_TOKEN_COMMAND: 'echo e30.e30.x' }), log: quiet }
    return { place, calls, close: () => server.close() }
  }

  test('counts a file that is not the one that was sent, and leaves what cannot be cancelled', async () => {
    const { place, calls, close } = await fakeBroker((method, path) => {
      if (path === 'filetransfer') return [200, 'application/json', '{"fileTransferId":"id"}']
      if (path.endsWith('/upload')) return [200, 'application/json', '{"fileTransferId":"id"}']
      if (path.endsWith('/download')) return [200, 'application/octet-stream', 'another']
      if (method === 'POST') return [409, 'application/problem+json', '{"code":"BRO-00010"}']
      return [200, 'application/json', '{"fileTransferStatus":"Published"}']
    })

    const result = await runLoad(planWith('--max-transfers', '1'), place, never)
    close()

    expect(result.measured.failures()).toEqual([['downloadFile: another file', 1]])
    expect(result.outcomes).toEqual({ completed: 0, cancelled: 0, confirmed: 0, left: 1, refused: 0 })
    expect(calls).toContain('POST filetransfer/id/cancel')
  })

  test.each([
    [503, 'application/problem+json', '{"code":"BRO-00001"}', 'initializeFileTransfer: 503 BRO-00001'],
    [429, 'text/plain', 'no', 'initializeFileTransfer: 429'],
    [200, 'application/json', '{', 'initializeFileTransfer: SyntaxError'],
  ])('counts what it answers, without a retry: %s %s', async (status, type, text, failure) => {
    const { place, calls, close } = await fakeBroker(() => [status, type, text])
    const plan: Plan = planWith('--max-transfers', '3')

    const result = await runLoad(plan, place, never)
    close()

    expect(result.measured.failures()).toEqual([[failure, 3]])
    expect([result.outcomes.refused, calls.length]).toEqual([3, 3])
  })
})
