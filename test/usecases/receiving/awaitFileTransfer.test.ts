import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import { WAITS } from '../../../src/usecases/commit/waits.js'
import { callerFor, memoryWorld, uploadOf } from '../../support/memoryBroker.js'
import { kari, ola, sender } from '../../support/samples.js'

const never = new AbortController().signal

/** A world whose waits end by `second`. */
async function waitingWorld() {
  const world = await memoryWorld()
  let timers: (() => void)[] = []
  const broker = world.start(() => ({ pause: () => new Promise<void>((resolve) => timers.push(resolve)) }))
  const wait = (id: string, status: 'Published' | 'Purged' | 'Cancelled', seconds = 30, ending = never, by = sender) =>
    broker.awaitFileTransfer(callerFor(by), id, { status, seconds, ending })
  return {
    ...world,
    broker,
    wait,
    statusOf: async (waited: ReturnType<typeof wait>) => {
      const found = await waited
      return found.ok ? found.value.transfer.status : found.reason
    },
    async second() {
      world.advance(1)
      const due = timers
      timers = []
      for (const resolve of due) resolve()
      await new Promise(setImmediate)
    },
    /** The use case has asked for access and waits. */
    async isWaiting() {
      while (timers.length === 0) await new Promise(setImmediate)
    },
  }
}

describe('waiting for a status', () => {
  test('sees within a second what another process commits', async () => {
    const { begin, wait, statusOf, second, isWaiting, start } = await waitingWorld()
    const id = await begin({ disableVirusScan: true })
    const waited = statusOf(wait(id, 'Published'))
    await isWaiting()
    await start().uploadFile(callerFor(sender), id, uploadOf('hello'))
    await second()

    expect(await waited).toBe('Published')
  })

  test('is woken by a commit of its own process, without waiting for the timer', async () => {
    const { begin, wait, statusOf, isWaiting, broker } = await waitingWorld()
    const id = await begin({ disableVirusScan: true })
    const waited = statusOf(wait(id, 'Published'))
    await isWaiting()
    await broker.uploadFile(callerFor(sender), id, uploadOf('hello'))

    expect(await waited).toBe('Published')
  })

  test.each(['Published', 'Cancelled'] as const)('for %s ends at once when it has been passed', async (status) => {
    const { begin, confirmed, broker, wait, statusOf } = await waitingWorld()
    const cancelled = await begin()
    await broker.cancelFileTransfer(callerFor(sender), cancelled)

    expect(await statusOf(wait(await confirmed(), 'Published'))).toBe('AllConfirmedDownloaded')
    expect(await statusOf(wait(cancelled, status))).toBe('Cancelled')
  })

  test('ends with the state as it is when the time is over', async () => {
    const { begin, wait, statusOf, second, isWaiting } = await waitingWorld()
    const waited = statusOf(wait(await begin(), 'Published', 2))
    await isWaiting()
    await second()
    await second()

    expect(await waited).toBe('Initialized')
  })

  test('ends at the shutdown of the process, or when the caller leaves', async () => {
    const { begin, wait, statusOf, isWaiting } = await waitingWorld()
    const stop = new AbortController()
    const waited = statusOf(wait(await begin(), 'Published', 30, stop.signal))
    await isWaiting()
    stop.abort()

    expect(await waited).toBe('Initialized')
  })

  test('ends when the file transfer is removed', async () => {
    const { begin, wait, statusOf, second, isWaiting, stores, read } = await waitingWorld()
    const id = await begin()
    const waited = statusOf(wait(id, 'Published'))
    await isWaiting()
    await stores.transfers.remove(id, (await read(id)).version)
    await second()

    expect(await waited).toBe('FileTransferNotFound')
  })

  test('is refused without access, and for what is not there, before it waits', async () => {
    const { begin, wait } = await waitingWorld()
    const id = await begin({ recipients: [kari] })

    expect(await wait(id, 'Published', 30, never, ola)).toEqual(err('NoAccessToResource'))
    expect(await wait('00000000-0000-4000-8000-000000000000', 'Published')).toEqual(err('FileTransferNotFound'))
  })

  test('is given to so many at a time, and the others are told how it stands', async () => {
    const { begin, wait, isWaiting } = await waitingWorld()
    const id = await begin()
    for (let i = 0; i < WAITS.most; i++) void wait(id, 'Published')
    await isWaiting()
    const refused = await wait(id, 'Published')

    expect(refused).toMatchObject({ ok: true, value: { isRefused: true, transfer: { status: 'Initialized' } } })
  })
})
