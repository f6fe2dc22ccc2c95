import { addSeconds } from '../duration.js'
import type { OrganizationNumber } from '../organizationNumber.js'
import { err, ok, type Result } from '../result.js'
import { type Decision, deletableFrom, type Fact, type FileTransfer, fileOf, type StoredFile } from './state.js'

/** Ranged requests of one recipient within this time are one download (spec 5.1). */
const SAME_DOWNLOAD_MS = 5 * 60_000

/** The recipient who downloads, and the vendor that acts for it. */
export type Downloader = { recipient: OrganizationNumber; vendor: OrganizationNumber | undefined }

/** The file, where the status allows to download it. */
export function downloadableFile(transfer: FileTransfer): Result<StoredFile, 'FileTransferNotAvailable'> {
  const isAvailable = transfer.status === 'Published' || transfer.status === 'AllConfirmedDownloaded'
  return isAvailable ? ok(transfer.file) : err('FileTransferNotAvailable')
}

/** A recipient downloads the file, or a range of it. */
export function startDownload(
  transfer: FileTransfer,
  { recipient, vendor }: Downloader,
  isRanged: boolean,
  at: Date,
): Decision<'FileTransferNotAvailable' | 'NoAccessToResource'> {
  const own = transfer.recipients[recipient]
  if (!own) return err('NoAccessToResource')
  if (!downloadableFile(transfer).ok) return err('FileTransferNotAvailable')
  const isSameDownload =
    isRanged && own.status !== 'Initialized' && at.getTime() - own.changedAt.getTime() < SAME_DOWNLOAD_MS
  if (isSameDownload) return ok([])
  const number = (own.downloads ?? 0) + 1
  return ok([{ type: 'DownloadStarted', recipient, number, ...(vendor && { vendor }), at }])
}

/** A recipient confirms that it has the file. The last one also closes the transfer. Idempotent in every status. */
export function confirmDownload(
  transfer: FileTransfer,
  { recipient, vendor }: Downloader,
  graceSeconds: number | undefined,
  at: Date,
): Decision<
  'NoAccessToResource' | 'NoFileUploaded' | 'FileTransferNotPublished' | 'ConfirmDownloadBeforeDownloadStarted'
> {
  const { [recipient]: own, ...others } = transfer.recipients
  if (!own) return err('NoAccessToResource')
  if (own.status === 'DownloadConfirmed') return ok([])
  if (!fileOf(transfer)) return err('NoFileUploaded')
  if (transfer.status !== 'Published') return err('FileTransferNotPublished')
  if (own.status !== 'DownloadStarted') return err('ConfirmDownloadBeforeDownloadStarted')
  const confirmed: Fact = { type: 'DownloadConfirmed', recipient, ...(vendor && { vendor }), at }
  if (Object.values(others).some(({ status }) => status !== 'DownloadConfirmed')) return ok([confirmed])
  const purgeAt = graceSeconds === undefined ? undefined : deletableFrom(transfer.file, addSeconds(at, graceSeconds))
  return ok([confirmed, { type: 'AllConfirmedDownloaded', ...(purgeAt && { purgeAt }), at }])
}

/**
 * A recipient confirms a whole group, and with it this file of the group: as `confirmDownload`, but a file that has
 * ended and cannot be confirmed any more does not keep the others from it.
 */
export const confirmInGroup = (...[transfer, ...confirmation]: Parameters<typeof confirmDownload>) =>
  hasEnded(transfer) ? ok([]) : confirmDownload(transfer, ...confirmation)

const hasEnded = ({ status }: FileTransfer): boolean => ['Failed', 'Cancelled', 'Purged'].includes(status)
