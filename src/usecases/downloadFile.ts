import { byteRange } from '../domain/byteRange.js'
import { downloadable, startDownload } from '../domain/download.js'
import type { FileTransferId } from '../domain/fileTransfer.js'
import { err, ok } from '../domain/result.js'
import { recipientIs } from './access.js'
import { type ChangePorts, change } from './change.js'
import { countedBytes } from './countedBytes.js'
import { placeOf } from './placeOf.js'
import type { AccessPolicy, Caller } from './ports.js'

type Deps = ChangePorts & { access: AccessPolicy }

/** A recipient downloads the file, or the part of it that a `Range` header names. That it has begun is recorded before the first byte. */
export const downloadFile =
  (deps: Deps) => async (caller: Caller, id: FileTransferId, rangeHeader: string | undefined) => {
    const found = await deps.transfers.read(id)
    if (!found) return err('FileTransferNotFound')
    const { transfer } = found
    const recipient = await recipientIs(deps.access, caller, transfer)
    if (!recipient) return err('NoAccessToResource')
    const file = downloadable(transfer)
    if (!file.ok) return file
    const { sizeBytes, etag, attemptId } = file.value
    const range = byteRange(rangeHeader, sizeBytes)
    if (!range.ok) return err({ problem: range.reason, sizeBytes })

    const isRanged = range.value !== undefined
    const downloader = { recipient, vendor: caller.vendor }
    const opening = deps.blobs.read(placeOf(transfer, attemptId), etag, range.value)
    const [source, started] = await Promise.allSettled([
      opening,
      change(deps, found, (now, at) => startDownload(now, downloader, isRanged, at), recipient),
    ])
    const isRecorded = started.status === 'fulfilled' && started.value.ok
    if (!isRecorded && source.status === 'fulfilled') source.value?.close()
    if (started.status === 'rejected') throw started.reason
    if (!started.value.ok) return err(started.value.reason)
    if (source.status === 'rejected') throw source.reason
    if (!source.value) throw new Error(`The file of ${id} is not in storage as it was recorded.`)
    const wantedBytes = range.value ? range.value.last - range.value.first + 1 : sizeBytes
    const bytes = countedBytes(source.value.bytes, (sentBytes) => {
      deps.measure('bytesDownloaded', sentBytes)
      const isWhole = sentBytes === wantedBytes
      const details = { fileTransferId: id, sentBytes, wantedBytes }
      deps.log(isWhole ? 'info' : 'warn', isWhole ? 'Download ended' : 'Download ended early', details)
    })
    return ok({ fileName: transfer.fileName, sizeBytes, range: range.value, source: { ...source.value, bytes } })
  }
