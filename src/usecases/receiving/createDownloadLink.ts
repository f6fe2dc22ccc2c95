import { authorOf } from '../../domain/fileTransfer/author.js'
import { startDownload } from '../../domain/fileTransfer/download.js'
import { linkExpiresAt, mayStillChange } from '../../domain/fileTransfer/links.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { blobLocation } from '../commit/blobLocation.js'
import { type ChangePorts, change } from '../commit/change.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileLinks, LinkMinutes } from '../ports/links.js'
import { fileForRecipient } from './fileForRecipient.js'

type Deps = ChangePorts & { access: AccessPolicy; links: FileLinks; linkMinutes: LinkMinutes }

/** Gives a recipient a link to read the file from the storage itself. It counts as a download, which is recorded before the link is given. */
export const createDownloadLink = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { linkMinutes, links, now } = deps
  if (linkMinutes.download === undefined) return err('DownloadLinksSwitchedOff')
  const asked = await fileForRecipient(deps, caller, id)
  if (!asked.ok) return asked
  const { found, recipient, file } = asked.value
  if (mayStillChange(file, now())) return err('FileMayStillChange')

  const { transfer } = found
  const place = blobLocation(transfer, file.attemptId)
  const until = linkExpiresAt(transfer, linkMinutes.download, now())
  // A link names a place and no version of what is there: so that is looked at now, and nobody can replace it.
  const [url, blob] = await Promise.all([
    links.toDownload(place, { fileName: transfer.fileName, until }),
    deps.blobs.find(place),
  ])
  if (blob?.etag !== file.etag) throw new Error(`The file of ${id} is not in storage as it was recorded.`)
  const downloader = { recipient, vendor: caller.vendor }
  const started = await change(deps, found, (now, at) => startDownload(now, downloader, false, at), authorOf(caller))
  return started.ok ? ok({ url, until }) : started
}
