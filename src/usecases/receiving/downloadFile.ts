import { applicableRange, byteRange } from '../../domain/byteRange.js'
import { authorOf } from '../../domain/fileTransfer/author.js'
import { startDownload } from '../../domain/fileTransfer/download.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { blobLocation } from '../commit/blobLocation.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import { countedBytes } from './countedBytes.js'
import { fileForRecipient } from './fileForRecipient.js'

type Deps = ChangePorts & { access: AccessPolicy }

/**
 * A recipient downloads the file, or the part of it that a `Range` header names, if `If-Range` names none or this file. That it has begun is
 * recorded before the first byte. The entity tag, which every answer about the file bears, names exactly these bytes.
 */
export const downloadFile =
  (deps: Deps) =>
  async (caller: Caller, id: FileTransferId, rangeHeader: string | undefined, ifRangeHeader?: string) => {
    const asked = await fileForRecipient(deps, caller, id)
    if (!asked.ok) return asked
    const { found, recipient, file } = asked.value
    const { transfer } = found
    const { sizeBytes, etag, attemptId } = file
    const entityTag = `"${etag}"`
    const range = byteRange(applicableRange(rangeHeader, ifRangeHeader, entityTag), sizeBytes)
    if (!range.ok) return err({ problem: range.reason, sizeBytes, entityTag })

    const isRanged = range.value !== undefined
    const downloader = { recipient, vendor: caller.vendor }
    const opening = deps.blobs.read(blobLocation(transfer, attemptId), etag, range.value)
    const [source, started] = await Promise.allSettled([
      opening,
      change(deps, found, (now, at) => startDownload(now, downloader, isRanged, at), authorOf(caller)),
    ])
    const isRecorded = started.status === 'fulfilled' && started.value.ok
    if (!isRecorded && source.status === 'fulfilled') source.value?.close()
    if (started.status === 'rejected') throw started.reason
    if (!started.value.ok) return err(started.value.reason)
    if (source.status === 'rejected') throw source.reason
    if (!source.value) throw new Error(`The file of ${id} is not in storage as it was recorded.`)
    const wantedBytes = range.value ? range.value.last - range.value.first + 1 : sizeBytes
    const counted = countedBytes(source.value, (sentBytes) => {
      deps.measure('bytesDownloaded', sentBytes)
      const isWhole = sentBytes === wantedBytes
      const details = { fileTransferId: id, sentBytes, wantedBytes }
      deps.log(isWhole ? 'download.ended' : 'download.endedEarly', details)
    })
    return ok({ fileName: transfer.fileName, sizeBytes, entityTag, range: range.value, source: counted })
  }
