import { authorOf } from '../../domain/author.js'
import { applicableRange, byteRange } from '../../domain/byteRange.js'
import { startDownload } from '../../domain/fileTransfer/download.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { FileTransferReader, Snapshot } from '../ports/fileTransfers.js'
import type { Log, Measure } from '../ports/telemetry.js'
import { countedBytes } from './countedBytes.js'
import { fileForRecipient } from './fileForRecipient.js'

type Deps = {
  commits: TransferCommits
  transfers: FileTransferReader
  blobs: FileBlobs
  access: AccessPolicy
  log: Log
  measure: Measure
}

/**
 * A recipient downloads the file, or the range of it that a `Range` header names, if `If-Range` names none or this
 * file. The start of the download is recorded before the first byte. The entity tag, which is in every answer about the
 * file, names exactly these bytes.
 */
export const downloadFile =
  (deps: Deps) =>
  async (caller: Caller, id: FileTransferId, rangeHeader: string | undefined, ifRangeHeader?: string) => {
    const recent = deps.commits.recent(id)
    const known = recent && (await rangeFor(deps.access, caller, recent, rangeHeader, ifRangeHeader))
    const asked = known?.ok
      ? known
      : await rangeFor(deps.access, caller, await deps.transfers.read(id), rangeHeader, ifRangeHeader)
    if (!asked.ok) return asked
    const { found, recipient, file, range, entityTag } = asked.value
    const { transfer } = found
    const { sizeBytes, etag, attemptId } = file

    const isRanged = range !== undefined
    const downloader = { recipient, vendor: caller.vendor }
    const opening = deps.blobs.read(blobLocation(transfer, attemptId), etag, range)
    const [source, started] = await Promise.allSettled([
      opening,
      deps.commits.change(found, (now, at) => startDownload(now, downloader, isRanged, at), authorOf(caller)),
    ])
    const isRecorded = started.status === 'fulfilled' && started.value.ok
    if (!isRecorded && source.status === 'fulfilled') source.value?.close()
    if (started.status === 'rejected') throw started.reason
    if (!started.value.ok) return err(started.value.reason)
    if (source.status === 'rejected') throw source.reason
    if (!source.value) throw new Error(`The file of ${id} is not in storage as it was recorded.`)
    const wantedBytes = range ? range.last - range.first + 1 : sizeBytes
    const counted = countedBytes(source.value, (sentBytes) => {
      deps.measure('bytesDownloaded', sentBytes)
      const isWhole = sentBytes === wantedBytes
      const details = { fileTransferId: id, sentBytes, wantedBytes }
      deps.log(isWhole ? 'download.ended' : 'download.endedEarly', details)
    })
    return ok({ fileName: transfer.fileName, sizeBytes, sha256: file.sha256, entityTag, range, source: counted })
  }

/** What `fileForRecipient` finds, with the range of it that is asked for. */
async function rangeFor(
  access: AccessPolicy,
  caller: Caller,
  read: Snapshot | undefined,
  rangeHeader: string | undefined,
  ifRangeHeader: string | undefined,
) {
  const asked = await fileForRecipient(access, caller, read)
  if (!asked.ok) return asked
  const { sizeBytes, etag } = asked.value.file
  const entityTag = `"${etag}"`
  const range = byteRange(applicableRange(rangeHeader, ifRangeHeader, entityTag), sizeBytes)
  return range.ok
    ? ok({ ...asked.value, range: range.value, entityTag })
    : err({ problem: range.reason, sizeBytes, entityTag })
}
