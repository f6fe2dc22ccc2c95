import { describe, expect, test } from 'vitest'
import { monthOf } from '../../../src/domain/projections/statistics.js'
import { err, ok } from '../../../src/domain/result.js'
import { details, overview } from '../../../src/http/views/views.js'
import { eventsOnce, expectLifecycleInvariants } from '../../support/lifecycleInvariants.js'
import { callerFor, memoryWorld } from '../../support/memoryBroker.js'
import { all, kari, ola, sender } from '../../support/samples.js'

const REASON = 'The wrong file. Extra details: {"none": 1}'

/** A published file that Kari has downloaded, and Ola has not. */
async function downloadedByKari() {
  const world = await memoryWorld()
  const id = await world.published({ recipients: [kari, ola] })
  const opened = await world.broker.downloadFile(callerFor(kari), id, undefined)
  if (opened.ok) opened.value.source.close()
  await world.work()
  world.posted.length = 0
  const withdraw = (broker = world.broker, reason = REASON) => broker.cancelFileTransfer(callerFor(sender), id, reason)
  return { world, id, withdraw }
}

describe('withdrawing a published file', () => {
  test('deletes it and tells the sender and who has not downloaded it; nothing is said at the expiry', async () => {
    const { world, id, withdraw } = await downloadedByKari()

    expect(await withdraw()).toEqual(ok(undefined))
    await world.work()
    const told = eventsOnce(world, id)
    world.advance(31 * 86_400)
    await world.broker.expireDue()
    await world.work()

    expect(told).toEqual([`cancelled > ${ola} as Recipient`, `cancelled > ${sender} as Sender`])
    expect(eventsOnce(world, id)).toEqual([...told, `filepurged > ${sender} as Sender`].toSorted())
    expect(world.stores.blobs.locations()).toEqual([])
    expect((await world.read(id)).transfer.status).toBe('Purged')
  })

  test('shows the reason, as it was written, to everybody concerned', async () => {
    const { world, id, withdraw } = await downloadedByKari()
    await withdraw()

    const { transfer } = await world.read(id)
    const shown = details(transfer, await world.factsOf(id))

    expect(overview(transfer)).toMatchObject({ fileTransferStatus: 'Cancelled', fileTransferStatusText: REASON })
    expect(shown.fileTransferStatusHistory.at(-1)).toMatchObject({ fileTransferStatusText: REASON })
  })

  test('ends downloads and confirmations', async () => {
    const { world, id, withdraw } = await downloadedByKari()
    const { broker } = world
    await withdraw()

    for (const each of [kari, ola])
      expect(await broker.downloadFile(callerFor(each), id, undefined)).toEqual(err('FileTransferNotAvailable'))
    expect(await broker.confirmDownload(callerFor(kari), id)).toEqual(err('FileTransferNotPublished'))
  })

  test('happens once, with the first reason, however often and from wherever it is asked for', async () => {
    const { world, id, withdraw } = await downloadedByKari()

    const answers = await Promise.all([1, 2, 3].map(() => withdraw(world.start())))
    await withdraw(world.broker, 'Another reason')
    await world.work()

    expect(answers).toEqual([ok(undefined), ok(undefined), ok(undefined)])
    expect((await world.factsOf(id)).filter(({ type }) => type === 'Cancelled')).toMatchObject([{ reason: REASON }])
    expect(eventsOnce(world, id)).toHaveLength(2)
  })

  test('and the last confirmation end as one of both was answered', async () => {
    const { world, id, withdraw } = await downloadedByKari()
    const opened = await world.broker.downloadFile(callerFor(ola), id, undefined)
    if (opened.ok) opened.value.source.close()
    await world.broker.confirmDownload(callerFor(ola), id)

    const [withdrawn, confirmed] = await Promise.all([
      withdraw(world.start()),
      world.start().confirmDownload(callerFor(kari), id),
    ])

    expect([withdrawn.ok, confirmed.ok].toSorted()).toEqual([false, true])
    const { status } = (await world.read(id)).transfer
    expect(status).toBe(withdrawn.ok ? 'Cancelled' : 'AllConfirmedDownloaded')
  })

  test('keeps a file that came by a link in the storage until the link ends, out of reach, and not longer', async () => {
    const world = await memoryWorld()
    const id = await world.unread({ disableVirusScan: true })
    await world.work()
    const { transfer } = await world.read(id)
    expect(transfer.status).toBe('Published')

    await world.broker.cancelFileTransfer(callerFor(sender), id, REASON)
    await world.work()
    await world.broker.sweepOrphans()
    const kept = world.stores.blobs.locations().length
    const refused = await world.broker.downloadFile(callerFor(kari), id, undefined)
    await expectLifecycleInvariants(world, id)
    world.advance(3600)
    await world.broker.expireDue()
    await world.work()

    expect([kept, refused]).toEqual([1, err('FileTransferNotAvailable')])
    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(world.stores.blobs.locations()).toEqual([])
    await expectLifecycleInvariants(world, id)
  })

  test('keeps the statistics of what was published and downloaded', async () => {
    const { world, withdraw } = await downloadedByKari()
    const counted = () => all(world.stores.statistics.ofMonth(monthOf(world.clock.now)))
    const before = await counted()

    await withdraw()
    await world.work()

    expect(before).toMatchObject([{ isPublished: true }, { isPublished: true }])
    expect(await counted()).toEqual(before)
  })
})
