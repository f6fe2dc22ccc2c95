import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import { details } from '../../../src/http/views/views.js'
import { callerFor, memoryWorld, scanOf, type World } from '../../support/memoryBroker.js'
import { kari, ola, sender } from '../../support/samples.js'

/**
 * A file that the scanner has let through, which Kari has downloaded; `confirmed`: she has confirmed that, or both
 * have.
 */
async function downloaded(confirmed: 'nobody' | 'kari' | 'all' = 'nobody') {
  const world = await memoryWorld()
  const id = await world.uploaded()
  await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
  const recipients = confirmed === 'all' ? [kari, ola] : [kari]
  for (const each of recipients) {
    const opened = await world.broker.downloadFile(callerFor(each), id, undefined)
    if (opened.ok) opened.value.source.close()
    if (confirmed !== 'nobody') await world.broker.confirmDownload(callerFor(each), id)
  }
  await world.work()
  const scan = { ...scanOf((await world.read(id)).transfer, 'Malicious'), raw: '{"all":"words"}' }
  world.posted.length = 0
  return { world, id, scan }
}

const REASON = 'Malware scan failed: Malicious. Extra details: as it says'
const told = (world: World) =>
  world.posted.map(({ type, alternativesubject, data }) => [type, alternativesubject?.slice(-9), data.Role]).toSorted()
const failedTo = [
  ['no.altinn.broker.uploadfailed', kari, 'Recipient'],
  ['no.altinn.broker.uploadfailed', ola, 'Recipient'],
  ['no.altinn.broker.uploadfailed', sender, 'Sender'],
].toSorted()
const found = async ({ broker }: World, organization: typeof kari, status: 'Published' | 'Failed') => {
  const answer = await broker.searchFileTransfers(callerFor(organization), { resourceId: 'bilag', status }, undefined)
  return answer.ok ? answer.value.ids : answer
}

describe('malware in a published file', () => {
  test.each(['nobody', 'kari', 'all'] as const)('withdraws it, confirmed by %s', async (confirmed) => {
    const { world, id, scan } = await downloaded(confirmed)
    const before = (await world.read(id)).transfer

    await world.broker.recordScanResult(scan)
    await world.work()

    const { transfer } = await world.read(id)
    expect(transfer).toMatchObject({ status: 'Failed', reason: REASON, recipients: before.recipients })
    expect(world.stores.blobs.locations()).toEqual([])
    expect(told(world)).toEqual(failedTo)
    const shown = details(transfer, await world.factsOf(id))
    expect(shown.fileTransferStatusText).toBe(REASON)
    expect(shown.fileTransferStatusHistory.at(-1)).toMatchObject({
      fileTransferStatus: 'Failed',
      fileTransferStatusText: REASON,
    })
    for (const each of [kari, ola]) {
      expect(await world.broker.downloadFile(callerFor(each), id, undefined)).toEqual(err('FileTransferNotAvailable'))
    }
  })

  test('withdraws it once, however often and from wherever it is said', async () => {
    const { world, id, scan } = await downloaded()

    await Promise.all([scan, scan, scan].map((each) => world.start().recordScanResult(each)))
    await world.broker.recordScanResult(scan)
    await world.work()

    expect((await world.factsOf(id)).filter(({ type }) => type === 'FileWithdrawn')).toHaveLength(1)
    expect(told(world)).toEqual(failedTo)
    expect(world.measured.filter(({ metric }) => metric === 'withdrawn')).toHaveLength(1)
  })

  test('is an error in the log, with all that the scanner said in a line of its own', async () => {
    const { world, id, scan } = await downloaded()

    await world.broker.recordScanResult(scan)

    const line = world.log.find(({ level }) => level === 'error')
    expect(line).toMatchObject({
      event: 'fileTransfer.withdrawn',
      details: { fileTransferId: id, reason: 'Malware scan failed: Malicious' },
    })
    expect(world.log.filter(({ details }) => details.raw === scan.raw)).toHaveLength(1)
  })

  test('moves the transfer to the failed ones of every search', async () => {
    const { world, id, scan } = await downloaded()

    await world.broker.recordScanResult(scan)
    await world.work()

    for (const each of [sender, kari, ola]) {
      expect(await found(world, each, 'Published')).toEqual([])
      expect(await found(world, each, 'Failed')).toEqual([id])
    }
  })

  test('is shown in the delivery log of each, as theirs', async () => {
    const { world, id, scan } = await downloaded()
    await world.broker.recordScanResult(scan)
    await world.work()

    const ofKari = await world.broker.getFileTransferEvents(callerFor(kari), id)
    const types = ofKari.ok ? ofKari.value.map(({ event, last }) => [event.type, last?.status]) : ofKari

    expect(types).toContainEqual(['uploadfailed', 'Delivered'])
  })

  test('leaves what was counted', async () => {
    const { world, id, scan } = await downloaded('kari')
    const rows = () => Array.fromAsync(world.stores.statistics.ofMonth(world.clock.now.toISOString().slice(0, 7)))
    const before = await rows()

    await world.broker.recordScanResult(scan)
    await world.work()

    expect(before.filter(({ isConfirmed }) => isConfirmed)).toMatchObject([{ recipient: kari, fileTransferId: id }])
    expect(await rows()).toEqual(before)
  })

  test.each(['nobody', 'all'] as const)('lets the transfer be purged when its time comes: %s', async (confirmed) => {
    const { world, id, scan } = await downloaded(confirmed)
    await world.broker.recordScanResult(scan)
    await world.work()
    world.posted.length = 0

    world.advance(31 * 86_400)
    await world.broker.expireDue()
    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Purged', deadlines: [] })
    expect(told(world)).toEqual([['no.altinn.broker.filepurged', sender, 'Sender']])
  })

  test('comes too late for a transfer that has ended', async () => {
    const { world, id, scan } = await downloaded()
    world.advance(31 * 86_400)
    await world.broker.expireDue()
    await world.work()
    const before = await world.read(id)

    await world.broker.recordScanResult(scan)

    expect(before.transfer.status).toBe('Purged')
    expect(await world.read(id)).toEqual(before)
  })

  test('does not cut a download that is under way', async () => {
    const { world, id, scan } = await downloaded()
    const opened = await world.broker.downloadFile(callerFor(ola), id, undefined)

    await world.broker.recordScanResult(scan)
    await world.work()

    const chunks = opened.ok ? await Array.fromAsync(opened.value.source.bytes) : []
    expect(Buffer.concat(chunks).toString()).toBe('hello')
  })
})
