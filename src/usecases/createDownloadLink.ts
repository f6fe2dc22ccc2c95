import { downloadable, startDownload } from '../domain/download.js'
import type { FileTransferId } from '../domain/fileTransfer.js'
import { linkUntil, mayStillChange } from '../domain/links.js'
import { err, ok } from '../domain/result.js'
import { recipientIs } from './access.js'
import { type ChangePorts, change } from './change.js'
import type { FileLinks, LinkMinutes } from './linkPorts.js'
import { placeOf } from './placeOf.js'
import type { AccessPolicy, Caller } from './ports.js'

type Deps = ChangePorts & { access: AccessPolicy; links: FileLinks; linkMinutes: LinkMinutes }

/** Gives a recipient a link to read the file from the storage itself. It counts as a download, which is recorded before the link is given. */
export const createDownloadLink = (deps: Deps) => async (caller: Caller, id: FileTransferId) => {
  const { linkMinutes, links, now } = deps
  if (linkMinutes.download === undefined) return err('DownloadLinksSwitchedOff')
  const found = await deps.transfers.read(id)
  if (!found) return err('FileTransferNotFound')
  const { transfer } = found
  const recipient = await recipientIs(deps.access, caller, transfer)
  if (!recipient) return err('NoAccessToResource')
  const file = downloadable(transfer)
  if (!file.ok) return file
  if (mayStillChange(file.value, now())) return err('FileMayStillChange')

  const place = placeOf(transfer, file.value.attemptId)
  const until = linkUntil(transfer, linkMinutes.download, now())
  // A link names a place and no version of what is there: so that is looked at now, and nobody can replace it.
  const [url, blob] = await Promise.all([
    links.toDownload(place, { fileName: transfer.fileName, until }),
    deps.blobs.find(place),
  ])
  if (blob?.etag !== file.value.etag) throw new Error(`The file of ${id} is not in storage as it was recorded.`)
  const downloader = { recipient, vendor: caller.vendor }
  const started = await change(deps, found, (now, at) => startDownload(now, downloader, false, at), recipient)
  return started.ok ? ok({ url, until }) : started
}
