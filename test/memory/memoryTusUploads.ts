import type { TusUpload } from '../../src/domain/tus/upload.js'
import type { TusUploads } from '../../src/usecases/ports/tus.js'

/** TUS uploads in memory. */
export function memoryTusUploads(): TusUploads {
  const rows = new Map<string, { upload: TusUpload; version: string }>()
  let versions = 0
  const keyOf = (transfer: string, id: string) => `${transfer}/${id}`
  return {
    read: async (transfer, id) => structuredClone(rows.get(keyOf(transfer, id))),

    async ofFileTransfer(transfer) {
      const own = [...rows].filter(([key]) => key.startsWith(keyOf(transfer, ''))).toSorted()
      return structuredClone(own.map(([, row]) => row))
    },

    async save(transfer, upload, replaced) {
      const key = keyOf(transfer, upload.id)
      if (rows.get(key)?.version !== replaced) return 'conflict'
      const version = `v${++versions}`
      rows.set(key, structuredClone({ upload, version }))
      return version
    },

    async remove(transfer, id, read) {
      const key = keyOf(transfer, id)
      const row = rows.get(key)
      if (row && row.version !== read) return 'conflict'
      rows.delete(key)
      return 'removed'
    },
  }
}
