import { beforeEach, describe, expect, test } from 'vitest'
import { tables } from '../../src/config.js'
import { backupsOf, contentsOf, done, loseRows, loseTables, restored, withoutBackups } from '../support/backups.js'
import { flawsOf, storedIn } from '../support/crashInvariants.js'
import { crashStack, type World } from '../support/crashStack.js'
import { CONTENT, requestOf, story } from '../support/crashStory.js'
import { bytesOf, callerFor, uploadOf } from '../support/memoryBroker.js'
import { good, tusCaller, tusClient } from '../support/tus.js'

const DAY = 86_400
const makeWorld = crashStack()
let world: World

beforeEach(async () => {
  world = await makeWorld()
  await withoutBackups(world)
})

const settle = () => world.pump.empty(world.recovering.broker, world.recovering.settled)

async function begin(label: string, asked: Parameters<typeof requestOf>[2] = {}): Promise<string> {
  const { broker } = world.recovering
  const begun = done(
    await broker.initializeFileTransfer(callerFor(world.sender), requestOf(world, label, asked), undefined),
  )
  world.labels.set(begun, label)
  await settle()
  return begun
}

async function publish(label: string, asked: Parameters<typeof requestOf>[2] = {}): Promise<string> {
  const id = await begin(label, asked)
  done(await world.recovering.broker.uploadFile(callerFor(world.sender), id, uploadOf(CONTENT)))
  await settle()
  return id
}

async function download(id: string): Promise<string> {
  const given = done(await world.recovering.broker.downloadFile(callerFor(world.kari), id, undefined))
  const chunks = await Array.fromAsync(given.source.bytes)
  await settle()
  return Buffer.concat(chunks).toString()
}

async function confirm(id: string): Promise<void> {
  done(await world.recovering.broker.confirmDownload(callerFor(world.kari), id))
  await settle()
}

const backUp = (broker = world.recovering.broker) => broker.backUpTables()

const asked = ({ resource }: World) => ({ resourceId: resource.id })

const statusOf = async (id: string) => (await world.stores.transfers.read(id))?.transfer.status

/** What the timers and queues do in the time after a restore. */
async function work(seconds: number): Promise<void> {
  world.advance(seconds)
  await world.recovering.broker.resumeCommittedChanges()
  await world.recovering.broker.expireDue()
  await settle()
}

describe('a restore into empty tables', () => {
  test('restores every transfer, and all else that cannot be derived again', async () => {
    await begin('begun')
    const told = await story(world, 'scanned', { disableVirusScan: false }).uploaded()
    world.labels.set(await told.store(), 'scanned')
    const confirmed = await publish('confirmed')
    await backUp()
    world.advance(DAY)
    await download(confirmed)
    await confirm(confirmed)
    await publish('published', { recipients: [world.kari, world.ola] })
    done(await world.recovering.broker.cancelFileTransfer(callerFor(world.sender), await begin('cancelled')))
    await settle()
    await backUp()
    const before = await contentsOf(world)

    await loseTables(world)
    const { result } = await restored(world)

    expect(await contentsOf(world)).toEqual(before)
    expect(done(result)).toMatchObject({
      asOf: world.clock.now,
      fileTransfers: 5,
      notWhole: [],
      // The resource, and its row in the list of its owner.
      added: { [tables.resources]: 2, [tables.serviceOwners]: 1 },
    })
    expect(before.stored).toHaveLength(5)
    await work(660)
    expect(await flawsOf(world, await storedIn(world))).toEqual([])
  })

  test('leaves transfers found whose search partition the resource did not have when it was backed up', async () => {
    const { resources, transfers } = world.stores
    const save = async (searchPartitions?: number) => {
      const version = (await resources.read(world.resource.id))?.version
      await resources.save({ ...world.resource, ...(searchPartitions && { searchPartitions }) }, version)
    }
    const partitionOf = async (id: string) => (await transfers.read(id))?.transfer.searchPartition ?? 0
    await save(8)
    let id = await begin('number 0')
    for (let number = 1; (await partitionOf(id)) < 2; number++) id = await begin(`number ${number}`)
    await save()
    await backUp()

    await loseTables(world)
    done((await restored(world)).result)

    expect((await resources.read(world.resource.id))?.resource.searchPartitions).toBe(4)
    const found = await world.start().broker.searchFileTransfers(callerFor(world.kari), asked(world), undefined)
    expect(done(found).ids).toContain(id)
    await work(660)
    expect(await flawsOf(world, await storedIn(world))).toEqual([])
  })

  test('leaves transfers that go on: they are downloaded, confirmed, purged and found', async () => {
    const [one, other] = [await publish('one'), await publish('other')]
    await backUp()
    await loseTables(world)
    done((await restored(world)).result)

    expect(await download(one)).toBe(CONTENT)
    await confirm(one)
    await work(3 * 3600)
    expect(await statusOf(one)).toBe('Purged')
    expect(await flawsOf(world, await storedIn(world))).toEqual([])
    await work(400 * DAY)
    expect(await statusOf(other)).toBe('Purged')
    await publish('new')
    await work(60)
    expect(await flawsOf(world, await storedIn(world))).toEqual([])
  })

  test('has what was committed just before the backup carried out, events included', async () => {
    const told = await story(world, 'one').uploaded()
    const id = await told.store({ untold: told.transfer().sequence, isHidden: true })
    world.labels.set(id, 'one')
    await backUp()
    await loseTables(world)
    done((await restored(world)).result)

    await work(660)

    expect(await statusOf(id)).toBe('Published')
    expect(await flawsOf(world, await storedIn(world))).toEqual([])
  })

  test('publishes nothing again that was published long before the backup', async () => {
    await publish('one')
    world.advance(2 * 3600)
    await backUp()
    await loseTables(world)
    world.posted.length = 0
    done((await restored(world)).result)
    await work(660)

    expect(world.posted).toEqual([])
  })

  test('restores no data for longer than they are to be kept', async () => {
    await publish('old')
    await work(400 * DAY) // purged, and kept for 730 days
    await work(729 * DAY)
    await backUp()
    await work(2 * DAY)
    expect(await storedIn(world)).toEqual([])
    await loseTables(world)
    expect(done((await restored(world)).result).fileTransfers).toBe(1)

    // In this test the first message has the id of the one that was sent before the restore.
    for (const seconds of [0, 660]) await work(seconds)

    expect(await storedIn(world)).toEqual([])
    world.posted.length = 0
    expect(await flawsOf(world, [])).toEqual([])
  })

  test('has resumable uploads begun again', async () => {
    const id = await begin('tus')
    const caller = tusCaller(world.sender)
    const client = tusClient(world.recovering.broker, id, caller)
    good(await client.create(CONTENT.length))
    good(await client.patch(0, CONTENT.slice(0, 2)))
    await settle()
    await backUp()
    await loseTables(world)
    done((await restored(world)).result)

    good(await client.create(CONTENT.length))
    good(await client.patch(0, CONTENT))
    await settle()

    expect(await statusOf(id)).toBe('Published')
    expect(await download(id)).toBe(CONTENT)
  })
})

describe('a backup made while callers go on', () => {
  test('holds every change that was committed before it began, and each change whole', async () => {
    const { broker } = world.recovering
    const before: string[] = []
    for (let i = 0; i < 6; i++) before.push(await begin(`before ${i}`))
    let isMade = false
    const writers = before.map(async (id, i) => {
      for (let n = 0; !isMade; n++) {
        done(await broker.initializeFileTransfer(callerFor(world.sender), requestOf(world, `${i} ${n}`), undefined))
        await broker.uploadFile(callerFor(world.sender), id, { body: bytesOf('x'), declaredBytes: 2 }) // broken off
      }
    })
    const known = await contentsOf(world)
    await backUp()
    isMade = true
    await Promise.all(writers)
    await settle()
    await loseTables(world)
    const { notWhole } = done((await restored(world)).result)

    const after = await storedIn(world)
    expect(notWhole).toEqual([])
    for (const { transfer, facts } of known.stored) {
      const found = after.find((each) => each.transfer.id === transfer.id)
      expect(found?.facts.slice(0, facts.length)).toEqual(facts)
    }
  })

  test('of what is new is found by the time of the table itself, whatever the clock of the app', async () => {
    world.clock.now = new Date(Date.now() + 3_600_000) // the overlap is an hour: what is written from now on is new
    await begin('old')
    world.clock.now = new Date(Date.now() + 3_600_000 + 1)
    await backUp()
    world.advance(DAY)
    await begin('new')
    await backUp()

    const [full, increment] = await backupsOf(world).list()
    const rows = async (backup = full) => (backup ? (await backupsOf(world).manifestOf(backup)).parts : [])
    const transfers = (parts: Awaited<ReturnType<typeof rows>>) =>
      parts.filter(({ table }) => table === tables.fileTransfers).reduce((sum, part) => sum + part.rows, 0)

    expect([transfers(await rows(full)), transfers(await rows(increment))]).toEqual([2, 2])
  })
})

/** A transfer that was cancelled a day after a backup, and before another one; then the tables are lost. */
async function cancelledBetweenBackups() {
  const id = await begin('one')
  await backUp()
  const then = world.clock.now
  world.advance(DAY)
  done(await world.recovering.broker.cancelFileTransfer(callerFor(world.sender), id))
  await settle()
  await backUp()
  await loseTables(world)
  return { id, then }
}

describe('a restore', () => {
  test('restores the tables as they were at a time', async () => {
    const { id, then } = await cancelledBetweenBackups()

    done((await restored(world, { at: then })).result)

    expect(await statusOf(id)).toBe('Initialized')
  })

  test('is followed by a full backup, so that what it left out is never restored', async () => {
    const { id, then } = await cancelledBetweenBackups()
    done((await restored(world, { at: then })).result)

    world.advance(DAY)
    await backUp()
    await loseTables(world)
    done((await restored(world)).result)

    expect(await statusOf(id)).toBe('Initialized')
  })

  test('takes no backup that is not whole', async () => {
    await begin('one')
    await backUp()
    const [made] = await backupsOf(world).list()
    await world.clients.backups.getContainerClient('backups').deleteBlob(`manifests/${made?.id}.json`)

    expect((await restored(world, { isIntoExisting: true })).result).toEqual({ ok: false, reason: 'NoBackup' })
  })

  test('is refused when a backup is missing between two', async () => {
    for (let night = 0; night < 3; night++) {
      await backUp()
      world.advance(DAY)
    }
    const [, second] = await backupsOf(world).list()
    await world.clients.backups.getContainerClient('backups').deleteBlob(`manifests/${second?.id}.json`)
    await loseTables(world)

    expect((await restored(world)).result).toEqual({ ok: false, reason: 'BackupMissing' })
  })

  test('is refused when one of the tables has rows, and changes nothing', async () => {
    await backUp()
    await loseTables(world)
    for (const name of Object.values(tables).filter((each) => each !== tables.parties)) {
      await world.clients.table(name).createEntity({ partitionKey: 'a', rowKey: 'b' })

      expect([name, (await restored(world)).result]).toEqual([name, { ok: false, reason: 'TablesHaveRows' }])
      expect(await world.stores.serviceOwners.read(world.owner)).toBeUndefined()
      await loseTables(world, [name])
    }
  })

  test('into damaged tables adds what is lost, and moves nothing back', async () => {
    const [changed, lost, torn] = [await publish('changed'), await publish('lost'), await publish('torn')]
    await backUp()
    await download(changed)
    await download(torn)
    const before = await contentsOf(world)
    const table = world.clients.table(tables.fileTransfers)
    await loseRows(world.clients.scan(tables.fileTransfers), `PartitionKey eq '${lost}'`)
    await table.deleteEntity(torn, 'state') // its later facts are there
    await loseTables(world, [tables.due, tables.transfersByActor])

    const { notWhole } = done((await restored(world, { isIntoExisting: true })).result)

    expect(notWhole).toEqual([])
    expect((await contentsOf(world)).stored).toEqual(before.stored)
    await work(660)
    expect(await flawsOf(world, await storedIn(world))).toEqual([])
  })

  test('can be done again', async () => {
    await publish('one')
    await backUp()
    await loseTables(world)
    const first = done((await restored(world)).result)
    const before = await contentsOf(world)

    const again = done((await restored(world, { isIntoExisting: true })).result)

    expect(Object.values(first.added).some((count) => count > 0)).toBe(true)
    expect(Object.values(again.added).every((count) => count === 0)).toBe(true)
    expect(await contentsOf(world)).toEqual(before)
  })

  test('leads a state over the facts that follow it, and not over a gap', async () => {
    const id = await begin('one')
    const table = world.clients.table(tables.fileTransfers)
    const { etag, timestamp, ...old } = await table.getEntity(id, 'state')
    done(await world.recovering.broker.uploadFile(callerFor(world.sender), id, uploadOf(CONTENT)))
    await settle()
    await table.updateEntity({ ...old, partitionKey: id, rowKey: 'state' }, 'Replace')
    await table.deleteEntity(id, 'event-00000003')
    await backUp()
    await loseTables(world)

    const { notWhole } = done((await restored(world)).result)

    expect(notWhole).toEqual([id])
    expect((await world.stores.transfers.read(id))?.transfer).toMatchObject({ sequence: 2, status: 'UploadStarted' })
  })

  test('lists the transfers that are not whole, and restores the others', async () => {
    const [good, unreadable, cut] = [await begin('good'), await begin('unreadable'), await begin('cut')]
    const table = world.clients.table(tables.fileTransfers)
    await table.updateEntity({ partitionKey: unreadable, rowKey: 'state', json0: '{"status":"Unheard"}' }, 'Merge')
    await table.deleteEntity(cut, 'event-00000001')
    await backUp()
    await loseTables(world)

    const { result, lines } = await restored(world)

    expect(done(result).notWhole.toSorted()).toEqual([unreadable, cut].toSorted())
    expect(lines.filter(({ event }) => event === 'restore.notWhole')).toHaveLength(2)
    expect(await statusOf(good)).toBe('Initialized')
  })
})
