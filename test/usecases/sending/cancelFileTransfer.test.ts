import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { callerFor, memoryWorld } from '../../support/memoryBroker.js'
import { kari, sender } from '../../support/samples.js'

describe('cancelling a file transfer', () => {
  test('ends it and deletes what was uploaded; saying it again changes nothing', async () => {
    const { broker, uploaded, read, stores } = await memoryWorld()
    const id = await uploaded()

    const first = await broker.cancelFileTransfer(callerFor(sender), id)
    const again = await broker.cancelFileTransfer(callerFor(sender), id)
    await broker.settled()

    expect([first, again]).toEqual([ok(undefined), ok(undefined)])
    expect((await read(id)).transfer).toMatchObject({ status: 'Cancelled', sequence: 5 })
    expect(stores.blobs.locations()).toEqual([])
  })

  test('is too late when the file is published', async () => {
    const { broker, published } = await memoryWorld()
    const id = await published()

    expect(await broker.cancelFileTransfer(callerFor(sender), id)).toEqual(err('FileTransferAlreadyEnded'))
  })

  test('keeps a file from being uploaded, and from being published', async () => {
    const { broker, begin, uploaded, read, work } = await memoryWorld()
    const waiting = await begin()
    const stored = await uploaded()
    await broker.cancelFileTransfer(callerFor(sender), waiting)
    await broker.cancelFileTransfer(callerFor(sender), stored)

    const upload = { body: (async function* () {})(), declaredBytes: undefined }
    const refused = await broker.uploadFile(callerFor(sender), waiting, upload)
    await work()

    expect(refused).toEqual(err('FileTransferAlreadyUploaded'))
    expect((await read(stored)).transfer.status).toBe('Cancelled')
  })

  test('is for the sender alone', async () => {
    const { broker, begin } = await memoryWorld()
    const id = await begin({ recipients: [kari] })

    expect(await broker.cancelFileTransfer(callerFor(kari), id)).toEqual(err('NoAccessToResource'))
    expect(await broker.cancelFileTransfer(callerFor(sender), randomUUID())).toEqual(err('FileTransferNotFound'))
  })
})
