import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { brokerClient, staticToken } from '../../clients/typescript/src/index.js'
import { isDecided } from '../../clients/typescript/src/wire/statuses.js'
import { isDecided as decided } from '../../src/domain/fileTransfer/statusAfter.js'
import { fileTransferStatus } from '../../src/http/contract/responses/responses.js'

const ID = '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

type Step = { afterMs: number; status: string }

/** A Broker whose file transfer changes by the clock. `canWait`: it knows waitFor; the original does not. */
function broker(steps: Step[], { canWait }: { canWait: boolean }) {
  const calls: { atMs: number; waitFor: string | null; timeout: string | null }[] = []
  const begunMs = performance.now()
  const statusNow = () => steps.findLast(({ afterMs }) => performance.now() - begunMs >= afterMs)?.status ?? ''
  const fetch = async (input: unknown) => {
    const { searchParams } = new URL(String(input))
    const [waitFor, timeout] = [searchParams.get('waitFor'), searchParams.get('timeout')]
    calls.push({ atMs: performance.now() - begunMs, waitFor, timeout })
    const before = statusNow()
    const end = performance.now() + Number(timeout) * 1000
    const isOver = () => statusNow() !== before || [waitFor, 'Failed', 'AllConfirmedDownloaded'].includes(before)
    while (canWait && waitFor && !isOver() && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 100))
    return Response.json({
      fileTransferId: ID,
      fileTransferStatus: statusNow(),
      fileTransferStatusText: 'so',
      recipients: [],
    })
  }
  const client = brokerClient({
    baseUrl: 'http://broker',
    token: staticToken('t'),
    fetch: fetch as typeof globalThis.fetch,
  })
  return { client, calls }
}

const UPLOAD: Step[] = [
  { afterMs: 0, status: 'UploadProcessing' },
  { afterMs: 100_000, status: 'Published' },
]
const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000)

describe('waiting for a status', () => {
  test('takes a call each half minute, and ends when it is there', async () => {
    const { client, calls } = broker(UPLOAD, { canWait: true })
    const waited = client.waitFor(ID, 'Published')
    await minutes(5)

    expect((await waited).fileTransferStatus).toBe('Published')
    expect(calls).toHaveLength(4)
    expect(calls[0]).toEqual({ atMs: 0, waitFor: 'Published', timeout: '30' })
  })

  test('polls a Broker that does not know it, slower and slower', async () => {
    const { client, calls } = broker(UPLOAD, { canWait: false })
    const waited = client.waitFor(ID, 'Published')
    await minutes(5)

    expect((await waited).fileTransferStatus).toBe('Published')
    expect(calls.length).toBeGreaterThan(4)
    expect(calls.length).toBeLessThan(20)
  })

  test('ends with what has passed it, and fails where it has ended otherwise', async () => {
    const confirmed = broker([{ afterMs: 0, status: 'AllConfirmedDownloaded' }], { canWait: true })
    const failed = broker([{ afterMs: 0, status: 'Failed' }], { canWait: true })

    expect((await confirmed.client.waitFor(ID, 'Published')).fileTransferStatus).toBe('AllConfirmedDownloaded')
    await expect(failed.client.waitFor(ID, 'Published')).rejects.toThrow('so')
    expect((await failed.client.waitFor(ID, 'Failed')).fileTransferStatus).toBe('Failed')
  })

  test('ends with its signal', async () => {
    const stop = new AbortController()
    const { client } = broker(UPLOAD, { canWait: false })
    const waited = expect(client.waitFor(ID, 'Published', { signal: stop.signal })).rejects.toThrow('stopped')
    await minutes(0.5)
    stop.abort(new Error('stopped'))

    await waited
  })
})

describe('a watch', () => {
  test.each([
    ['waits in Broker for the next status', true],
    ['polls a Broker that does not wait', false],
  ])('%s, and sees each', async (_, canWait) => {
    const steps = ['Initialized', 'UploadStarted', 'UploadProcessing', 'Published', 'AllConfirmedDownloaded']
    const { client, calls } = broker(
      steps.map((status, index) => ({ afterMs: index * 40_000, status })),
      { canWait },
    )
    const seen: string[] = []
    const watching = (async () => {
      for await (const { fileTransferStatus } of client.watch(ID)) seen.push(fileTransferStatus)
    })()
    await minutes(5)
    await watching

    expect(seen).toEqual(steps)
    expect(calls.length).toBeLessThan(50)
    expect(calls.at(1)).toMatchObject({ waitFor: 'UploadStarted', timeout: '1' })
  })

  test('is told at once of a status that Broker waits for', async () => {
    const { client } = broker(UPLOAD, { canWait: true })
    const states = client.watch(ID)
    await states.next()
    const next = states.next()
    await vi.advanceTimersByTimeAsync(100_200)

    expect((await next).value?.fileTransferStatus).toBe('Published')
    await states.return(undefined)
  })
})

test('the client decides as Broker does whether a status can still come', () => {
  const statuses = fileTransferStatus.options
  const pairs = statuses.flatMap((now) => statuses.map((wanted) => [now, wanted] as const))

  for (const [now, wanted] of pairs)
    expect([now, wanted, isDecided(now, wanted)]).toEqual([now, wanted, decided(now, wanted)])
})
