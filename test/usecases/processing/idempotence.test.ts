import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileTransferId } from '../../../src/domain/fileTransfer/state.js'
import type { SentMessage } from '../../memory/memoryMessages.js'
import { eventsOnce, expectLifecycleInvariants, expectNothingLeft } from '../../support/lifecycleInvariants.js'
import { brokenOff, callerFor, memoryWorld, scanOf, uploadOf, type World } from '../../support/memoryBroker.js'
import { kari, later, ola, sender } from '../../support/samples.js'

type Pump = () => Promise<void>

/**
 * Delivers every message twice, in the order that the picks give; what follows from one may overtake what was sent
 * before it.
 */
const shuffled = (world: World, pick: (below: number) => number) => {
  const waiting: SentMessage[] = []
  return async () => {
    for (;;) {
      await world.broker.settled()
      const fresh = world.stores.messages.take(world.clock.now)
      waiting.push(...fresh, ...fresh)
      const [message] = waiting.splice(pick(waiting.length), 1)
      if (!message) return
      await world.handle(message)
    }
  }
}

/** Six stories, each to its own end, with the messages of all of them mixed. */
async function tell(world: World, pump: Pump): Promise<FileTransferId[]> {
  const { broker } = world
  const plain = await world.begin({ disableVirusScan: true })
  const [clean, infected, cancelled, expired, mistaken] = [
    await world.begin(),
    await world.begin(),
    await world.begin(),
    await world.begin({ disableVirusScan: true }),
    await world.begin({ checksum: 'ffffffffffffffffffffffffffffffff' }),
  ]
  for (const id of [clean, expired]) {
    await broker.uploadFile(callerFor(sender), id, { body: brokenOff('some'), declaredBytes: 5 })
  }
  for (const id of [plain, clean, infected, cancelled, expired, mistaken]) {
    await broker.uploadFile(callerFor(sender), id, uploadOf(`file of ${id}`))
  }
  await broker.cancelFileTransfer(callerFor(sender), cancelled)
  for (const [id, result] of [
    [clean, 'Clean'],
    [infected, 'Malicious'],
    [cancelled, 'Clean'],
  ] as const) {
    const { transfer } = await world.read(id)
    const { blobUrl, verdict } = scanOf(transfer, result)
    const scanResultType = result === 'Clean' ? 'No threats found' : 'Malicious'
    const data = { blobUri: blobUrl, eTag: `"${verdict.etag}"`, scanResultType }
    const event = { eventType: 'Microsoft.Security.MalwareScanningResult', data }
    await broker.receiveScanResults([{ ...event, id: `scan-of-${id}` }])
  }
  await pump()
  for (const [id, recipients] of [
    [plain, [kari, ola]],
    [clean, [ola]],
    [expired, [kari]],
  ] as const) {
    for (const recipient of recipients) {
      await broker.downloadFile(callerFor(recipient), id, undefined)
      await broker.confirmDownload(callerFor(recipient), id)
    }
  }
  await pump()
  world.clock.now = later(31 * 86_400)
  await broker.expireDue()
  await broker.expireDue()
  await pump()
  return [plain, clean, infected, cancelled, expired, mistaken]
}

/** What the outside sees of each story in the end. */
async function ends(world: World, ids: FileTransferId[]) {
  return Promise.all(
    ids.map(async (id) => ({
      facts: (await world.factsOf(id)).map(({ type }) => type).filter((type) => type !== 'UploadChecked'),
      told: eventsOnce(world, id),
    })),
  )
}

describe('messages that come twice and in any order', () => {
  test('make no difference in the end', async () => {
    const calm = await memoryWorld()
    const expected = await ends(calm, await tell(calm, () => calm.work()))
    expect(expected.map(({ facts }) => facts.at(-1))).toEqual(Array.from({ length: 6 }, () => 'Purged'))

    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat()), async (picks) => {
        const world = await memoryWorld()
        const pump = shuffled(world, (below) => (below === 0 ? 0 : (picks.next().value ?? 0) % below))

        const ids = await tell(world, pump)

        const seen = await ends(world, ids)
        for (const [index, { facts, told }] of seen.entries()) {
          expect(told).toEqual(expected[index]?.told)
          expect(facts.toSorted()).toEqual(expected[index]?.facts.toSorted())
        }
        for (const id of ids) await expectLifecycleInvariants(world, id)
        await expectNothingLeft(world)
      }),
      { numRuns: 60 },
    )
  })
})
