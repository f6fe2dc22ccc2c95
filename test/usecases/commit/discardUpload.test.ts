import { describe, expect, test } from 'vitest'
import { discardUpload } from '../../../src/usecases/commit/discardUpload.js'
import { memoryWorld, type World } from '../../support/memoryBroker.js'
import { good, tusClient } from '../../support/tus.js'

/** A transfer with three bytes of an upload, and the attempt that it belongs to. */
async function begun() {
  const world = await memoryWorld()
  const id = await world.begin()
  const client = tusClient(world.broker, id)
  const { attemptId } = good(await client.create(10))
  good(await client.patch(0, '123'))
  await world.broker.settled()
  const { transfer } = await world.read(id)
  return { world, id, transfer, attemptId }
}
const leftIn = async ({ stores: { tusUploads, blocks } }: World, id: string) => ({
  uploads: (await tusUploads.ofFileTransfer(id)).length,
  tails: blocks.tails().length,
})

describe('discarding an attempt', () => {
  test('removes its uploads and their bytes', async () => {
    const { world, id, transfer, attemptId } = await begun()

    await discardUpload(world.stores, transfer, attemptId)

    expect(await leftIn(world, id)).toEqual({ uploads: 0, tails: 0 })
  })

  test('leaves the uploads of another attempt', async () => {
    const { world, id, transfer } = await begun()

    await discardUpload(world.stores, transfer, 'another')

    expect(await leftIn(world, id)).toEqual({ uploads: 1, tails: 1 })
  })

  test('throws to have the work done again when an upload is written to meanwhile', async () => {
    const { world, id, transfer, attemptId } = await begun()
    const { blocks, tusUploads } = world.stores
    const written = { ...tusUploads, remove: async () => 'conflict' as const }

    await expect(discardUpload({ blocks, tusUploads: written }, transfer, attemptId)).rejects.toThrow(id)

    expect(await leftIn(world, id)).toEqual({ uploads: 1, tails: 0 })
    await discardUpload(world.stores, transfer, attemptId)
    expect(await leftIn(world, id)).toEqual({ uploads: 0, tails: 0 })
  })
})
