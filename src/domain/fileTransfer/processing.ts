import { ok } from '../result.js'
import { digestsIn, matchesChecksum } from './checksum.js'
import { evolveAll } from './evolve.js'
import { failureReasons, uploadFailed } from './failure.js'
import { withDetails } from './scanDetails.js'
import type { AttemptId, Decision, Digests, Fact, FileTransfer, StoredFile, Verdict } from './state.js'

/**
 * The stored file has been checked, and its digests computed where they were unknown. The file is published now, or
 * with a clean verdict.
 */
export function checkUpload(
  transfer: FileTransfer,
  attemptId: AttemptId,
  isIntact: boolean,
  at: Date,
  digests: Digests = {},
): Decision {
  if (transfer.status !== 'UploadProcessing' || transfer.file.attemptId !== attemptId || transfer.isChecked)
    return ok([])
  if (!isIntact) return ok([uploadFailed(transfer, failureReasons.fileLost, at)])
  if (!matchesChecksum(transfer, digests)) return ok([uploadFailed(transfer, failureReasons.checksumMismatch, at)])
  return ok(withFollowingFacts(transfer, [{ type: 'UploadChecked', ...digestsIn(digests), at }], at))
}

/**
 * Records a verdict where a scan is required. The first about the present blob counts, and `Malicious` after `Clean`,
 * also for a published file.
 */
export function recordVerdict(transfer: FileTransfer, attemptId: AttemptId, verdict: Verdict, at: Date): Decision {
  if (!transfer.useVirusScan) return ok([])
  const recorded: Fact = { type: 'ScanVerdictRecorded', attemptId, verdict, at }
  switch (transfer.status) {
    case 'UploadStarted': {
      const attempt = transfer.attempts.find(({ id }) => id === attemptId)
      return ok(attempt && isFirstVerdict(attempt.verdict, verdict) ? [recorded] : [])
    }
    case 'UploadProcessing': {
      const isForFile = isVerdictFor(transfer.file, attemptId, verdict)
      return ok(
        isForFile && isFirstVerdict(transfer.verdict, verdict) ? withFollowingFacts(transfer, [recorded], at) : [],
      )
    }
    case 'Published':
    case 'AllConfirmedDownloaded': {
      const isMalware = isVerdictFor(transfer.file, attemptId, verdict) && verdict.result === 'Malicious'
      return ok(isMalware ? [{ ...uploadFailed(transfer, reasonFor(verdict), at), type: 'FileWithdrawn' }] : [])
    }
    case 'Initialized':
    case 'Failed':
    case 'Cancelled':
    case 'Purged':
      return ok([])
  }
}

const isVerdictFor = (file: StoredFile, attemptId: AttemptId, { etag }: Verdict) =>
  file.attemptId === attemptId && file.etag === etag

/** Whether this is the first verdict on a blob, or malware in one that was clean. */
const isFirstVerdict = (known: Verdict | undefined, { etag, result }: Verdict) =>
  known?.etag !== etag || (known.result === 'Clean' && result === 'Malicious')

/**
 * The facts and those that follow: a bad verdict fails the transfer, a checked file is published, with a clean one
 * where a scan is required.
 */
export function withFollowingFacts(before: FileTransfer, facts: Fact[], at: Date): Fact[] {
  const transfer = evolveAll(before, facts)
  if (transfer.status !== 'UploadProcessing') return facts
  const { verdict, isChecked, useVirusScan } = transfer
  if (verdict && verdict.result !== 'Clean') return [...facts, uploadFailed(transfer, reasonFor(verdict), at)]
  return isChecked && (verdict || !useVirusScan) ? [...facts, { type: 'Published', at }] : facts
}

const reasonFor = ({ result, detail }: Verdict) =>
  withDetails(result === 'Malicious' ? failureReasons.malicious : failureReasons.scanFailed, detail)
