import { recordVerdict } from '../../domain/fileTransfer/processing.js'
import { orThrow } from '../commit/orThrow.js'
import type { TransferCommits } from '../commit/transferCommits.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { ScanResult } from '../ports/messages.js'
import type { Log } from '../ports/telemetry.js'

type Deps = { commits: TransferCommits; blobs: FileBlobs; log: Log }

/**
 * Records a verdict of the scanner. One about a file that is not ours is ignored. Throws to have the message
 * redelivered.
 */
export const recordScanResult =
  ({ commits, blobs, log }: Deps) =>
  async ({ blobUrl, verdict, raw = '' }: ScanResult): Promise<void> => {
    const address = blobs.attemptAt(blobUrl)
    const found = address && (await commits.readRecent(address.fileTransferId))
    if (!found?.transfer.useVirusScan || found.transfer.serviceOwner !== address?.serviceOwner) {
      return log('scan.unknownFile', address ?? {})
    }
    const { attemptId, fileTransferId } = address
    const recorded = await orThrow(commits.change(found, (now, at) => recordVerdict(now, attemptId, verdict, at)))
    const details = { fileTransferId, attemptId, result: verdict.result }
    if (recorded.facts.length === 0) return log('scan.notNeeded', details)
    if (verdict.result !== 'Clean') log('scan.fileRefused', { ...details, raw })
  }
