import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Decision, Fact, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { err, ok } from '../../../src/domain/result.js'
import type { Ports } from '../../../src/usecases/broker.js'
import type { FileTransferStore } from '../../../src/usecases/ports/fileTransfers.js'
import { memoryWorld, type World } from '../../support/memoryBroker.js'
import { all, initialized, kari, later, ola, organization, sender } from '../../support/samples.js'

const downloads =
  (recipient = kari) =>
  (_: FileTransfer, at: Date): Decision =>
    ok([{ type: 'DownloadStarted', number: 1, recipient, at }])

/** A store in which others commit first, so many times. */
const contested = (ports: Ports, times: number): Partial<Ports> => {
  let left = times
  return {
    transfers: {
      ...ports.transfers,
      async commit(next, facts, changeId, replaced) {
        if (left-- > 0) {
          const read = await ports.transfers.read(next.id)
          if (!read) throw new Error('There is nothing to contest.')
          const at = read.transfer.lastFactAt
          const rival: Fact = { type: 'DownloadStarted', number: 1, recipient: ola, at }
          const after = { ...read.transfer, sequence: read.transfer.sequence + 1 }
          await ports.transfers.commit(after, [rival], randomUUID(), read.version)
        }
        return ports.transfers.commit(next, facts, changeId, replaced)
      },
    },
  }
}

const entriesOf = (world: World) => all(world.stores.outbox.all())

describe('a change', () => {
  afterEach(() => vi.restoreAllMocks())

  test('is saved with its facts, published, shown in searches and leaves no outbox entry', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    const changed = await world.broker.commits.change(await world.read(id), downloads())
    await world.broker.settled()

    expect(changed).toMatchObject({ ok: true, value: { facts: [{ type: 'DownloadStarted' }] } })
    expect((await world.factsOf(id)).map(({ type }) => type)).toEqual(['Initialized', 'DownloadStarted'])
    const counted = await all(world.stores.statistics.ofMonth('2026-03'))
    expect(counted.find(({ recipient }) => recipient === kari)).toMatchObject({ downloads: { first: 1, last: 1 } })
    const row = world.stores.searchIndex.rows().find(({ actor }) => actor.organization === kari)
    expect(row).toMatchObject({ sequence: 2 })
    expect(await entriesOf(world)).toEqual([])
  })

  test('that is not needed leaves nothing at all', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const before = await world.read(id)

    const changed = await world.broker.commits.change(before, () => ok([]))

    expect(changed).toMatchObject({ ok: true, value: { transfer: before.transfer, facts: [], snapshot: before } })
    expect(await world.read(id)).toEqual(before)
  })

  test('that is refused leaves nothing at all', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const before = await world.read(id)

    expect(await world.broker.commits.change(before, () => err('NoFileUploaded'))).toEqual(err('NoFileUploaded'))

    expect(await world.read(id)).toEqual(before)
    expect(await entriesOf(world)).toEqual([])
  })

  test('is decided again, from the state as it is then, when another came first', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start((ports) => contested(ports, 2))
    const seen: number[] = []

    const changed = await broker.commits.change(await world.read(id), (transfer, at) => {
      seen.push(transfer.sequence)
      return downloads()(transfer, at)
    })
    await broker.settled()

    expect(seen).toEqual([1, 2, 3])
    expect(changed.ok && changed.value.transfer.sequence).toBe(4)
    expect(await entriesOf(world)).toEqual([])
  })

  test('may be refused the second time it is decided', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start((ports) => contested(ports, 1))

    const changed = await broker.commits.change(await world.read(id), (transfer, at) =>
      transfer.sequence === 1 ? downloads()(transfer, at) : err('FileTransferNotPublished'),
    )

    expect(changed).toEqual(err('FileTransferNotPublished'))
    expect((await world.read(id)).transfer.sequence).toBe(2)
    expect(await entriesOf(world)).toEqual([])
  })

  test('is given up after ten seconds in which others always came first', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start((ports) => ({
      ...contested(ports, Number.POSITIVE_INFINITY),
      pause: async () => world.advance(0.5),
    }))
    const started = world.clock.now.getTime()

    const changed = await broker.commits.change(await world.read(id), downloads())

    expect(changed).toEqual(err('FileTransferBusy'))
    const seconds = (world.clock.now.getTime() - started) / 1000
    expect(seconds).toBeGreaterThan(10)
    expect(seconds).toBeLessThan(11)
    expect(await entriesOf(world)).toEqual([])
    expect((await world.factsOf(id)).some((fact) => 'recipient' in fact && fact.recipient === kari)).toBe(false)
  })

  test('is retried with back-off, at random and never after more than half a second', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const pauses: number[] = []
    const broker = world.start((ports) => ({
      ...contested(ports, 30),
      pause: async (milliseconds) => void pauses.push(milliseconds),
    }))

    await broker.commits.change(await world.read(id), downloads())

    expect(pauses).toHaveLength(30)
    expect(pauses[0]).toBeLessThanOrEqual(20)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(500)
    expect(new Set(pauses).size).toBeGreaterThan(20)
  })

  test('doubles the longest back-off with each try, from 20 to 500 milliseconds', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    const world = await memoryWorld()
    const id = await world.begin()
    const pauses: number[] = []
    const broker = world.start((ports) => ({
      ...contested(ports, 7),
      pause: async (milliseconds) => void pauses.push(milliseconds),
    }))

    await broker.commits.change(await world.read(id), downloads())

    expect(pauses).toEqual([10, 20, 40, 80, 160, 250, 250])
  })

  test('finds no transfer when that was removed meanwhile', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start(({ transfers, removal }) => ({
      transfers: {
        ...transfers,
        async commit(next, facts, changeId, replaced) {
          await removal.remove(id, replaced)
          return transfers.commit(next, facts, changeId, replaced)
        },
      },
    }))

    expect(await broker.commits.change(await world.read(id), downloads())).toEqual(err('FileTransferNotFound'))

    expect(await entriesOf(world)).toEqual([])
  })

  test('creates no transfer over another', async () => {
    const world = await memoryWorld()
    const { transfer, facts } = initialized()
    await world.broker.commits.create(transfer, facts)
    const before = await world.read(transfer.id)

    expect(await world.broker.commits.create(transfer, facts)).toEqual(err('FileTransferBusy'))

    expect(await world.read(transfer.id)).toEqual(before)
  })

  test('succeeds when only the answer of its commit was lost', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start(({ transfers }) => ({
      transfers: {
        ...transfers,
        async commit(...args) {
          await transfers.commit(...args)
          throw new Error('The answer was lost.')
        },
      },
    }))

    const changed = await broker.commits.change(await world.read(id), downloads())
    await broker.settled()

    expect(changed.ok && changed.value.snapshot).toEqual(await world.read(id))
    expect((await world.factsOf(id)).map(({ type }) => type)).toEqual(['Initialized', 'DownloadStarted'])
    expect(await all(world.stores.statistics.ofMonth('2026-03'))).toContainEqual(
      expect.objectContaining({ recipient: kari, downloads: { first: 1, last: 1 } }),
    )
    expect(await entriesOf(world)).toEqual([])
  })

  test('succeeds when its commit was made, and repeated by the client of the store', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start(({ transfers }) => ({
      transfers: {
        ...transfers,
        async commit(...args) {
          await transfers.commit(...args)
          return transfers.commit(...args)
        },
      },
    }))

    const changed = await broker.commits.change(await world.read(id), downloads())

    expect(changed.ok).toBe(true)
    expect(await world.factsOf(id)).toHaveLength(2)
  })

  test('whose lost commit has been followed by others can be changed further', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    let isLost = true
    const broker = world.start(({ transfers }) => ({
      transfers: {
        ...transfers,
        async commit(next, facts, changeId, replaced) {
          const version = await transfers.commit(next, facts, changeId, replaced)
          if (!isLost) return version
          isLost = false
          const rival: Fact = { type: 'DownloadStarted', number: 1, recipient: ola, at: next.lastFactAt }
          const after = { ...next, sequence: next.sequence + 1 }
          await transfers.commit(after, [rival], randomUUID(), version)
          throw new Error('The answer was lost.')
        },
      },
    }))

    const first = await broker.commits.change(await world.read(id), downloads())
    if (!first.ok) throw new Error(first.reason)
    const second = await broker.commits.change(first.value.snapshot, downloads())

    expect(second.ok && second.value.transfer.sequence).toBe(4)
    expect(await world.factsOf(id)).toHaveLength(4)
  })

  test('whose commit was neither answered nor made fails, and nothing is half done', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const before = await world.read(id)
    const broker = world.start(({ transfers }) => ({
      transfers: { ...transfers, commit: () => Promise.reject(new Error('The store is down.')) },
    }))
    const sentBefore = world.stores.messages.sent()

    await expect(broker.commits.change(before, downloads())).rejects.toThrow('The store is down.')
    await broker.settled()

    expect(await world.read(id)).toEqual(before)
    expect(await world.factsOf(id)).toHaveLength(1)
    expect(world.stores.messages.sent()).toEqual(sentBefore)
    // Its commit might still be under way: the outbox entry stays.
    expect(await entriesOf(world)).toHaveLength(1)
  })

  test('has its outbox entry and its deadlines written before it is committed', async () => {
    const world = await memoryWorld()
    const { transfer, facts } = initialized()
    let entries: unknown[] = []
    let rows: unknown[] = []
    const broker = world.start(({ transfers, outbox }) => ({
      transfers: {
        ...transfers,
        async commit(...args) {
          entries = await all(outbox.all())
          rows = await all(world.stores.due.dueBy(later(40 * 86_400)))
          return transfers.commit(...args)
        },
      },
    }))

    await broker.commits.create(transfer, facts)

    expect(entries).toMatchObject([{ fileTransferId: transfer.id, first: 1 }])
    expect(rows).toMatchObject([
      { fileTransferId: transfer.id, kind: 'expire', sequence: 1, at: transfer.expirationTime },
    ])
  })

  test('is not committed when its outbox entry cannot be written before it', async () => {
    const world = await memoryWorld()
    const { transfer, facts } = initialized()
    const broker = world.start(({ outbox }) => ({
      outbox: { ...outbox, add: () => Promise.reject(new Error('The table is down.')) },
    }))

    await expect(broker.commits.create(transfer, facts)).rejects.toThrow('The table is down.')

    expect(await world.stores.transfers.read(transfer.id)).toBeUndefined()
  })

  test('is not sent when its outbox entry has become so old that it might have been removed', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    let isSlow = true
    const commits: string[] = []
    const broker = world.start(({ transfers, outbox }) => ({
      outbox: {
        ...outbox,
        async add(entry, deadlines) {
          await outbox.add(entry, deadlines)
          if (isSlow) world.advance(61)
          isSlow = false
        },
      },
      transfers: {
        ...transfers,
        commit(next, facts, changeId, replaced) {
          commits.push(changeId)
          return transfers.commit(next, facts, changeId, replaced)
        },
      },
    }))

    const changed = await broker.commits.change(await world.read(id), downloads())

    // The try itself took longer than a change is tried for.
    expect(changed).toEqual(err('FileTransferBusy'))
    expect(commits).toEqual([])
    expect(await entriesOf(world)).toEqual([])
  })

  const failing: [string, (ports: Ports) => Partial<Ports>][] = [
    ['the search index', ({ searchIndex }) => ({ searchIndex: { ...searchIndex, project: down } })],
    ['the notification', ({ messages }) => ({ messages: { ...messages, notifyOfChange: down } })],
    ['removing the outbox entry', ({ outbox }) => ({ outbox: { ...outbox, remove: down } })],
  ]
  test.each(failing)(
    'is a success although a side effect fails (%s), and keeps its outbox entry',
    async (_, breakIt) => {
      const world = await memoryWorld()
      const id = await world.begin()
      const broker = world.start(breakIt)

      const changed = await broker.commits.change(await world.read(id), downloads())
      await broker.settled()

      expect(changed.ok).toBe(true)
      expect(await entriesOf(world)).toMatchObject([{ fileTransferId: id, first: 2 }])
      const details = expect.objectContaining({ fileTransferId: id, first: 2, error: 'Error: It is down.' })
      expect(world.log).toContainEqual(expect.objectContaining({ event: 'outbox.deferred', details }))
    },
  )

  test('gives each fact the later time of now and of the last fact', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    world.advance(-3600)

    await world.broker.commits.change(await world.read(id), downloads())

    const [first, second] = await world.factsOf(id)
    expect(second?.at).toEqual(first?.at)
  })

  test('of one transfer waits for the one before it in the same process, and begins where that ended', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const read = await world.read(id)
    let conflicts = 0
    const counted: FileTransferStore = {
      ...world.stores.transfers,
      async commit(...args) {
        const answer = await world.stores.transfers.commit(...args)
        if (answer === 'conflict') conflicts++
        return answer
      },
    }
    const broker = world.start(() => ({ transfers: counted }))

    const changes = await Promise.all(Array.from({ length: 20 }, () => broker.commits.change(read, downloads())))

    expect(changes.every(({ ok }) => ok)).toBe(true)
    expect(conflicts).toBe(0)
    expect((await world.read(id)).transfer.sequence).toBe(21)
  })

  test('is not held up for ever by one before it that failed', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const read = await world.read(id)
    const adds = [down]
    const broker = world.start(({ outbox }) => ({
      outbox: { ...outbox, add: (...given) => (adds.pop() ?? outbox.add)(...given) },
    }))

    const [first, second] = await Promise.allSettled([
      broker.commits.change(read, downloads()),
      broker.commits.change(read, downloads()),
    ])

    expect(first.status).toBe('rejected')
    expect(second).toMatchObject({ status: 'fulfilled', value: { ok: true } })
  })

  test('with many recipients answers when the sender and the caller are shown, and defers the rest to a message', async () => {
    const world = await memoryWorld()
    const recipients = Array.from({ length: 30 }, (_, i) => organization(String(920_000_000 + i)))

    const id = await world.begin({ recipients })

    const shown = () => world.stores.searchIndex.rows().map(({ actor }) => actor.organization)
    expect(shown()).toEqual([sender])
    expect(world.stores.messages.sent().map(({ messageId }) => messageId)).toContain(`${id}-project-1`)
    await world.work()
    expect(shown()).toHaveLength(31)
  })
})

const down = () => Promise.reject(new Error('It is down.'))
