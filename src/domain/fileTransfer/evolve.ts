import type { OrganizationNumber } from '../organizationNumber.js'
import { digestsIn } from './checksum.js'
import { nextReminder, withoutDueReminders, withReminders } from './reminders.js'
import type { AttemptId, DeadlineKind, Fact, FileTransfer, Header, Recipient, UploadLink, Verdict } from './state.js'
import { deletableFrom, fileOf } from './state.js'

/** The file transfer after these facts, in order. */
export const evolveAll = (transfer: FileTransfer, facts: Fact[]): FileTransfer => facts.reduce(evolve, transfer)

/** The file transfer after a fact. A fact has been decided and is applied in every status. */
export function evolve(transfer: FileTransfer, fact: Fact): FileTransfer {
  const header = { ...headerOf(transfer), sequence: transfer.sequence + 1, lastFactAt: fact.at }
  const entered = { ...header, statusChangedAt: fact.at, statusSequence: header.sequence }
  const file = fileOf(transfer)
  switch (fact.type) {
    case 'Initialized': {
      const begun = withReminders(entered, fact.reminders ?? [])
      return { ...withDeadlines(begun, [{ kind: 'expire', at: header.expirationTime }]), status: 'Initialized' }
    }
    case 'UploadStarted': {
      const { attemptId: id, isResumable, at: startedAt } = fact
      const attempt = { id, startedAt, ...(isResumable && { isResumable }) }
      const attempts = [...openAttempts(transfer, fact.released), attempt]
      return { ...withDeadlines(entered, [{ kind: 'uploadIdle', at: fact.idleAt }]), status: 'UploadStarted', attempts }
    }
    case 'UploadContinued':
      return { ...transfer, ...withDeadlines(header, [{ kind: 'uploadIdle', at: fact.idleAt }]) }
    case 'UploadLinkGiven': {
      const extended = { ...transfer, ...withDeadlines(header, [{ kind: 'uploadIdle', at: fact.idleAt }]) }
      return withLink(extended, fact.attemptId, fact.link)
    }
    case 'UploadAbandoned':
      return { ...header, status: 'UploadStarted', attempts: openAttempts(transfer, fact.released) }
    case 'ScanVerdictRecorded':
      return withVerdict({ ...transfer, ...header }, fact.attemptId, fact.verdict)
    case 'UploadCompleted': {
      const verdict = openAttempts(transfer, []).find(({ id }) => id === fact.file.attemptId)?.verdict
      const isOfThisFile = verdict?.etag === fact.file.etag
      return {
        ...withDeadlines(withoutDeadlines(entered, ['uploadIdle']), fact.deadlines),
        status: 'UploadProcessing',
        file: fact.file,
        isChecked: false,
        ...(verdict && isOfThisFile && { verdict }),
      }
    }
    case 'UploadChecked': {
      const checked = { ...transfer, ...withoutDeadlines(header, ['processingOverdue']) }
      if (checked.status !== 'UploadProcessing') return checked
      return { ...checked, isChecked: true, file: { ...checked.file, ...digestsIn(fact) } }
    }
    case 'UploadFailed':
      return {
        ...withoutReminders(withoutDeadlines(entered, PROCESSING)),
        status: 'Failed',
        reason: fact.reason,
        ...(file && { file }),
      }
    case 'FileWithdrawn':
      return {
        ...withoutReminders(entered),
        withdrawnAt: fact.at,
        status: 'Failed',
        reason: fact.reason,
        ...requireFile(file),
      }
    case 'Published': {
      const published = { ...withoutDeadlines(entered, PROCESSING), publishedAt: fact.at }
      return { ...withoutPastReminders(published, fact.at), status: 'Published', ...requireFile(file) }
    }
    case 'DownloadStarted':
      return withRecipient({ ...transfer, ...header }, fact.recipient, {
        status: 'DownloadStarted',
        changedAt: fact.at,
        downloads: fact.number,
      })
    case 'DownloadConfirmed':
      return withRecipient({ ...transfer, ...header }, fact.recipient, {
        status: 'DownloadConfirmed',
        changedAt: fact.at,
      })
    case 'DownloadReminded':
      return { ...withoutPastReminders(header, fact.at), status: 'Published', ...requireFile(file) }
    case 'AllConfirmedDownloaded': {
      const confirmed = withoutReminders(entered)
      // The grace period replaces the expiry, even where that would come first (processing 9).
      const closed = fact.purgeAt
        ? withDeadlines(withoutDeadlines(confirmed, ['expire']), [{ kind: 'purge', at: fact.purgeAt }])
        : confirmed
      return { ...closed, status: 'AllConfirmedDownloaded', ...requireFile(file) }
    }
    case 'ExpiryChanged': {
      const { expirationTime } = fact
      const at = file ? deletableFrom(file, expirationTime) : expirationTime
      const moved = withDeadlines({ ...header, expirationTime }, [{ kind: 'expire', at }])
      return { ...transfer, ...withNextReminder(moved, fact.at) }
    }
    case 'Cancelled': {
      const { reason, purgeAt } = fact
      const purge = purgeAt ? [{ kind: 'purge' as const, at: purgeAt }] : []
      return {
        ...withDeadlines(withoutReminders(withoutDeadlines(entered, PROCESSING)), purge),
        ...(header.publishedAt && { withdrawnAt: fact.at }),
        status: 'Cancelled',
        ...(reason !== undefined && { reason }),
        ...(file && { file }),
      }
    }
    case 'Purged':
      return {
        ...withDeadlines({ ...withReminders(entered, []), deadlines: [] }, [
          ...(fact.unlistAt ? [{ kind: 'unlist' as const, at: fact.unlistAt }] : []),
          ...(fact.forgetAt ? [{ kind: 'forget' as const, at: fact.forgetAt }] : []),
        ]),
        status: 'Purged',
        ...(file && { file }),
      }
    case 'Unlisted': {
      const unlisted = { ...transfer, ...withoutDeadlines(header, ['unlist']), statusSequence: header.sequence }
      return unlisted.status === 'Purged' ? { ...unlisted, isUnlisted: true } : unlisted
    }
  }
}

const SCAN: DeadlineKind[] = ['scanWarning', 'scanOverdue']
const PROCESSING: DeadlineKind[] = ['uploadIdle', 'processingOverdue', ...SCAN]

/** The properties of every status, without those of the present one. */
function headerOf(transfer: FileTransfer): Header {
  const { status, attempts, file, isChecked, verdict, reason, isUnlisted, ...header } = {
    ...statusProperties,
    ...transfer,
  }
  return header
}
const statusProperties = {
  attempts: undefined,
  file: undefined,
  isChecked: undefined,
  verdict: undefined,
  reason: undefined,
  isUnlisted: undefined,
}

const withoutDeadlines = <Part extends Pick<Header, 'deadlines'>>(header: Part, kinds: DeadlineKind[]): Part => ({
  ...header,
  deadlines: header.deadlines.filter(({ kind }) => !kinds.includes(kind)),
})

/** Sets deadlines, each in place of one of the same kind. */
const withDeadlines = (header: Header, added: { kind: DeadlineKind; at: Date }[]): Header => {
  const others = withoutDeadlines(
    header,
    added.map(({ kind }) => kind),
  ).deadlines
  return { ...header, deadlines: [...others, ...added.map((deadline) => ({ ...deadline, sequence: header.sequence }))] }
}

/**
 * Sets the deadline of the next reminder, in place of one that was set. Where its time has passed since the expiry was
 * moved, it is due `at` this time.
 */
const withNextReminder = (header: Header, at: Date): Header => {
  const next = nextReminder(header)
  if (!next) return withoutDeadlines(header, ['remind'])
  return withDeadlines(header, [{ kind: 'remind', at: next < at ? at : next }])
}

const withoutPastReminders = (header: Header, at: Date) => withNextReminder(withoutDueReminders(header, at), at)
const withoutReminders = (header: Header) => withoutDeadlines(withReminders(header, []), ['remind'])

const openAttempts = (transfer: FileTransfer, released: string[]) =>
  transfer.status === 'UploadStarted' ? transfer.attempts.filter(({ id }) => !released.includes(id)) : []

/** Earlier links stay valid: the attempt has the latest expiry and every permission of its links. */
const withLink = (transfer: FileTransfer, attemptId: AttemptId, { until, mayReplace }: UploadLink): FileTransfer => {
  if (transfer.status !== 'UploadStarted') return transfer
  const attempts = transfer.attempts.map((each) => {
    if (each.id !== attemptId) return each
    const last = each.link && each.link.until > until ? each.link.until : until
    return {
      ...each,
      link: { until: last, ...((mayReplace || each.link?.mayReplace) && { mayReplace: true as const }) },
    }
  })
  return { ...transfer, attempts }
}

const withVerdict = (transfer: FileTransfer, attemptId: AttemptId, verdict: Verdict): FileTransfer => {
  if (transfer.status === 'UploadProcessing') return { ...transfer, ...withoutDeadlines(transfer, SCAN), verdict }
  if (transfer.status !== 'UploadStarted') return transfer
  return {
    ...transfer,
    attempts: transfer.attempts.map((each) => (each.id === attemptId ? { ...each, verdict } : each)),
  }
}

/** The status of a recipient never moves back: a download after the confirmation leaves it confirmed. */
const withRecipient = (transfer: FileTransfer, organization: OrganizationNumber, change: Recipient): FileTransfer => {
  const before = transfer.recipients[organization]
  const status = before?.status === 'DownloadConfirmed' ? before.status : change.status
  const statusSequence = status === before?.status ? before.statusSequence : transfer.sequence
  const recipient = { ...before, ...change, status, ...(statusSequence !== undefined && { statusSequence }) }
  return { ...transfer, recipients: { ...transfer.recipients, [organization]: recipient } }
}

/** The file of a published transfer, as a property. */
const requireFile = (file: ReturnType<typeof fileOf>) => {
  if (file === undefined) throw new Error('A file transfer cannot be published without a file.')
  return { file }
}
