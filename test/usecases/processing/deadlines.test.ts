import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { DueRow } from '../../../src/usecases/ports/outbox.js'
import { callerFor, memoryWorld, scanOf, type World } from '../../support/memoryBroker.js'
import { all, initialized, kari, later, ola, sender } from '../../support/samples.js'

const DAY = 86_400
const down = () => Promise.reject(new Error('It is down.'))

/** The timer runs, and what it found is worked off. */
async function tick(world: World) {
  const found = await world.broker.expireDue()
  await world.work()
  return found
}

const rowsOf = (world: World, until = later(400 * DAY)) => all(world.stores.due.dueBy(until))
const kindsOf = async (world: World) => (await rowsOf(world)).map(({ kind }) => kind).toSorted()
const told = (world: World, type: string) =>
  world.posted
    .filter((event) => event.type === `no.altinn.broker.${type}`)
    .map((event) => `${event.alternativesubject?.slice(-9)} ${event.data.Role}`)
    .toSorted()
const placesOf = ({ stores }: World, id: string) =>
  stores.blobs.locations().filter(({ fileTransferId }) => fileTransferId === id)

describe('finding what is due', () => {
  test('finds nothing before its time', async () => {
    const world = await memoryWorld()
    await world.begin()
    world.advance(30 * DAY - 1)

    expect(await world.broker.expireDue()).toBe(0)
  })

  test('hands each deadline on, and lets it rest twice as long each time, up to an hour', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    world.advance(30 * DAY)

    const rests: number[] = []
    for (let tries = 0; tries < 9; tries++) {
      expect(await world.broker.expireDue()).toBe(1)
      let minutes = 0
      while ((await rowsOf(world, world.clock.now)).length === 0) {
        world.advance(60)
        minutes++
      }
      rests.push(minutes)
    }

    expect(rests).toEqual([10, 20, 40, 60, 60, 60, 60, 60, 60])
    const ids = world.stores.messages.sent().flatMap(({ entity, messageId }) => (entity === 'due' ? [messageId] : []))
    const first = `${id}-expire-1-${later(30 * DAY).getTime()}`
    expect(ids).toEqual([first, ...[1, 2, 3, 4, 5, 6, 7, 8].map((tries) => `${first}/r${tries}`)])
  })

  test('hands each on once though it is asked again while it is at it', async () => {
    const world = await memoryWorld()
    await world.begin()
    world.advance(30 * DAY)

    await Promise.all([world.broker.expireDue(), world.broker.expireDue()])

    expect(world.stores.messages.sent().filter(({ entity }) => entity === 'due')).toHaveLength(1)
  })

  test('hands every one on, however many there are, by as few calls to the queue as will do', async () => {
    const world = await memoryWorld()
    const ids = await Promise.all(Array.from({ length: 60 }, () => world.begin()))
    world.advance(30 * DAY)
    const calls: number[] = []
    const broker = world.start(({ messages }) => ({
      messages: {
        ...messages,
        enqueueDeadlines: (rows) => {
          calls.push(rows.length)
          return messages.enqueueDeadlines(rows)
        },
      },
    }))

    expect(await broker.expireDue()).toBe(60)

    expect(calls).toEqual([25, 25, 10])
    await world.work()
    for (const id of ids) expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(await rowsOf(world)).toEqual([])
  })

  test('leaves a deadline as it is when it cannot be handed on', async () => {
    const world = await memoryWorld()
    await world.begin()
    world.advance(30 * DAY)
    const broken = world.start(({ messages }) => ({ messages: { ...messages, enqueueDeadlines: down } }))

    await expect(broken.expireDue()).rejects.toThrow('It is down.')

    expect(await rowsOf(world, world.clock.now)).toMatchObject([{ tries: 0 }])
  })
})

describe('expiry', () => {
  test('purges a published transfer, deletes its file and tells each actor what it is owed, once', async () => {
    const world = await memoryWorld()
    const id = await world.published({ recipients: [kari, ola] })
    await world.broker.downloadFile(callerFor(ola), id, undefined)
    await world.broker.confirmDownload(callerFor(ola), id)
    world.advance(30 * DAY)

    await tick(world)

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Purged', deadlines: [] })
    expect(placesOf(world, id)).toEqual([])
    expect(told(world, 'filepurged')).toEqual([`${sender} Sender`])
    expect(told(world, 'fileneverconfirmeddownloaded')).toEqual([`${kari} Recipient`, `${sender} Sender`])
    expect(await rowsOf(world)).toEqual([])
  })

  test('of a transfer that was never published reminds nobody', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    world.advance(30 * DAY)

    await tick(world)

    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(told(world, 'filepurged')).toEqual([`${sender} Sender`])
    expect(told(world, 'fileneverconfirmeddownloaded')).toEqual([])
  })

  test('happens once, however often it is asked for', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const rows = (await rowsOf(world)).filter(({ kind }) => kind === 'expire')
    world.advance(30 * DAY)

    for (const row of [...rows, ...rows, ...rows]) await world.broker.doDeferredWork({ work: 'meetDeadline', row })
    await world.work()

    expect((await world.factsOf(id)).filter(({ type }) => type === 'Purged')).toHaveLength(1)
    expect(told(world, 'filepurged')).toHaveLength(1)
  })

  test('comes again under a new id when its message became a dead letter, and is met', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const first = `${id}-expire-1-${later(30 * DAY).getTime()}`
    world.advance(30 * DAY)
    await world.broker.expireDue()
    expect(world.stores.messages.take(world.clock.now).map(({ messageId }) => messageId)).toEqual([first])
    world.advance(600)

    await world.broker.expireDue()
    const ids = world.stores.messages.sent().filter(({ entity }) => entity === 'due')
    await world.work()

    expect(ids.map(({ messageId }) => messageId)).toEqual([first, `${first}/r1`])
    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(await rowsOf(world)).toEqual([])
  })

  test('happens once though two timers find it at once, and two processes meet it at once', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const [row] = (await rowsOf(world)).filter(({ kind }) => kind === 'expire')
    world.advance(30 * DAY)
    const processes = [world.start(), world.start()]

    expect(await Promise.all(processes.map((each) => each.expireDue()))).toEqual([1, 1])
    await Promise.all(processes.map((each) => row && each.doDeferredWork({ work: 'meetDeadline', row })))
    await Promise.all(processes.map((each) => each.settled()))
    await world.work()

    expect((await world.factsOf(id)).filter(({ type }) => type === 'Purged')).toHaveLength(1)
    expect(told(world, 'filepurged')).toHaveLength(1)
    expect(await rowsOf(world)).toEqual([])
    expect(placesOf(world, id)).toEqual([])
  })

  test('comes again when it could not be done', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    world.advance(30 * DAY)
    await world.broker.expireDue()
    const broken = world.start(({ transfers }) => ({ transfers: { ...transfers, commit: down } }))
    await expect(world.work(broken)).rejects.toThrow('It is down.')
    world.advance(600)

    await tick(world)

    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(await rowsOf(world)).toEqual([])
  })

  test('deletes the file though that failed at first', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    world.advance(30 * DAY)
    const broken = world.start(({ blobs }) => ({ blobs: { ...blobs, remove: down } }))
    await broken.expireDue()
    await world.work(broken)
    expect(placesOf(world, id)).toHaveLength(1)
    world.advance(600)

    await world.broker.resumeCommittedChanges()

    expect(placesOf(world, id)).toEqual([])
  })

  test('gives way to the grace time after the last confirmation, even where it would come first', async () => {
    const world = await memoryWorld({ graceSeconds: DAY, timeToLiveSeconds: 2 * DAY })
    const id = await world.published({ recipients: [kari] })
    world.advance(1.5 * DAY)
    await world.broker.downloadFile(callerFor(kari), id, undefined)
    await world.broker.confirmDownload(callerFor(kari), id)
    await world.broker.settled()

    world.advance(0.75 * DAY)
    await tick(world)
    expect((await world.read(id)).transfer.status).toBe('AllConfirmedDownloaded')

    world.advance(0.25 * DAY)
    await tick(world)
    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(told(world, 'filepurged')).toHaveLength(1)
    expect(told(world, 'fileneverconfirmeddownloaded')).toEqual([])
  })

  test('comes at its time for a resource that does not purge after the last confirmation', async () => {
    const world = await memoryWorld({ purgeAfterAllConfirmed: false })
    const id = await world.published({ recipients: [kari] })
    await world.broker.downloadFile(callerFor(kari), id, undefined)
    await world.broker.confirmDownload(callerFor(kari), id)
    world.advance(29 * DAY)
    await tick(world)
    expect((await world.read(id)).transfer.status).toBe('AllConfirmedDownloaded')

    world.advance(DAY)
    await tick(world)

    expect((await world.read(id)).transfer.status).toBe('Purged')
  })
})

describe('a deadline that does not hold any more', () => {
  test('is removed, and nothing happens', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    const overdue = (await world.read(id)).transfer.deadlines.filter(({ kind }) => kind === 'scanOverdue')
    expect(overdue).toHaveLength(1)
    await world.work()
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    await world.broker.settled()
    await world.stores.due.replace(id, [], overdue)
    world.advance(4000)

    await tick(world)

    expect((await world.read(id)).transfer.status).toBe('Published')
    expect(await kindsOf(world)).toEqual(['expire'])
  })

  test('that is not there yet is kept, since its commit may be under way', async () => {
    const world = await memoryWorld()
    const { transfer, facts } = initialized()
    const row: DueRow = {
      fileTransferId: transfer.id,
      kind: 'expire',
      at: transfer.expirationTime,
      sequence: 1,
      tries: 0,
      since: world.clock.now,
    }
    await world.stores.due.replace(transfer.id, [], [row])

    await world.broker.doDeferredWork({ work: 'meetDeadline', row })
    world.advance(600)
    await world.broker.doDeferredWork({ work: 'meetDeadline', row })
    expect(await rowsOf(world)).toHaveLength(1)

    await world.broker.commits.create(transfer, facts)
    await world.broker.doDeferredWork({ work: 'meetDeadline', row })
    expect(await rowsOf(world)).toHaveLength(1)
  })

  test('of a transfer that never came is removed after ten minutes', async () => {
    const world = await memoryWorld()
    const row: DueRow = {
      fileTransferId: randomUUID(),
      kind: 'expire',
      at: later(1),
      sequence: 1,
      tries: 0,
      since: world.clock.now,
    }
    await world.stores.due.replace(row.fileTransferId, [], [row])
    world.advance(600.001)

    await world.broker.doDeferredWork({ work: 'meetDeadline', row })

    expect(await rowsOf(world)).toEqual([])
  })

  test('of a change that never came is kept for ten minutes, and then removed', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const row: DueRow = {
      fileTransferId: id,
      kind: 'uploadIdle',
      at: later(1),
      sequence: 2,
      tries: 0,
      since: world.clock.now,
    }
    await world.stores.due.replace(id, [], [row])
    world.advance(600)

    await world.broker.doDeferredWork({ work: 'meetDeadline', row })
    expect(await kindsOf(world)).toEqual(['expire', 'uploadIdle'])

    world.advance(0.001)
    await world.broker.doDeferredWork({ work: 'meetDeadline', row })
    expect(await kindsOf(world)).toEqual(['expire'])
  })

  test('that was handed on before its time is kept', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const [row] = await rowsOf(world)
    world.advance(3600)

    if (row) await world.broker.doDeferredWork({ work: 'meetDeadline', row })

    expect((await world.read(id)).transfer.status).toBe('Initialized')
    expect(await kindsOf(world)).toEqual(['expire'])
  })
})

describe('an upload that has not been processed', () => {
  test('is sent to be checked again, under a new id each time, until it has been', async () => {
    const world = await memoryWorld()
    const id = await world.unread()
    const { sequence } = (await world.read(id)).transfer
    // The message is lost.
    world.stores.messages.take(world.clock.now)
    world.advance(301)

    await world.broker.expireDue()
    const [first] = world.stores.messages.take(world.clock.now)
    if (first) await world.handle(first)

    const checks = world.stores.messages.sent().filter(({ entity }) => entity === 'uploadProcessing')
    expect(checks.map(({ messageId }) => messageId)).toEqual([`${id}-${sequence}`, `${id}-${sequence}/r1`])
    expect(JSON.parse(checks[1]?.body ?? '')).toEqual({ ...JSON.parse(checks[0]?.body ?? ''), again: 1 })
    expect(await kindsOf(world)).toContain('processingOverdue')

    // This one is lost, too.
    world.stores.messages.take(world.clock.now)
    world.advance(600)
    await tick(world)
    expect((await world.read(id)).transfer).toMatchObject({ isChecked: true })
    expect(await kindsOf(world)).not.toContain('processingOverdue')
  })
})

describe('a scan', () => {
  test('that gives no verdict for long is warned of once', async () => {
    const world = await memoryWorld()
    await world.uploaded()
    await world.work()
    world.advance(900)

    await tick(world)
    world.advance(120)
    await tick(world)

    expect(world.log.filter(({ event }) => event === 'scan.slow')).toHaveLength(1)
    expect(await kindsOf(world)).toEqual(['expire', 'scanOverdue'])
  })

  test('is warned of once though the check before it is asked for again and again', async () => {
    const world = await memoryWorld()
    await world.unread()
    world.advance(901)
    for (let i = 0; i < 6; i++) {
      await world.broker.expireDue()
      for (const message of world.stores.messages.take(world.clock.now)) {
        if (message.entity === 'due') await world.handle(message)
      }
      world.advance(660)
    }

    expect(world.log.filter(({ event }) => event === 'scan.slow').length).toBe(1)
  })

  test('that gives no verdict in time fails the transfer with that reason, and deletes the file', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    await world.work()
    world.advance(3600)

    await tick(world)

    expect((await world.read(id)).transfer).toMatchObject({
      status: 'Failed',
      reason: 'The malware scan gave no result in time',
    })
    expect(placesOf(world, id)).toEqual([])
    expect(told(world, 'uploadfailed')).toEqual([`${sender} Sender`])
    expect(await kindsOf(world)).toEqual(['expire'])
  })
})

describe('the row of a deadline', () => {
  test('is written when the deadline before it has been applied, and there is one at a time', async () => {
    const world = await memoryWorld()
    await world.uploaded()
    await world.work()
    expect(await kindsOf(world)).toEqual(['expire', 'scanWarning'])

    world.advance(900)
    await tick(world)
    expect(await kindsOf(world)).toEqual(['expire', 'scanOverdue'])

    world.advance(2700)
    await tick(world)
    expect(await kindsOf(world)).toEqual(['expire'])
  })

  test('stays until the next one is written', async () => {
    const world = await memoryWorld()
    await world.uploaded()
    await world.work()
    world.advance(900)
    await world.broker.expireDue()
    const broker = world.start(({ due }) => ({ due: { ...due, replace: down } }))
    const [message] = world.stores.messages.take(world.clock.now)

    if (message) await world.handle(message, broker).catch(() => {})

    expect(await kindsOf(world)).toEqual(['expire', 'scanWarning'])
    world.advance(600)
    await tick(world)
    expect(await kindsOf(world)).toEqual(['expire', 'scanOverdue'])
  })

  test('that was never written is not missed by a change after its time', async () => {
    const world = await memoryWorld()
    const id = await world.unread()
    const { transfer } = await world.read(id)
    world.advance(7200)

    // Nothing was applied in the meantime; then the check comes.
    await world.work()

    const first = (await world.read(id)).transfer.deadlines.toSorted((a, b) => a.at.getTime() - b.at.getTime())[0]
    expect(first?.sequence).toBe(transfer.sequence)
    expect(await kindsOf(world)).toEqual(['expire', 'scanOverdue', 'scanWarning'])
  })
})

describe('an upload that was begun and never finished', () => {
  test('fails after a day, and what was stored is deleted', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    // The process dies when the bytes are stored.
    const dying = world.start(({ transfers }) => {
      let commits = 0
      return { transfers: { ...transfers, commit: (...args) => (++commits > 1 ? down() : transfers.commit(...args)) } }
    })
    const body = (async function* () {
      yield Buffer.from('hello')
    })()
    await dying.uploadFile(callerFor(sender), id, { body, declaredBytes: 5 }).catch(() => {})
    await dying.settled()
    expect(placesOf(world, id)).toHaveLength(1)
    world.advance(DAY)

    await tick(world)

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Failed' })
    expect(placesOf(world, id)).toEqual([])
    expect(told(world, 'uploadfailed')).toEqual([`${sender} Sender`])
  })
})
