import { backupOf } from '../../src/domain/operating/backup.js'
import type { BackupManifest, BackupStore, StoredRow } from '../../src/usecases/ports/operating.js'

/** Backups in memory. What is written stays as it was written. */
export function memoryBackups(): BackupStore {
  const manifests = new Map<string, BackupManifest>()
  const written = new Map<string, StoredRow[]>()
  const nameOf = (id: string, part: string) => `${id}/${part}`
  return {
    list: async () => [...manifests.keys()].toSorted().flatMap((id) => backupOf(id) ?? []),
    async manifestOf({ id }) {
      const manifest = manifests.get(id)
      if (!manifest) throw new Error(`There is no backup ${id}.`)
      return structuredClone(manifest)
    },
    async write(id, part, rows) {
      const name = nameOf(id, part)
      const all = structuredClone(await Array.fromAsync(rows))
      if (all.length > 0 && !written.has(name)) written.set(name, all)
      return all.length
    },
    async complete(manifest) {
      if (!manifests.has(manifest.id)) manifests.set(manifest.id, structuredClone(manifest))
    },
    async *read({ id, parts }, part) {
      const rows = written.get(nameOf(id, part)) ?? []
      yield* structuredClone(rows)
      const expected = parts.find(({ name }) => name === part)?.rows ?? 0
      if (rows.length !== expected)
        throw new Error(`The backup ${id} has ${rows.length} rows of ${part}, not ${expected}.`)
    },
  }
}
