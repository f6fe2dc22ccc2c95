import { addSeconds } from '../duration.js'
import type { OrganizationNumber } from '../organizationNumber.js'
import { err, ok } from '../result.js'
import type { Attempt, AttemptId, Decision, Fact, FileTransfer, StoredFile, UploadLink } from './state.js'
import { type DeadlineSettings, startUpload } from './upload.js'

/** The open attempt whose bytes go to Blob Storage by a link. There is at most one. */
export const linkedAttempt = (transfer: FileTransfer): (Attempt & { link: UploadLink }) | undefined =>
  transfer.status === 'UploadStarted' ? transfer.attempts.find(isLinked) : undefined

const isLinked = (attempt: Attempt): attempt is Attempt & { link: UploadLink } => attempt.link !== undefined

/**
 * Issues an upload link: one more for the open attempt, if `id` is `current`; otherwise the first for a new attempt,
 * which replaces `current`. 'FileTransferBusy' when the open attempt with a link is not `current` any more.
 */
export function issueUploadLink(
  transfer: FileTransfer,
  attempt: { id: AttemptId; current: AttemptId | undefined; vendor: OrganizationNumber | undefined },
  link: UploadLink,
  settings: DeadlineSettings,
  at: Date,
): Decision<'FileTransferAlreadyUploaded' | 'FileTransferBusy'> {
  const { id: attemptId, current } = attempt
  const started = startUpload(transfer, { ...attempt, replaces: current }, settings, at)
  if (!started.ok) return started
  if (linkedAttempt(transfer)?.id !== current) return err('FileTransferBusy')
  const idleAt = addSeconds(at, settings.uploadIdle)
  const issued: Fact = { type: 'UploadLinkGiven', attemptId, link, idleAt, at }
  return ok(attemptId === current ? [issued] : [...started.value, issued])
}

/**
 * When a link of this many minutes expires, in whole seconds: at the latest when the file is purged. Undefined: that time
 * has come.
 */
export function linkExpiresAt({ deadlines }: FileTransfer, minutes: number, at: Date): Date | undefined {
  const ends = deadlines.filter(({ kind }) => kind === 'expire' || kind === 'purge').map((each) => each.at.getTime())
  const until = Math.min(at.getTime() + minutes * 60_000, ...ends)
  const expiresAt = new Date(Math.floor(until / 1000) * 1000)
  return expiresAt > at ? expiresAt : undefined
}

/** Whether an upload link is still valid by which the file can be replaced. */
export const mayStillChange = ({ link }: StoredFile, at: Date): boolean => link?.mayReplace === true && link.until > at
