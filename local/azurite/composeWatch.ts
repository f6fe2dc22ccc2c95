import { setTimeout as pause } from 'node:timers/promises'
import { BlobServiceClient } from '@azure/storage-blob'
import type { Settings } from '../settings.js'
import type { CommittedBlob } from './committedBlobs.js'

/** Lists the scanned account each second and reports new blobs: with compose there is no access log to read. */
export function watchListing(
  settings: Settings,
  onBlobCommitted: (blob: CommittedBlob) => void,
  signal: AbortSignal,
): void {
  const client = BlobServiceClient.fromConnectionString(settings.ScannedBlobs ?? '')
  const seen = new Map<string, string>()

  const look = async (isFirst: boolean) => {
    for await (const { name: container } of client.listContainers()) {
      for await (const { name, properties } of client.getContainerClient(container).listBlobsFlat()) {
        const version = properties.etag
        if (seen.get(`${container}/${name}`) === version) continue
        seen.set(`${container}/${name}`, version)
        if (!isFirst) onBlobCommitted({ container, name })
      }
    }
  }
  const watch = async () => {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      await look(isFirst).catch(() => {}) // the next look is the next try
      await pause(1000, undefined, { signal })
    }
  }
  watch().catch(() => {}) // stopped
}
