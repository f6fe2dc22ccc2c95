import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { azureBlockStore } from '../../src/adapters/blobs/azureBlockStore.js'
import { azureFileBlobs } from '../../src/adapters/blobs/azureFileBlobs.js'
import { blockId, WHOLE } from '../../src/domain/tus/upload.js'
import type { BlobLocation, FileBlobs } from '../../src/usecases/ports/blobs.js'
import type { BlockStore } from '../../src/usecases/ports/tus.js'
import { memoryBlockStore } from '../memory/memoryBlockStore.js'
import { memoryFileBlobs } from '../memory/memoryFileBlobs.js'
import { azuriteBlobs } from '../support/azurite.js'
import { all, anyOrganization } from '../support/samples.js'

const id = (position: number, lease = 1) => blockId(WHOLE, lease, position)
const request = { since: new Date(), state: () => 'abandoned' as const }
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

type Made = { blocks: BlockStore; blobs: FileBlobs; uncommitted: (location: BlobLocation) => Promise<number> }

function blockStoreContract(name: string, make: () => Made) {
  const provided = async (isScanned = true) => {
    const made = make()
    const location = {
      isScanned,
      serviceOwner: anyOrganization(),
      fileTransferId: randomUUID(),
      attemptId: randomUUID(),
    }
    await made.blobs.provision(location.serviceOwner)
    return { ...made, location }
  }
  const stageAll = async ({ blocks, location }: { blocks: BlockStore; location: BlobLocation }, ...texts: string[]) => {
    await Promise.all(texts.map((text, position) => blocks.stage(location, id(position), Buffer.from(text), request)))
  }
  const textOf = async ({ blobs, location }: { blobs: FileBlobs; location: BlobLocation }, etag: string) => {
    const source = await blobs.read(location, etag, undefined)
    return source && Buffer.concat(await all(source.bytes)).toString()
  }

  describe(`blocks in ${name}`, () => {
    test.each([true, false])(
      'become a file in the order of the list, with its MD5 (scanned: %s)',
      async (isScanned) => {
        const world = await provided(isScanned)
        await stageAll(world, 'one', 'two', 'three', 'never listed')

        const etag = await world.blocks.commit(world.location, [id(2), id(0), id(1)], {
          sizeBytes: 11,
          md5: md5('threeonetwo'),
        })

        expect(await textOf(world, etag)).toBe('threeonetwo')
        expect(await world.blobs.find(world.location)).toEqual({ sizeBytes: 11, md5: md5('threeonetwo'), etag })
      },
    )

    test('become a file without an MD5', async () => {
      const world = await provided()
      await stageAll(world, 'one')

      const etag = await world.blocks.commit(world.location, [id(0)], { sizeBytes: 3, md5: undefined })

      expect(await textOf(world, etag)).toBe('one')
    })

    test('become an empty file, where there are none', async () => {
      const { blocks, blobs, location } = await provided()

      const etag = await blocks.commit(location, [], { sizeBytes: 0, md5: md5('') })

      expect(await blobs.find(location)).toMatchObject({ sizeBytes: 0, etag })
    })

    test('are not visible before', async () => {
      const world = await provided()
      await stageAll(world, 'one')

      expect(await world.blobs.find(world.location)).toBeUndefined()
    })

    test('may be staged twice, and committed twice with the same answer', async () => {
      const world = await provided()
      await stageAll(world, 'one')
      await stageAll(world, 'one')
      const file = { sizeBytes: 3, md5: md5('one') }

      const first = await world.blocks.commit(world.location, [id(0)], file)
      const second = await world.blocks.commit(world.location, [id(0)], file)

      expect(second).toBe(first)
      expect(await textOf(world, first)).toBe('one')
    })

    test('are not committed where one is missing, or where there is another file', async () => {
      const world = await provided()
      await stageAll(world, 'one')

      const asked = { sizeBytes: 6, md5: undefined }
      await expect(world.blocks.commit(world.location, [id(0), id(1)], asked)).rejects.toThrow()
      expect(await world.blobs.find(world.location)).toBeUndefined()
      await world.blocks.commit(world.location, [id(0)], { sizeBytes: 3, md5: undefined })
      await expect(world.blocks.commit(world.location, [id(0)], { sizeBytes: 4, md5: undefined })).rejects.toThrow()
    })

    test('are gone when they are discarded, and tails with them; what is discarded twice is gone', async () => {
      const world = await provided()
      const { blocks, blobs, location } = world
      await stageAll(world, 'one', 'two')
      await blocks.writeTail(location, 'tail-1', Buffer.from('t'))

      await blocks.discard(location)
      await blocks.discard(location)

      expect(await world.uncommitted(location)).toBe(0)
      expect(await blobs.find(location)).toBeUndefined()
      await expect(blocks.readTail(location, { name: 'tail-1', sizeBytes: 1 })).rejects.toThrow()
    })

    test('leave a committed file where it is when the rest is discarded', async () => {
      const world = await provided()
      await stageAll(world, 'one')
      const etag = await world.blocks.commit(world.location, [id(0)], { sizeBytes: 3, md5: undefined })

      await world.blocks.discard(world.location)

      expect(await textOf(world, etag)).toBe('one')
    })

    test('have tails beside them, each under its name, until they are removed', async () => {
      const { blocks, location } = await provided()
      const bytes = randomBytes(1000)
      await blocks.writeTail(location, 'a-1', bytes)
      await blocks.writeTail(location, 'a-2', Buffer.from('two'))
      await blocks.writeTail({ ...location, attemptId: randomUUID() }, 'a-1', Buffer.from('another'))

      await blocks.removeTail(location, 'a-2')
      await blocks.removeTail(location, 'a-2')

      expect(Buffer.from(await blocks.readTail(location, { name: 'a-1', sizeBytes: 1000 })).equals(bytes)).toBe(true)
      await expect(blocks.readTail(location, { name: 'a-2', sizeBytes: 3 })).rejects.toThrow()
    })

    test('have tails that are listed as what they are, of their attempt', async () => {
      const { blocks, blobs, location } = await provided()
      await blocks.writeTail(location, 'a-1', Buffer.from('t'))

      const listed = (await all(blobs.list())).filter(
        (each) => each.location?.fileTransferId === location.fileTransferId,
      )

      expect(listed).toMatchObject([{ location: { attemptId: location.attemptId }, tail: 'a-1' }])
      expect(blobs.attemptAt(listed[0]?.address ?? '')).toBeUndefined()
    })
  })
}

blockStoreContract('memory', () => {
  const blobs = memoryFileBlobs('https://scanned.blob.example/')
  const blocks = memoryBlockStore(blobs)
  return { blobs, blocks, uncommitted: async (location) => blocks.waiting(location) }
})

const accounts = azuriteBlobs()
blockStoreContract('Azure', () => {
  const { scanned, unscanned } = accounts()
  return {
    blobs: azureFileBlobs(scanned, unscanned),
    blocks: azureBlockStore(scanned, unscanned),
    async uncommitted({ isScanned, serviceOwner, fileTransferId, attemptId }) {
      const container = (isScanned ? scanned : unscanned).getContainerClient(`serviceowner-${serviceOwner}`)
      const blob = container.getBlockBlobClient(`${fileTransferId}/${attemptId}`)
      return (
        (await blob.getBlockList('uncommitted').catch(() => ({ uncommittedBlocks: [] }))).uncommittedBlocks?.length ?? 0
      )
    },
  }
})
