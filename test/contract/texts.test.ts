import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { tableResourceStore, tableServiceOwnerStore } from '../../src/adapters/tables/tableResourceStore.js'
import { tableTusUploads } from '../../src/adapters/tables/tableTusUploads.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import type { Fact } from '../../src/domain/fileTransfer/state.js'
import { newResource } from '../../src/domain/resource.js'
import { WHOLE } from '../../src/domain/tus/upload.js'
import type { FileTransferStore } from '../../src/usecases/ports/fileTransfers.js'
import type { ResourceStore, ServiceOwnerStore } from '../../src/usecases/ports/resources.js'
import type { TusUploads } from '../../src/usecases/ports/tus.js'
import { memoryFileTransferStore } from '../memory/memoryFileTransferStore.js'
import { memoryResourceStore, memoryServiceOwnerStore } from '../memory/memoryResourceStore.js'
import { memoryTusUploads } from '../memory/memoryTusUploads.js'
import { azuriteTables } from '../support/azurite.js'
import { anyOrganization, at, initialized, later, organization, owner } from '../support/samples.js'

// Texts are stored as they were sent, whatever characters they are made of, and however many of them there may be.

/** Characters that something on the way has read otherwise, or may. */
const ODD = [
  ...['\u0000', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u00a0', '\u2028', '\u2029', '\ufeff', '\ufffd'],
  ...[
    '\ufffe',
    '\uffff',
    '\ufdd0',
    '\u{1fffe}',
    '\u{10ffff}',
    '\u202e',
    '\u200b',
    '\ud7ff',
    '\ue000',
    '🦊',
    'é',
    'e\u0301',
  ],
  ...['\\', '"', "'", '\\u2028', '&', '<', '%', '%2F', '\\\\u2029', '--batch', ''],
]
const texts = fc
  .array(fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 12 })
  .map((parts) => parts.join(''))
const everyOdd = ODD.join('x')

type Stores = {
  transfers: FileTransferStore
  resources: Omit<ResourceStore, 'recent'>
  owners: ServiceOwnerStore
  uploads: TusUploads
}

function textsContract(name: string, makeStores: () => Promise<Stores>) {
  describe(`a text in ${name}`, () => {
    test('is returned as it was sent', async () => {
      const { transfers, resources, owners, uploads } = await makeStores()
      const stored = async (text: string, key: string) => {
        const asked = { fileName: text, sendersFileTransferReference: text, propertyList: { [`k${key}`]: text } }
        const { transfer, facts } = initialized(asked)
        const failed: Fact = { type: 'UploadFailed', reason: text, released: [], at: later(1) }
        const resource = { ...newResource(randomUUID(), owner), externalServiceCodeLegacy: text, requiredParty: key }
        const upload = {
          id: WHOLE,
          attemptId: randomUUID(),
          lengthBytes: 1,
          metadata: text,
          lastByteAt: at,
          lease: 0,
          uploader: { organization: undefined, subject: key },
          blockBytes: 1,
          offset: 0,
          blocks: [],
        }
        const newOwner = { organization: anyOrganization(), name: text, storageReadyAt: undefined }
        const next = evolveAll(transfer, [failed])
        const version = await transfers.commit(transfer, facts, 'first', undefined)
        await transfers.commit(next, [failed], 'second', version)
        await resources.save(resource, undefined)
        await owners.add(newOwner)
        await uploads.save(transfer.id, upload, undefined)

        const read = await transfers.readFacts(transfer.id, 1)

        expect(read?.transfer).toStrictEqual(next)
        expect(read?.facts.at(-1)?.fact).toStrictEqual(failed)
        expect((await resources.read(resource.id))?.resource).toStrictEqual(resource)
        expect(await owners.read(newOwner.organization)).toStrictEqual(newOwner)
        expect((await uploads.read(transfer.id, WHOLE))?.upload).toStrictEqual(upload)
      }

      await stored(everyOdd, everyOdd)
      await fc.assert(fc.asyncProperty(texts, texts, stored), { numRuns: 40 })
    })

    test.each(['\u2028', '\u0000', '🦊', '"', 'æ'])(
      'may be at every limit of a transfer at once, of %j',
      async (char) => {
        const { transfers } = await makeStores()
        const text = (length: number) => char.repeat(length)
        const recipients = Array.from({ length: 1000 }, (_, index) => organization(String(910_000_000 + index)))
        const { transfer, facts } = initialized({
          fileName: text(254),
          sendersFileTransferReference: text(4096),
          recipients,
          propertyList: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [index + text(48), text(3000)])),
          resourceId: 'r'.repeat(255),
        })
        const events: Fact[] = [
          ...recipients.map((recipient): Fact => ({ type: 'DownloadStarted', recipient, number: 1, at: later(1) })),
          { type: 'UploadFailed', reason: text(8192), released: [], at: later(2) },
        ]
        const next = evolveAll(transfer, events)

        const version = await transfers.commit(transfer, facts, 'first', undefined)
        await transfers.commit(next, events.slice(-1), 'second', version)

        expect((await transfers.read(transfer.id))?.transfer).toStrictEqual(next)
      },
    )
  })
}

const makeTable = azuriteTables()
textsContract('memory', async () => ({
  transfers: memoryFileTransferStore(),
  resources: memoryResourceStore(),
  owners: memoryServiceOwnerStore(),
  uploads: memoryTusUploads(),
}))
textsContract('an Azure table', async () => {
  const [transfers, resources, owners] = await Promise.all([makeTable(), makeTable(), makeTable()])
  return {
    transfers: tableFileTransferStore(transfers),
    resources: tableResourceStore(resources),
    owners: tableServiceOwnerStore(owners),
    uploads: tableTusUploads(transfers),
  }
})
