import type { BlockBlobClient } from '@azure/storage-blob'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { retryWhileBusy, stageWhileBusy, storageAccount } from '../../src/adapters/blobs/retryWhileBusy.js'
import { writeBlocks } from '../../src/adapters/blobs/writeBlocks.js'
import type { RequestProgress } from '../../src/usecases/ports/tus.js'
import { until } from '../support/until.js'

const passing = () => Object.assign(new Error('It is busy.'), { statusCode: 503 })

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** Fails a number of times in this way, each try after a time, and then succeeds. */
function sender(failures: number, { error = passing(), tryMs = 0 } = {}) {
  const seen = { tries: 0 }
  const send = async () => {
    seen.tries++
    vi.advanceTimersByTime(tryMs)
    if (seen.tries <= failures) throw error
    return 'sent'
  }
  return { seen, send }
}

type State = ReturnType<RequestProgress['state']>

/** Sends for a request that is in these states, one after the other, whenever it is asked. */
function sending(send: () => Promise<string>, states: State[], { lastStagedAt = 0, busyMs = 1000 } = {}) {
  const left = [...states]
  const request = { since: new Date(1000), state: () => left.shift() ?? states.at(-1) ?? 'abandoned' }
  return retryWhileBusy({ busyMs, lastStagedAt }, request, send)
}

describe('a storage that fails', () => {
  test.each<[string, State, number]>([
    ['while bytes still come', 'receiving', 0],
    ['when all are here, and it has taken a block since they began to come', 'received', 1000],
  ])('is retried %s', async (_, state, lastStagedAt) => {
    const { seen, send } = sender(2)

    expect(await sending(send, [state], { lastStagedAt, busyMs: 60_000 })).toBe('sent')
    expect(seen.tries).toBe(3)
  })

  test.each<[string, State, number]>([
    ['when all are here, and it has taken none since', 'received', 999],
    ['when the request is abandoned', 'abandoned', 1000],
  ])('is tried once %s', async (_, state, lastStagedAt) => {
    const { seen, send } = sender(2)

    await expect(sending(send, [state], { lastStagedAt })).rejects.toThrow('busy')
    expect(seen.tries).toBe(1)
  })

  test('is not retried when the request is abandoned after the pause', async () => {
    const { seen, send } = sender(2)

    await expect(sending(send, ['receiving', 'abandoned'])).rejects.toThrow('busy')
    expect(seen.tries).toBe(1)
  })

  test('is not retried when its time is over', async () => {
    const { seen, send } = sender(9, { tryMs: 400 })

    await expect(sending(send, ['receiving'])).rejects.toThrow('busy')
    expect(seen.tries).toBe(2)
  })

  test('is not retried for a permanent failure', async () => {
    const { seen, send } = sender(2, { error: Object.assign(new Error('No.'), { statusCode: 403 }) })

    await expect(sending(send, ['receiving'])).rejects.toThrow('No.')
    expect(seen.tries).toBe(1)
  })
})

test('a block that is taken shows that the storage is only busy, for all requests that had begun by then', async () => {
  const account = storageAccount(60_000)
  const request = { since: new Date(), state: () => 'received' as const }
  await stageWhileBusy(account, request, async () => {})
  const { seen, send } = sender(1)

  expect(await retryWhileBusy(account, request, send)).toBe('sent')
  expect(seen.tries).toBe(2)
})

describe('a plain upload', () => {
  test('is committed once more where the storage is busy with that', async () => {
    let commits = 0
    const commitBlockList = async () => {
      if (++commits === 1) throw passing()
      return { etag: '"e"' }
    }
    const blob = { stageBlock: async () => {}, commitBlockList } as unknown as BlockBlobClient
    async function* whole() {
      yield Buffer.alloc(8 * 2 ** 20 + 1)
    }
    const limits = { maxBytes: 2 ** 30, expectedBytes: undefined, accept: () => true }

    const written = await writeBlocks(blob, storageAccount(60_000), whole(), limits)

    expect(written).toMatchObject({ outcome: 'stored', sizeBytes: 8 * 2 ** 20 + 1, etag: 'e' })
    expect(commits).toBe(2)
  })

  test('whose client is gone does not retry a busy storage', async () => {
    let tries = 0
    const stageBlock = async () => {
      tries++
      throw passing()
    }
    const blob = { stageBlock } as unknown as BlockBlobClient
    async function* broken() {
      yield Buffer.alloc(8 * 2 ** 20 + 1)
      await until(() => expect(tries).toBe(1))
      throw new Error('The client has gone.')
    }
    const limits = { maxBytes: 2 ** 30, expectedBytes: undefined, accept: () => true }

    expect(await writeBlocks(blob, storageAccount(60_000), broken(), limits)).toEqual({ outcome: 'interrupted' })
    expect(tries).toBe(1)
  })
})
