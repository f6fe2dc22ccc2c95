import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, scanOf, uploadOf, type World } from '../../support/memoryBroker.js'
import { kari, request, sender } from '../../support/samples.js'

/** A process, and how often it reads a transfer. */
function counted(world: World) {
  let reads = 0
  const broker = world.start(({ transfers }) => ({
    transfers: {
      ...transfers,
      read(id) {
        reads++
        return transfers.read(id)
      },
    },
  }))
  return { broker, reads: () => reads }
}

async function begun(broker: ReturnType<World['start']>): Promise<string> {
  const answer = await broker.initializeFileTransfer(callerFor(sender), request({ disableVirusScan: true }))
  if (!answer.ok) throw new Error(JSON.stringify(answer.reason))
  await broker.settled()
  return answer.value
}

describe('the transfer as a process saw it last', () => {
  test('is what the next change begins with, so that nothing is read', async () => {
    const world = await memoryWorld()
    const id = await world.published({ recipients: [kari] })
    const { broker, reads } = counted(world)

    expect(await broker.downloadFile(callerFor(kari), id, undefined)).toMatchObject({ ok: true })
    expect(reads()).toBe(1)
    expect(await broker.confirmDownload(callerFor(kari), id)).toEqual(ok(undefined))
    expect(reads()).toBe(1)
    expect((await world.read(id)).transfer.status).toBe('AllConfirmedDownloaded')
  })

  test('is forgotten after some seconds', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const { broker, reads } = counted(world)
    await broker.downloadFile(callerFor(kari), id, undefined)
    expect(broker.commits.recent(id)).toMatchObject({ transfer: { id }, mayBeStale: true })

    world.advance(6)

    expect(broker.commits.recent(id)).toBeUndefined()
    await broker.confirmDownload(callerFor(kari), id)
    expect(reads()).toBe(2)
  })

  test('refuses nothing that another process has made possible', async () => {
    const world = await memoryWorld()
    const { broker } = counted(world)
    const id = await begun(broker)

    // Here it is initialized; elsewhere it is uploaded and published.
    await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))
    await world.work()

    expect(await broker.downloadFile(callerFor(kari), id, undefined)).toMatchObject({ ok: true })
    expect(await broker.confirmDownload(callerFor(kari), id)).toEqual(ok(undefined))
  })

  test('permits nothing that another process has ended', async () => {
    const world = await memoryWorld()
    const { broker } = counted(world)
    const id = await begun(broker)
    expect(await world.broker.cancelFileTransfer(callerFor(sender), id)).toEqual(ok(undefined))

    const answer = await broker.commits.change(broker.commits.recent(id) ?? (await world.read(id)), (now, at) =>
      now.status === 'Initialized' ? ok([{ type: 'Cancelled', released: [], at }]) : err('FileTransferAlreadyUploaded'),
    )

    expect(answer).toEqual(err('FileTransferAlreadyUploaded'))
  })

  test('is not taken for the truth when nothing would change', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    await world.work()
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer, 'Clean'))
    const { broker } = counted(world)
    expect(await broker.downloadFile(callerFor(kari), id, undefined)).toMatchObject({ ok: true })
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer, 'Malicious'))

    // A range of the file that was begun before records nothing.
    expect(await broker.downloadFile(callerFor(kari), id, 'bytes=1-2')).toMatchObject({ ok: false })
  })
})
