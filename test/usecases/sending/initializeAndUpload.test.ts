import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { brokenOff, callerFor, memoryWorld, uploadOf } from '../../support/memoryBroker.js'
import { kari, request, sender } from '../../support/samples.js'

const down = () => Promise.reject(Object.assign(new Error('It is down.'), { statusCode: 503 }))
const idIn = (world: Awaited<ReturnType<typeof memoryWorld>>) =>
  world.stores.searchIndex.rows().find(({ actor }) => actor.role === 'Sender')?.fileTransferId ?? 'none'

describe('initializing and uploading in one', () => {
  test('leads to what the two lead to one after the other', async () => {
    const world = await memoryWorld()

    const answer = await world.broker.initializeAndUpload(callerFor(sender), request(), uploadOf('hello'))
    await world.broker.settled()

    const id = idIn(world)
    expect(answer).toEqual(ok(id))
    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadProcessing', file: { sizeBytes: 5 } })
  })

  test('begins nothing when initialize is refused', async () => {
    const world = await memoryWorld()

    const answer = await world.broker.initializeAndUpload(callerFor(kari), request(), uploadOf('hello'))

    expect(answer).toEqual(err('NoAccessToResource'))
    expect(world.stores.searchIndex.rows()).toEqual([])
  })

  test('names the transfer when its file breaks off; it waits for another try, and nothing is stored', async () => {
    const world = await memoryWorld()
    const broken = { body: brokenOff('hel'), declaredBytes: undefined }

    const answer = await world.broker.initializeAndUpload(callerFor(sender), request(), broken)
    await world.broker.settled()

    const id = idIn(world)
    expect(answer).toEqual(err({ problem: 'UploadFailed', fileTransferId: id }))
    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadStarted', attempts: [] })
    expect(world.stores.blobs.locations()).toEqual([])
    expect(await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(ok(id))
  })

  test('may be repeated as a whole with a key, until the file is there', async () => {
    const world = await memoryWorld()
    const broken = { body: brokenOff('hel'), declaredBytes: undefined }
    const ask = (file: Parameters<typeof world.broker.initializeAndUpload>[2]) =>
      world.broker.initializeAndUpload(callerFor(sender), request(), file, 'my-key')

    await ask(broken)
    const [second, third] = [await ask(uploadOf('hello')), await ask(uploadOf('hello'))]

    const id = idIn(world)
    expect(second).toEqual(ok(id))
    expect(third).toEqual(err({ problem: 'FileTransferAlreadyUploaded', fileTransferId: id }))
  })

  test('names the transfer in what is thrown, when something that it needs is down', async () => {
    const world = await memoryWorld()
    const broker = world.start(({ resources }) => {
      let reads = 0
      const recent = (id: string) => (++reads > 1 ? down() : resources.recent(id))
      return { resources: { ...resources, recent } }
    })

    const answer = broker.initializeAndUpload(callerFor(sender), request(), uploadOf('hello'))

    await expect(answer).rejects.toMatchObject({ cause: { statusCode: 503 }, fileTransferId: expect.any(String) })
    await expect(answer).rejects.toHaveProperty('fileTransferId', idIn(world))
  })
})
