import { authorOf } from '../../domain/author.js'
import { startDownload } from '../../domain/fileTransfer/download.js'
import { linkExpiresAt, mayStillChange } from '../../domain/fileTransfer/links.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { blobLocation } from '../commit/blobLocation.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileBlobs, FileLinks, LinkMinutes } from '../ports/blobs.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import { fileForRecipient } from './fileForRecipient.js'

type Deps = {
  commits: TransferCommits
  transfers: FileTransferReader
  blobs: FileBlobs
  access: AccessPolicy
  links: FileLinks
  linkMinutes: LinkMinutes
  now: () => Date
}

/**
 * Gives a recipient a link to read the file from the storage itself. It counts as a download, which is recorded before
 * the link is given.
 */
export const createDownloadLink = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { commits, blobs, linkMinutes, links, now } = deps
  if (linkMinutes.download === undefined) return err('DownloadLinksSwitchedOff')
  const asked = await fileForRecipient(deps.access, caller, await deps.transfers.read(id))
  if (!asked.ok) return asked
  const { found, recipient, file } = asked.value
  if (mayStillChange(file, now())) return err('FileMayStillChange')

  const { transfer } = found
  const location = blobLocation(transfer, file.attemptId)
  const until = linkExpiresAt(transfer, linkMinutes.download, now())
  if (!until) return err('FileTransferNotAvailable')
  // A link names a blob and not its version. So the version is compared now; no upload link can replace the blob after
  // that.
  const [url, blob] = await Promise.all([
    links.toDownload(location, { fileName: transfer.fileName, until }),
    blobs.find(location),
  ])
  if (blob?.etag !== file.etag) throw new Error(`The file of ${id} is not in storage as it was recorded.`)
  const downloader = { recipient, vendor: caller.vendor }
  const started = await commits.change(found, (now, at) => startDownload(now, downloader, false, at), authorOf(caller))
  return started.ok ? ok({ url, until }) : started
}
