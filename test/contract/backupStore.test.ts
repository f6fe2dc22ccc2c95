import { randomUUID } from 'node:crypto'
import { BlobServiceClient } from '@azure/storage-blob'
import { describe, expect, test } from 'vitest'
import { azureBackups, BACKUPS_CONTAINER } from '../../src/adapters/blobs/azureBackups.js'
import { backupIdOf } from '../../src/domain/operating/backup.js'
import type { BackupManifest, BackupStore, StoredRow } from '../../src/usecases/ports/operating.js'
import { memoryBackups } from '../memory/memoryBackups.js'
import { azurite } from '../support/azurite.js'
import { all, at, later } from '../support/samples.js'

async function* those(rows: StoredRow[]): AsyncGenerator<StoredRow> {
  yield* rows
}

const someRows: StoredRow[] = [
  { partitionKey: 'a', rowKey: '1', text: 'søknad \u2028 \u2029 \r\n 🗂' },
  { partitionKey: 'b', rowKey: '2', moment: { type: 'DateTime', value: '2026-03-01T12:00:00.1234567Z' }, count: 7 },
]

const manifest = (startedAt: Date, parts: BackupManifest['parts'], since?: Date): BackupManifest => ({
  id: backupIdOf({ startedAt, since }, randomUUID()),
  isFull: since === undefined,
  startedAt,
  since,
  finishedAt: new Date(startedAt.getTime() + 1000),
  parts,
})
const part = (rows: number) => ({ name: 'Some-0', table: 'Some', rows })

function backupStoreContract(name: string, make: () => Promise<BackupStore>) {
  describe(`backups in ${name}`, () => {
    test('return the rows and the manifest that were written', async () => {
      const store = await make()
      const made = manifest(at, [part(2)], later(-3600))

      expect(await store.write(made.id, 'Some-0', those(someRows))).toBe(2)
      await store.complete(made)

      const [found] = await store.list()
      expect(found).toEqual({ id: made.id, startedAt: at, isFull: false })
      expect(found && (await store.manifestOf(found))).toEqual(made)
      expect(await all(store.read(made, 'Some-0'))).toEqual(someRows)
    })

    test('are whole when they have a manifest, and are listed by when they began', async () => {
      const store = await make()
      const [second, first] = [manifest(later(60), [], at), manifest(at, [])]
      await store.write(manifest(later(90), []).id, 'Some-0', those(someRows))
      for (const each of [second, first]) await store.complete(each)

      expect((await store.list()).map(({ id }) => id)).toEqual([first.id, second.id])
    })

    test('need not have rows', async () => {
      const store = await make()
      const made = manifest(at, [part(0)])

      expect(await store.write(made.id, 'Some-0', those([]))).toBe(0)

      expect(await all(store.read(made, 'Some-0'))).toEqual([])
    })

    test('are written once: what comes under the same name changes nothing', async () => {
      const store = await make()
      const made = manifest(at, [part(2)])
      await store.write(made.id, 'Some-0', those(someRows))
      await store.complete(made)

      await store.write(made.id, 'Some-0', those([{ partitionKey: 'x', rowKey: 'x' }]))
      await store.complete({ ...made, parts: [] })

      expect(await all(store.read(made, 'Some-0'))).toEqual(someRows)
      expect(await store.manifestOf(made)).toEqual(made)
    })

    test('are refused when rows are missing', async () => {
      const store = await make()
      const made = manifest(at, [part(3)])
      await store.write(made.id, 'Some-0', those(someRows))

      await expect(all(store.read(made, 'Some-0'))).rejects.toThrow(/2 rows of Some-0, not 3/)
    })

    test('have no part whose rows could not all be read', async () => {
      const store = await make()
      const made = manifest(at, [part(1)])
      async function* broken() {
        yield* those(someRows.slice(0, 1))
        throw new Error('The table has gone.')
      }

      await expect(store.write(made.id, 'Some-0', broken())).rejects.toThrow('The table has gone.')

      await expect(all(store.read(made, 'Some-0'))).rejects.toThrow()
    })

    test('take more rows than fit into a buffer', async () => {
      const store = await make()
      const random = Array.from({ length: 200 }, (_, i): StoredRow => {
        const text = Array.from({ length: 1400 }, () => `${randomUUID()}ø🗂`).join('')
        return { partitionKey: 'a', rowKey: String(i), text }
      })
      const made = manifest(at, [part(random.length)])

      expect(await store.write(made.id, 'Some-0', those(random))).toBe(random.length)

      expect(await all(store.read(made, 'Some-0'))).toEqual(random)
    })
  })
}

const { connectionString } = azurite('blob', ['backups'])
backupStoreContract('memory', async () => memoryBackups())
backupStoreContract('an Azure storage account', async () => {
  const account = BlobServiceClient.fromConnectionString(connectionString('backups'))
  const container = account.getContainerClient(BACKUPS_CONTAINER)
  await container.createIfNotExists()
  for await (const { name } of container.listBlobsFlat()) await container.deleteBlob(name)
  return azureBackups(account)
})
