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

type Made = { blocks: BlockStore; blobs: FileBlobs; uncommitted: (place: BlobLocation) => Promise<number> }

function blockStoreContract(name: string, make: () => Made) {
  const provided = async (isScanned = true) => {
    const made = make()
    const place = { isScanned, serviceOwner: anyOrganization(), fileTransferId: randomUUID(), attemptId: randomUUID() }
    await made.blobs.provision(place.serviceOwner)
    return { ...made, place }
  }
  const stageAll = async ({ blocks, place }: { blocks: BlockStore; place: BlobLocation }, ...texts: string[]) => {
    await Promise.all(texts.map((text, position) => blocks.stage(place, id(position), Buffer.from(text), request)))
  }
  const textOf = async ({ blobs, place }: { blobs: FileBlobs; place: BlobLocation }, etag: string) => {
    const source = await blobs.read(place, etag, undefined)
    return source && Buffer.concat(await all(source.bytes)).toString()
  }

  describe(`blocks in ${name}`, () => {
    test.each([true, false])(
      'become a file in the order of the list, with its MD5 (scanned: %s)',
      async (isScanned) => {
        const world = await provided(isScanned)
        await stageAll(world, 'one', 'two', 'three', 'never listed')

        const etag = await world.blocks.commit(world.place, [id(2), id(0), id(1)], {
          sizeBytes: 11,
          md5: md5('threeonetwo'),
        })

        expect(await textOf(world, etag)).toBe('threeonetwo')
        expect(await world.blobs.find(world.place)).toEqual({ sizeBytes: 11, md5: md5('threeonetwo'), etag })
      },
    )

    test('become a file without an MD5', async () => {
      const world = await provided()
      await stageAll(world, 'one')

      const etag = await world.blocks.commit(world.place, [id(0)], { sizeBytes: 3, md5: undefined })

      expect(await textOf(world, etag)).toBe('one')
    })

    test('become an empty file, where there are none', async () => {
      const { blocks, blobs, place } = await provided()

      const etag = await blocks.commit(place, [], { sizeBytes: 0, md5: md5('') })

      expect(await blobs.find(place)).toMatchObject({ sizeBytes: 0, etag })
    })

    test('are not visible before', async () => {
      const world = await provided()
      await stageAll(world, 'one')

      expect(await world.blobs.find(world.place)).toBeUndefined()
    })

    test('may be staged twice, and committed twice with the same answer', async () => {
      const world = await provided()
      await stageAll(world, 'one')
      await stageAll(world, 'one')
      const file = { sizeBytes: 3, md5: md5('one') }

      const first = await world.blocks.commit(world.place, [id(0)], file)
      const second = await world.blocks.commit(world.place, [id(0)], file)

      expect(second).toBe(first)
      expect(await textOf(world, first)).toBe('one')
    })

    test('are not committed where one is missing, or where there is another file', async () => {
      const world = await provided()
      await stageAll(world, 'one')

      const asked = { sizeBytes: 6, md5: undefined }
      await expect(world.blocks.commit(world.place, [id(0), id(1)], asked)).rejects.toThrow()
      expect(await world.blobs.find(world.place)).toBeUndefined()
      await world.blocks.commit(world.place, [id(0)], { sizeBytes: 3, md5: undefined })
      await expect(world.blocks.commit(world.place, [id(0)], { sizeBytes: 4, md5: undefined })).rejects.toThrow()
    })

    test('are gone when they are discarded, and tails with them; what is discarded twice is gone', async () => {
      const world = await provided()
      const { blocks, blobs, place } = world
      await stageAll(world, 'one', 'two')
      await blocks.writeTail(place, 'tail-1', Buffer.from('t'))

      await blocks.discard(place)
      await blocks.discard(place)

      expect(await world.uncommitted(place)).toBe(0)
      expect(await blobs.find(place)).toBeUndefined()
      await expect(blocks.readTail(place, { name: 'tail-1', sizeBytes: 1 })).rejects.toThrow()
    })

    test('leave a committed file where it is when the rest is discarded', async () => {
      const world = await provided()
      await stageAll(world, 'one')
      const etag = await world.blocks.commit(world.place, [id(0)], { sizeBytes: 3, md5: undefined })

      await world.blocks.discard(world.place)

      expect(await textOf(world, etag)).toBe('one')
    })

    test('have tails beside them, each under its name, until they are removed', async () => {
      const { blocks, place } = await provided()
      const bytes = randomBytes(1000)
      await blocks.writeTail(place, 'a-1', bytes)
      await blocks.writeTail(place, 'a-2', Buffer.from('two'))
      await blocks.writeTail({ ...place, attemptId: randomUUID() }, 'a-1', Buffer.from('another'))

      await blocks.removeTail(place, 'a-2')
      await blocks.removeTail(place, 'a-2')

      expect(Buffer.from(await blocks.readTail(place, { name: 'a-1', sizeBytes: 1000 })).equals(bytes)).toBe(true)
      await expect(blocks.readTail(place, { name: 'a-2', sizeBytes: 3 })).rejects.toThrow()
    })

    test('have tails that are listed as what they are, of their attempt', async () => {
      const { blocks, blobs, place } = await provided()
      await blocks.writeTail(place, 'a-1', Buffer.from('t'))

      const listed = (await all(blobs.list())).filter((each) => each.place?.fileTransferId === place.fileTransferId)

      expect(listed).toMatchObject([{ place: { attemptId: place.attemptId }, tail: 'a-1' }])
      expect(blobs.attemptAt(listed[0]?.address ?? '')).toBeUndefined()
    })
  })
}

blockStoreContract('memory', () => {
  const blobs = memoryFileBlobs('https://scanned.blob.example/')
  const blocks = memoryBlockStore(blobs)
  return { blobs, blocks, uncommitted: async (place) => blocks.waiting(place) }
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
