import { describe, expect, test } from 'vitest'
import type { FileTransferId } from '../../src/domain/fileTransfer.js'
import { heldAttempts } from '../../src/domain/fileTransfer.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import { searchProjections } from '../../src/domain/searchRows.js'
import type { BlobPlace } from '../../src/usecases/ports.js'
import {
  type Broker,
  callerFor,
  memoryWorld,
  type Ports,
  scanOf,
  uploadOf,
  type World,
} from '../support/memoryBroker.js'
import { all, kari, later, ola, owner, request, sender } from '../support/samples.js'

type Moment = 'before' | 'after'
const wrapped = [
  'transfers',
  'pending',
  'due',
  'searchIndex',
  'messages',
  'blobs',
  'resources',
  'serviceOwners',
] as const

/** Ports of a process that dies at its `nth` call, before anything has come of it or before it could learn of that. */
function dyingAt(nth: number, moment: Moment, ports: Ports) {
  let calls = 0
  const die = () => {
    throw new Error(`The process died at call ${nth}.`)
  }
  const mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          const call = ++calls
          if (call > nth || (call === nth && moment === 'before')) die()
          const answer: unknown = await method.apply(target, args)
          if (calls >= nth && (call !== nth || moment === 'after')) die()
          return answer
        }
      },
    })
  const mortals: Partial<Ports> = Object.fromEntries(wrapped.map((name) => [name, mortal(ports[name])]))
  return { mortals, hasDied: () => calls >= nth }
}

/** Runs `act` in a process that dies at every call in turn, and tells the world that each leaves behind. */
async function everyDeath(
  moment: Moment,
  prepare: (world: World) => Promise<FileTransferId | undefined>,
  act: (broker: Broker, id: FileTransferId | undefined) => Promise<{ ok: boolean }>,
  inspect: (
    world: World,
    outcome: { nth: number; isAcknowledged: boolean; id: FileTransferId | undefined },
  ) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    const world = await memoryWorld()
    const id = await prepare(world)
    let hasDied = () => false
    const broker = world.start((ports) => {
      const death = dyingAt(nth, moment, ports)
      hasDied = death.hasDied
      return death.mortals
    })
    const answer = await act(broker, id).catch(() => ({ ok: false }))
    await broker.settled()
    await inspect(world, { nth, isAcknowledged: answer.ok, id })
    if (!hasDied()) return nth - 1
  }
}

/** Other processes do what is left to do. */
async function recover(world: World) {
  world.advance(60)
  await world.broker.repairChanges()
  await world.work()
}

/** What must hold of a transfer when nothing is under way any more. */
async function expectWhole(world: World, id: FileTransferId) {
  const { transfer } = await world.read(id)
  const stored = await world.stores.transfers.readFacts(id, 1)
  const numbers = Array.from({ length: transfer.sequence }, (_, i) => i + 1)
  expect(stored?.facts.map(({ sequence }) => sequence)).toEqual(numbers)

  const sent = world.stores.messages.sent()
  const announced = sent.filter(({ entity }) => entity === 'facts').map(({ messageId }) => messageId)
  expect(announced.toSorted()).toEqual(numbers.map((sequence) => `${id}-${sequence}`).toSorted())

  const recipients = Object.keys(transfer.recipients) as OrganizationNumber[]
  const expected = searchProjections(transfer, recipients)
  const rows = world.stores.searchIndex.rows()
  expect(rows).toHaveLength(expected.length)
  for (const { actor, timelines } of expected) {
    const row = rows.find((each) => each.actor.organization === actor.organization)
    expect(row?.timelines).toEqual(timelines)
  }

  const waiting = (await all(world.stores.due.until(later(400 * 86_400)))).map(
    ({ kind, sequence }) => `${kind} ${sequence}`,
  )
  for (const { kind, sequence } of transfer.deadlines) expect(waiting).toContain(`${kind} ${sequence}`)
}

/** Marks that came to nothing go after ten minutes; all others are gone by now. */
async function expectNoMarks(world: World) {
  world.advance(601)
  await world.broker.repairChanges()
  expect(await all(world.stores.pending.all())).toEqual([])
}

describe.each(['before', 'after'] as const)('a process that dies %s any call', (moment) => {
  test('of initializing leaves a whole transfer or none', async () => {
    const deaths = await everyDeath(
      moment,
      async () => undefined,
      (broker) => broker.initializeFileTransfer(callerFor(sender), request()),
      async (world, { isAcknowledged }) => {
        await recover(world)
        const begun = (await all(world.stores.due.until(later(400 * 86_400)))).map((row) => row.fileTransferId)
        const [id] = begun
        const stored = id && (await world.stores.transfers.read(id))
        if (isAcknowledged) expect(stored).toBeTruthy()
        if (id && stored) await expectWhole(world, id)
        else expect(world.stores.searchIndex.rows()).toEqual([])
        await expectNoMarks(world)

        world.clock.now = later(31 * 86_400)
        await world.broker.expireDue()
        await world.work()

        expect(await all(world.stores.due.until(later(400 * 86_400)))).toEqual([])
        if (id && stored) expect((await world.read(id)).transfer.status).toBe('Purged')
      },
    )

    expect(deaths).toBeGreaterThan(8)
  })

  test('of uploading leaves a transfer that is whole, and a file that was acknowledged is stored', async () => {
    const deaths = await everyDeath(
      moment,
      (world) => world.begin(),
      (broker, id = '') => broker.uploadFile(callerFor(sender), id, uploadOf('hello')),
      async (world, { isAcknowledged, id = '' }) => {
        await recover(world)
        await expectWhole(world, id)
        const { transfer } = await world.read(id)
        if (isAcknowledged) expect(transfer.status).toBe('UploadProcessing')
        await expectFilesOf(world, id)

        // Whatever was left, the sender can send the file, and it reaches everybody.
        if (transfer.status !== 'UploadProcessing') {
          expect(transfer.status).toMatch(/^(Initialized|UploadStarted)$/)
          expect(await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toMatchObject({ ok: true })
        }
        await world.work()
        await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
        await world.work()
        expect((await world.read(id)).transfer.status).toBe('Published')
        await expectWhole(world, id)
        await expectNoMarks(world)
        expect(placesOf(world, id)).toHaveLength(1)
        expect(world.posted.filter(({ type }) => type === 'no.altinn.broker.published')).toHaveLength(3)
      },
    )

    expect(deaths).toBeGreaterThan(12)
  })

  test('of uploading leaves nothing behind that does not end by itself', async () => {
    await everyDeath(
      moment,
      (world) => world.begin(),
      (broker, id = '') => broker.uploadFile(callerFor(sender), id, uploadOf('hello')),
      async (world, { id = '' }) => {
        await recover(world)

        for (let day = 0; day < 32; day++) {
          world.advance(86_400)
          await world.broker.expireDue()
          await world.work()
        }

        expect((await world.read(id)).transfer.status).toBe('Purged')
        await expectWhole(world, id)
        expect(placesOf(world, id)).toEqual([])
        expect(await all(world.stores.due.until(later(400 * 86_400)))).toEqual([])
        await expectNoMarks(world)
      },
    )
  })

  test('of confirming a download leaves a transfer that is whole', async () => {
    const deaths = await everyDeath(
      moment,
      async (world) => {
        const id = await world.published()
        for (const recipient of [kari, ola]) await world.broker.downloadFile(callerFor(recipient), id, undefined)
        await world.broker.confirmDownload(callerFor(ola), id)
        await world.broker.settled()
        return id
      },
      (broker, id = '') => broker.confirmDownload(callerFor(kari), id),
      async (world, { id = '' }) => {
        await recover(world)
        await expectWhole(world, id)
        expect(await world.broker.confirmDownload(callerFor(kari), id)).toMatchObject({ ok: true })
        await world.work()
        await expectWhole(world, id)
        await expectNoMarks(world)
        const closed = world.posted.filter(({ type }) => type === 'no.altinn.broker.allconfirmeddownloaded')
        expect(closed).toHaveLength(1)
      },
    )

    expect(deaths).toBeGreaterThan(8)
  })
})

const placesOf = ({ stores }: World, id: FileTransferId) =>
  stores.blobs.places().filter(({ fileTransferId }) => fileTransferId === id)

/** What the transfer holds is there, and nothing lies about that nobody holds. */
async function expectFilesOf(world: World, id: FileTransferId) {
  const { transfer } = await world.read(id)
  const held = heldAttempts(transfer)
  const isHeld = ({ attemptId }: BlobPlace) => held.includes(attemptId)
  expect(placesOf(world, id).every(isHeld)).toBe(true)
  expect(placesOf(world, id).every(({ serviceOwner }) => serviceOwner === owner)).toBe(true)
  if (transfer.status === 'UploadProcessing') expect(placesOf(world, id)).toHaveLength(1)
}
