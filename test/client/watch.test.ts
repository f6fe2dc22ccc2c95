import { EventEmitter, on } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { brokerClient, type FileTransferEvent, staticToken } from '../../clients/typescript/src/index.js'

const ID = '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11'
const webhook = new EventEmitter()
afterEach(() => void webhook.removeAllListeners())

async function* received(): AsyncGenerator<FileTransferEvent> {
  for await (const [event] of on(webhook, 'event')) yield event
}
const broken: AsyncIterable<FileTransferEvent> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('The receiver is down')) }),
}

/** A Broker with a file transfer whose status the test changes. */
function watched(events: AsyncIterable<FileTransferEvent>, pollMs: number, signal?: AbortSignal) {
  let fileTransferStatus = 'UploadProcessing'
  let polls = 0
  const fetch = async () => {
    polls += 1
    return Response.json({ fileTransferId: ID, fileTransferStatus, recipients: [] })
  }
  const client = brokerClient({ baseUrl: 'http://broker', token: staticToken('t'), fetch })
  const states = client.watch(ID, { events, firstMs: pollMs, longestMs: pollMs, signal })
  return {
    become: (status: string) => {
      fileTransferStatus = status
    },
    next: async () => (await states.next()).value?.fileTransferStatus,
    polls: () => polls,
  }
}
/** Longer than a test may take. */
const NEVER_MS = 2 ** 30

describe('watching with the events of a webhook', () => {
  test('polls when an event is about the file transfer, and not for others', async () => {
    const { next, become, polls } = watched(received(), NEVER_MS)
    expect(await next()).toBe('UploadProcessing')
    const coming = next()
    await vi.waitFor(() => expect(webhook.listenerCount('event')).toBe(1))

    webhook.emit('event', { resourceinstance: 'another' })
    become('Published')
    webhook.emit('event', { resourceinstance: ID.toUpperCase() })

    expect([await coming, polls()]).toEqual(['Published', 2])
  })

  test('misses no event that comes before it waits', async () => {
    const { next, become } = watched(received(), NEVER_MS)
    await next()
    become('Published')
    webhook.emit('event', { resourceinstance: ID })

    expect(await next()).toBe('Published')
  })

  test('polls all the same when there are no events any more', async () => {
    const { next, become } = watched(broken, 5)
    await next()
    become('AllConfirmedDownloaded')

    expect(await next()).toBe('AllConfirmedDownloaded')
    expect(await next()).toBe(undefined)
  })

  test('ends with its signal', async () => {
    const stop = new AbortController()
    const { next } = watched(received(), NEVER_MS, stop.signal)
    await next()
    const coming = next()

    stop.abort(new Error('stopped'))

    await expect(coming).rejects.toThrow('stopped')
  })
})
