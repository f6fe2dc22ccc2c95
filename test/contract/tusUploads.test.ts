import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { tableTusUploads } from '../../src/adapters/tables/tableTusUploads.js'
import { type TusUpload, WHOLE } from '../../src/domain/tus/upload.js'
import type { TusUploads } from '../../src/usecases/ports/tus.js'
import { memoryTusUploads } from '../memory/memoryTusUploads.js'
import { azuriteTables } from '../support/azurite.js'
import { at, initialized, later, sender } from '../support/samples.js'

const PART = 'a'.repeat(32)
const fresh: TusUpload = {
  id: WHOLE,
  attemptId: randomUUID(),
  lengthBytes: 1e12,
  metadata: undefined,
  lastByteAt: at,
  uploader: { organization: undefined, subject: undefined },
  blockBytes: 4_194_304,
  offset: 0,
  blocks: [],
  lease: 0,
}
/** With everything that an upload can have, in as many blocks, by as many writers, as there can be. */
const full: TusUpload = {
  ...fresh,
  id: PART,
  metadata: 'name c8O4a25hZA==',
  offset: 2 ** 50,
  uploader: { organization: sender, subject: 'a client', clientId: 'client-1' },
  blocks: Array.from({ length: 50_000 }, (_, lease) => ({ lease, count: 1 })),
  tail: { name: 'tail', sizeBytes: 7 },
  md5State: 'c3RhdGU=',
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  parts: [PART, WHOLE],
  beganAt: later(-5),
  lease: 50_000,
  leasedUntil: later(30),
}

function tusUploadsContract(name: string, makeStore: () => Promise<TusUploads>) {
  /** A store with this upload, of a transfer of its own. */
  const storeWith = async (upload: TusUpload) => {
    const uploads = await makeStore()
    const transfer = randomUUID()
    const version = await uploads.save(transfer, upload, undefined)
    return { uploads, transfer, version }
  }

  describe(`TUS uploads in ${name}`, () => {
    test('are not there at first', async () => {
      const uploads = await makeStore()

      expect(await uploads.read(randomUUID(), WHOLE)).toBeUndefined()
      expect(await uploads.ofFileTransfer(randomUUID())).toEqual([])
    })

    test.each([
      ['a new one', fresh],
      ['one with all there can be', full],
    ])('are read as they were saved: %s', async (_, upload) => {
      const { uploads, transfer, version } = await storeWith(upload)

      expect(await uploads.read(transfer, upload.id)).toStrictEqual({ upload, version })
      expect(await uploads.ofFileTransfer(transfer)).toStrictEqual([{ upload, version }])
    })

    test('are read for one transfer, and no other', async () => {
      const { uploads, transfer } = await storeWith(fresh)
      await uploads.save(transfer, { ...fresh, id: PART }, undefined)
      await uploads.save(randomUUID(), fresh, undefined)

      const ids = (await uploads.ofFileTransfer(transfer)).map(({ upload }) => upload.id)

      expect(ids.toSorted()).toEqual([WHOLE, PART].toSorted())
    })

    test('are replaced only in the version that was read', async () => {
      const { uploads, transfer, version } = await storeWith(fresh)
      const next = await uploads.save(transfer, { ...fresh, offset: 1 }, version)

      expect(await uploads.save(transfer, { ...fresh, offset: 2 }, version)).toBe('conflict')
      expect(await uploads.save(transfer, fresh, undefined)).toBe('conflict')
      expect(await uploads.read(transfer, WHOLE)).toStrictEqual({ upload: { ...fresh, offset: 1 }, version: next })
    })

    test('lose what a later version does not have', async () => {
      const { uploads, transfer, version } = await storeWith(full)

      await uploads.save(transfer, { ...fresh, id: PART }, version)

      expect((await uploads.read(transfer, PART))?.upload).toStrictEqual({ ...fresh, id: PART })
    })

    test('are not created again by a writer that has read one that is gone', async () => {
      const { uploads, transfer, version } = await storeWith(fresh)
      await uploads.remove(transfer, WHOLE, version)

      expect(await uploads.save(transfer, { ...fresh, offset: 1 }, version)).toBe('conflict')
      expect(await uploads.read(transfer, WHOLE)).toBeUndefined()
    })

    test('are removed only in the version that was read, and twice if need be', async () => {
      const { uploads, transfer, version } = await storeWith(fresh)
      const next = await uploads.save(transfer, { ...fresh, offset: 1 }, version)

      expect(await uploads.remove(transfer, WHOLE, version)).toBe('conflict')
      expect(await uploads.remove(transfer, WHOLE, next)).toBe('removed')
      expect(await uploads.remove(transfer, WHOLE, next)).toBe('removed')
      expect(await uploads.read(transfer, WHOLE)).toBeUndefined()
    })
  })
}

const makeTable = azuriteTables()
tusUploadsContract('memory', async () => memoryTusUploads())
tusUploadsContract('an Azure table', async () => tableTusUploads(await makeTable()))

test('a TUS upload beside the state of its transfer is none of its facts', async () => {
  const table = await makeTable()
  const transfers = tableFileTransferStore(table)
  const { transfer, facts } = initialized()
  await transfers.commit(transfer, facts, randomUUID(), undefined)

  await tableTusUploads(table).save(transfer.id, fresh, undefined)

  expect((await transfers.readFacts(transfer.id, 1))?.facts).toHaveLength(1)
  expect(await Array.fromAsync(transfers.facts(transfer.id))).toHaveLength(1)
})
