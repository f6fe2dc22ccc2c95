import { describe, expect, test } from 'vitest'
import type { FileTransferId } from '../../../src/domain/fileTransfer/state.js'
import { err } from '../../../src/domain/result.js'
import type { InitializeGroupRequest } from '../../../src/usecases/sending/initializeFileTransferGroup.js'
import { callerFor, memoryWorld, uploadOf } from '../../support/memoryBroker.js'
import { kari, ola, organization, request, sender } from '../../support/samples.js'

type World = Awaited<ReturnType<typeof memoryWorld>>

const NAMES = ['one.txt', 'two.txt', 'three.txt']
const groupRequest = (more: Partial<InitializeGroupRequest> = {}): InitializeGroupRequest => {
  const { fileName, checksum, ...shared } = request({ recipients: [kari, ola], disableVirusScan: true })
  return { ...shared, files: NAMES.map((fileName) => ({ fileName, checksum: null })), ...more }
}

async function groupIn(world: World, asked = groupRequest(), key = 'key') {
  const begun = await world.broker.initializeFileTransferGroup(callerFor(sender), asked, key)
  if (!begun.ok) throw new Error(JSON.stringify(begun.reason))
  await world.broker.settled()
  return begun.value
}

async function publish({ broker }: World, ...ids: FileTransferId[]) {
  for (const id of ids)
    expect(await broker.uploadFile(callerFor(sender), id, uploadOf('file'))).toMatchObject({ ok: true })
  await broker.settled()
}

async function download({ broker }: World, ...ids: FileTransferId[]) {
  for (const id of ids) {
    const opened = await broker.downloadFile(callerFor(kari), id, undefined)
    if (opened.ok) await Array.fromAsync(opened.value.source.bytes)
  }
}

/** A group of which Kari has downloaded all files. */
async function downloadedGroup() {
  const world = await memoryWorld()
  const group = await groupIn(world)
  await publish(world, ...group.fileTransferIds)
  await download(world, ...group.fileTransferIds)
  return { world, ...group }
}

const statusesOf = async ({ read }: World, ids: FileTransferId[]) =>
  Promise.all(ids.map(async (id) => (await read(id)).transfer.recipients[kari]?.status))

describe('initializing a group', () => {
  test('begins a file transfer for each file, which knows its place', async () => {
    const world = await memoryWorld()

    const { id, fileTransferIds } = await groupIn(world)

    expect(new Set([id, ...fileTransferIds]).size).toBe(4)
    for (const [index, each] of fileTransferIds.entries()) {
      const { transfer } = await world.read(each)
      const group = { id, number: index + 1, count: 3 }
      expect(transfer).toMatchObject({ fileName: NAMES[index], status: 'Initialized', group })
    }
    const initialized = world.log.filter(({ event }) => event === 'fileTransfer.initialized')
    expect(initialized.map(({ details }) => [details.fileTransferGroupId, details.fileCount])).toEqual(
      NAMES.map(() => [id, 3]),
    )
  })

  test('answers a repeated request with the same ids, also when they come side by side', async () => {
    const world = await memoryWorld()
    const first = await groupIn(world)

    const repeated = await Promise.all([groupIn(world), groupIn(world)])

    expect(repeated).toEqual([first, first])
    expect(world.stores.searchIndex.rows().filter(({ actor }) => actor.role === 'Sender')).toHaveLength(3)
  })

  test('is refused with a key of another request', async () => {
    const world = await memoryWorld()
    await groupIn(world)
    await world.broker.initializeFileTransfer(callerFor(sender), request(), 'single')

    const others = [
      world.broker.initializeFileTransferGroup(callerFor(sender), groupRequest({ propertyList: { a: 'b' } }), 'key'),
      world.broker.initializeFileTransferGroup(callerFor(sender), groupRequest(), 'single'),
    ]

    expect(await Promise.all(others)).toEqual([err('IdempotencyKeyReused'), err('IdempotencyKeyReused')])
  })

  test('begins nothing when it is refused', async () => {
    const world = await memoryWorld({ reminders: [] })
    const stranger = callerFor(organization('999888777'))

    const refused = [
      await world.broker.initializeFileTransferGroup(stranger, groupRequest(), 'key'),
      await world.broker.initializeFileTransferGroup(callerFor(sender), groupRequest({ reminders: [86_400] }), 'key'),
    ]

    expect(refused).toMatchObject([{ reason: 'NoAccessToResource' }, { reason: { problem: 'ReminderNotOffered' } }])
    expect(world.stores.searchIndex.rows()).toEqual([])
  })

  test.each(NAMES.flatMap((_, index) => ['before', 'after'].map((when) => [when, index + 1] as const)))(
    'is completed by the same request when the process dies %s commit %d',
    async (when, dying) => {
      const world = await memoryWorld()
      const { transfers } = world.stores
      let commits = 0
      const cut = world.start(() => ({
        transfers: {
          ...transfers,
          async commit(...commit) {
            const isLast = ++commits >= dying
            if (isLast && (when === 'before' || commits > dying)) throw new Error('the process dies')
            const version = await transfers.commit(...commit)
            if (isLast) throw new Error('the process dies')
            return version
          },
          changeIdAt: async () => undefined,
        },
      }))
      await expect(cut.initializeFileTransferGroup(callerFor(sender), groupRequest(), 'key')).rejects.toThrow('dies')

      const { id, fileTransferIds } = await groupIn(world)

      const all = await Promise.all(fileTransferIds.map(world.read))
      expect(all.map(({ transfer }) => [transfer.group?.id, transfer.status, transfer.fileName])).toEqual(
        NAMES.map((name) => [id, 'Initialized', name]),
      )
    },
  )
})

test('a group of which a file could not be begun in time is not answered as done', async () => {
  const world = await memoryWorld()
  const { outbox } = world.stores
  const stalled = world.start(() => ({
    outbox: {
      ...outbox,
      async add(...entry) {
        await outbox.add(...entry)
        world.clock.now = new Date(world.clock.now.getTime() + 3_600_000)
      },
    },
  }))

  const refused = await stalled.initializeFileTransferGroup(callerFor(sender), groupRequest(), 'key')

  expect(refused).toEqual(err('FileTransferBusy'))
  const { fileTransferIds } = await groupIn(world)
  expect(await statusesOf(world, fileTransferIds)).toEqual(NAMES.map(() => 'Initialized'))
})

describe('a group', () => {
  test.each([
    ['its sender', sender, 'Sender'],
    ['a recipient', kari, 'Recipient'],
  ])('is seen by %s', async (_, who, role) => {
    const world = await memoryWorld()
    const { id, fileTransferIds } = await groupIn(world)

    const found = await world.broker.getFileTransferGroup(callerFor(who), id)

    expect(found).toMatchObject({ ok: true, value: { viewer: { role, organization: who }, group: { id, count: 3 } } })
    if (found.ok) expect(found.value.group.members.map((each) => each.id)).toEqual(fileTransferIds)
  })

  test('is refused to others, and is not found by the id of a file transfer or any other', async () => {
    const world = await memoryWorld()
    const { id, fileTransferIds } = await groupIn(world)
    const ask = (who: typeof kari, which = '') => world.broker.getFileTransferGroup(callerFor(who), which)

    expect(await ask(organization('999888777'), id)).toEqual(err('NoAccessToResource'))
    expect(await ask(sender, fileTransferIds[0])).toEqual(err('FileTransferGroupNotFound'))
    expect(await ask(sender, crypto.randomUUID())).toEqual(err('FileTransferGroupNotFound'))
    expect(await ask(sender, 'aaaaaaaa-0aaa-0aaa-0aaa-aaaaaaaaaaaa')).toEqual(err('FileTransferGroupNotFound'))
  })

  test('is shown without a file transfer that has been removed', async () => {
    const world = await memoryWorld()
    const { id, fileTransferIds } = await groupIn(world)
    const [first, , third] = fileTransferIds
    const { transfer, version } = await world.read(fileTransferIds[1] ?? '')
    await world.stores.transfers.remove(transfer.id, version)

    const found = await world.broker.getFileTransferGroup(callerFor(kari), id)

    expect(found).toMatchObject({ value: { group: { count: 3, members: [{ id: first }, { id: third }] } } })
  })
})

describe('confirming a group', () => {
  test('confirms each file for the recipient, and closes those that nobody else is to confirm', async () => {
    const { world, id, fileTransferIds } = await downloadedGroup()

    const confirmed = await world.broker.confirmFileTransferGroup(callerFor(kari), id)

    expect(confirmed).toMatchObject({ ok: true, value: { viewer: { role: 'Recipient', organization: kari } } })
    expect(await statusesOf(world, fileTransferIds)).toEqual(NAMES.map(() => 'DownloadConfirmed'))
    const { transfer } = await world.read(fileTransferIds[0] ?? '')
    expect([transfer.status, transfer.recipients[ola]?.status]).toEqual(['Published', 'Initialized'])
  })

  test('is idempotent', async () => {
    const { world, id, fileTransferIds } = await downloadedGroup()
    await world.broker.confirmFileTransferGroup(callerFor(kari), id)
    const facts = await Promise.all(fileTransferIds.map(world.factsOf))

    const again = await world.broker.confirmFileTransferGroup(callerFor(kari), id)

    expect(again.ok).toBe(true)
    expect(await Promise.all(fileTransferIds.map(world.factsOf))).toEqual(facts)
  })

  test('confirms nothing while a file is still to come, and names it', async () => {
    const world = await memoryWorld()
    const { id, fileTransferIds } = await groupIn(world)
    const [first = '', second = '', third = ''] = fileTransferIds
    const confirm = () => world.broker.confirmFileTransferGroup(callerFor(kari), id)
    await publish(world, first, second)
    await download(world, first)

    expect(await confirm()).toEqual(err({ problem: 'ConfirmDownloadBeforeDownloadStarted', fileTransferId: second }))
    await download(world, second)
    expect(await confirm()).toEqual(err({ problem: 'NoFileUploaded', fileTransferId: third }))
    expect(await statusesOf(world, fileTransferIds)).toEqual(['DownloadStarted', 'DownloadStarted', 'Initialized'])
  })

  test('passes over a file that was cancelled', async () => {
    const { world, id, fileTransferIds } = await downloadedGroup()
    const [first = ''] = fileTransferIds
    await world.broker.cancelFileTransfer(callerFor(sender), first, 'The wrong file')

    const confirmed = await world.broker.confirmFileTransferGroup(callerFor(kari), id)

    expect(confirmed.ok).toBe(true)
    expect(await statusesOf(world, fileTransferIds)).toEqual([
      'DownloadStarted',
      'DownloadConfirmed',
      'DownloadConfirmed',
    ])
  })

  test('is refused when all files have ended without it', async () => {
    const { world, id, fileTransferIds } = await downloadedGroup()
    for (const each of fileTransferIds) await world.broker.cancelFileTransfer(callerFor(sender), each, 'Wrong files')

    const refused = await world.broker.confirmFileTransferGroup(callerFor(kari), id)

    expect(refused).toEqual(err({ problem: 'FileTransferNotPublished', fileTransferId: fileTransferIds[0] }))
  })

  test('is not answered as done while others change one of its files', async () => {
    const { world, id, fileTransferIds } = await downloadedGroup()
    const [, second] = fileTransferIds
    const { transfers } = world.stores
    const busy = world.start(() => ({
      transfers: {
        ...transfers,
        commit: async (next, ...rest) => (next.id === second ? 'conflict' : transfers.commit(next, ...rest)),
      },
      async pause() {
        world.clock.now = new Date(world.clock.now.getTime() + 1000)
      },
    }))

    const refused = await busy.confirmFileTransferGroup(callerFor(kari), id)

    expect(refused).toEqual(err({ problem: 'FileTransferBusy', fileTransferId: second }))
    expect(await statusesOf(world, fileTransferIds)).toEqual([
      'DownloadConfirmed',
      'DownloadStarted',
      'DownloadConfirmed',
    ])
    expect(await world.broker.confirmFileTransferGroup(callerFor(kari), id)).toMatchObject({ ok: true })
  })

  test('is for recipients of a group that is there', async () => {
    const { world, id } = await downloadedGroup()
    const confirm = (who: typeof kari, which = id) => world.broker.confirmFileTransferGroup(callerFor(who), which)

    expect(await confirm(sender)).toEqual(err('NoAccessToResource'))
    expect(await confirm(kari, crypto.randomUUID())).toEqual(err('FileTransferGroupNotFound'))
  })
})
