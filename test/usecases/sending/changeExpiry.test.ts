import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { details } from '../../../src/http/views/views.js'
import { eventsOnce, expectLifecycleInvariants } from '../../support/lifecycleInvariants.js'
import { callerFor, memoryWorld } from '../../support/memoryBroker.js'
import { kari, ola, sender } from '../../support/samples.js'

const DAY = 86_400

/** A published file whose resource lets its sender lengthen its time to 90 days. */
async function publishedFile() {
  const world = await memoryWorld()
  const stored = await world.stores.resources.read('bilag')
  if (!stored) throw new Error('There is no resource.')
  await world.stores.resources.save({ ...stored.resource, maxTimeToLiveSeconds: 90 * DAY }, stored.version)
  const id = await world.published({ recipients: [kari, ola] })
  await world.work()
  const { createdAt } = (await world.read(id)).transfer
  const day = (days: number) => new Date(createdAt.getTime() + days * DAY * 1000)
  const change = (days: number, broker = world.broker) => broker.changeExpiry(callerFor(sender), id, day(days))
  const expireAfter = async (days: number) => {
    world.advance((day(days).getTime() - world.clock.now.getTime()) / 1000)
    await world.broker.expireDue()
    await world.work()
    return (await world.read(id)).transfer.status
  }
  return { world, id, day, change, expireAfter }
}

describe('changing the expiry', () => {
  test('answers the transfer as it is then, and shows what changed when', async () => {
    const { world, id, day, change } = await publishedFile()
    expect(details((await world.read(id)).transfer, await world.factsOf(id))).not.toHaveProperty('expiryHistory')

    const first = await change(60)
    world.advance(60)
    await change(2)
    await change(2)

    expect(first).toMatchObject(ok({ id, expirationTime: day(60) }))
    const { transfer } = await world.read(id)
    expect(details(transfer, await world.factsOf(id)).expiryHistory).toMatchObject([
      { expirationTime: day(60).toISOString().replace('.000Z', '+00:00') },
      { previousExpirationTime: day(60).toISOString().replace('.000Z', '+00:00') },
    ])
    await world.work()
    expect(eventsOnce(world, id).filter((event) => event.startsWith('expirychanged'))).toHaveLength(4)
    expect(world.log.filter(({ event }) => event === 'fileTransfer.expiryChanged')).toMatchObject([
      { details: { expirationTime: day(60).toISOString() } },
      { details: { expirationTime: day(2).toISOString() } },
    ])
  })

  test('has the file purged at the new time, and not at the old one: earlier', async () => {
    const { world, id, change, expireAfter } = await publishedFile()
    await change(2)

    expect(await expireAfter(1.9)).toBe('Published')
    expect(await expireAfter(2.1)).toBe('Purged')
    await expectLifecycleInvariants(world, id)
  })

  test('has the file purged at the new time, and not at the old one: later', async () => {
    const { world, id, change, expireAfter } = await publishedFile()
    await change(60)

    expect(await expireAfter(31)).toBe('Published')
    expect(await expireAfter(61)).toBe('Purged')
    await expectLifecycleInvariants(world, id)
  })

  test('keeps a message about the old deadline, which was in the queue, from purging the file', async () => {
    const { world, id, day, change, expireAfter } = await publishedFile()
    world.advance((day(30).getTime() - world.clock.now.getTime()) / 1000 + 1)
    await world.broker.expireDue()

    expect(await change(60)).toMatchObject({ ok: true })
    await world.work()

    expect((await world.read(id)).transfer.status).toBe('Published')
    expect(await expireAfter(61)).toBe('Purged')
    await expectLifecycleInvariants(world, id)
  })

  test('and the purge of the old deadline end as one of both came first', async () => {
    const { world, id, day, change } = await publishedFile()
    world.advance((day(30).getTime() - world.clock.now.getTime()) / 1000 + 1)
    await world.broker.expireDue()

    const [changed] = await Promise.all([change(60, world.start()), world.work()])
    await world.work()

    const { status } = (await world.read(id)).transfer
    expect([changed.ok, status]).toEqual(changed.ok ? [true, 'Published'] : [false, 'Purged'])
    await expectLifecycleInvariants(world, id)
  })

  test('and the last confirmation end as they were answered: the grace period replaces any expiry', async () => {
    const { world, id, change } = await publishedFile()
    for (const each of [kari, ola]) {
      const opened = await world.broker.downloadFile(callerFor(each), id, undefined)
      if (opened.ok) opened.value.source.close()
    }
    await world.broker.confirmDownload(callerFor(kari), id)

    const [confirmed] = await Promise.all([
      world.start().confirmDownload(callerFor(ola), id),
      change(60, world.start()),
    ])
    await world.work()

    const { transfer } = await world.read(id)
    expect(confirmed).toEqual(ok(undefined))
    expect(transfer.deadlines.map(({ kind }) => kind)).toEqual(['purge'])
    expect(await change(70)).toEqual(err('ExpirationTimeCannotBeChanged'))
    await expectLifecycleInvariants(world, id)
  })

  test('names the latest time when it is too late, however the expiry was changed before', async () => {
    const { day, change } = await publishedFile()
    await change(2)

    expect(await change(91)).toEqual(err({ problem: 'ExpirationTimeTooLate', latest: day(90) }))
    expect(await change(-1)).toEqual(err('ExpirationTimeNotInFuture'))
  })

  test('is for the sender alone', async () => {
    const { world, id, day } = await publishedFile()

    expect(await world.broker.changeExpiry(callerFor(kari), id, day(2))).toEqual(err('NoAccessToResource'))
    expect(await world.broker.changeExpiry(callerFor(sender), randomUUID(), day(2))).toEqual(
      err('FileTransferNotFound'),
    )
  })
})
