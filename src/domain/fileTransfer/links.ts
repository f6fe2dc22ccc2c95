import { addSeconds } from '../duration.js'
import type { OrganizationNumber } from '../organizationNumber.js'
import { err, ok } from '../result.js'
import type { Attempt, AttemptId, Decision, Fact, FileTransfer, StoredFile, UploadLink } from './state.js'
import { type DeadlineSettings, startUpload } from './upload.js'

/** The upload under way whose bytes go to the storage by a link. There is one at most. */
export const linkedAttempt = (transfer: FileTransfer): (Attempt & { link: UploadLink }) | undefined =>
  transfer.status === 'UploadStarted' ? transfer.attempts.find(isLinked) : undefined

const isLinked = (attempt: Attempt): attempt is Attempt & { link: UploadLink } => attempt.link !== undefined

/**
 * A link to upload to is given: one more to the upload that is under way, if `id` is that of `current`; or else the first to a new one, which takes
 * the place of `current`. 'FileTransferBusy' when another upload by links is under way by now.
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
  const given: Fact = { type: 'UploadLinkGiven', attemptId, link, idleAt, at }
  return ok(attemptId === current ? [given] : [...started.value, given])
}

/** Until when a link holds that is given now, in whole seconds: for so many minutes, and never longer than the file may be there. */
export function linkExpiresAt({ deadlines }: FileTransfer, minutes: number, at: Date): Date {
  const ends = deadlines.filter(({ kind }) => kind === 'expire' || kind === 'purge').map((each) => each.at.getTime())
  const until = Math.min(at.getTime() + minutes * 60_000, ...ends)
  return new Date(Math.floor(until / 1000) * 1000)
}

/** Whether someone still has a link by which the file could be replaced. */
export const mayStillChange = ({ link }: StoredFile, at: Date): boolean => link?.mayReplace === true && link.until > at
