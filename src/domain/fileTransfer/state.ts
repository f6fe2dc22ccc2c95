import type { OrganizationNumber } from '../organizationNumber.js'
import type { Problem } from '../problems.js'
import type { Result } from '../result.js'
import type { Author } from './author.js'

/** A UUID, lower case with hyphens. */
export type FileTransferId = string
/** One try to upload a file, and the last part of the name of its blob. A UUID. */
export type AttemptId = string

export type FileTransferStatus = FileTransfer['status']
export type RecipientStatus = 'Initialized' | 'DownloadStarted' | 'DownloadConfirmed'

/** Where one recipient is. The status never steps back; `changedAt` moves with every download. `downloads` counts them; none at first. */
export type Recipient = { status: RecipientStatus; changedAt: Date; downloads?: number }

/**
 * What the virus scanner said of one attempt. `etag` is the blob's at the time, without quotes; `detail` is what everybody
 * may read of it.
 */
export type Verdict = { result: 'Clean' | 'Malicious' | 'ScanFailed'; etag: string; detail: string }

/** A link to upload to. It holds until then; `mayReplace`: whoever has it may also put another file in the place of the first. */
export type UploadLink = { until: Date; mayReplace?: true }

/**
 * A file as it was stored: 32 lower-case hex digits of MD5, undefined until it has been read to the end; the blob's ETag without quotes; and how it
 * came, as its attempt tells.
 */
export type StoredFile = { attemptId: AttemptId; sizeBytes: number; md5?: string; etag: string } & Way

/** How the bytes of an upload come, if not in one request. `isResumable`: in several (TUS). `link`: they go to the storage without passing through here. */
type Way = { isResumable?: true; link?: UploadLink }

/** An upload under way. */
export type Attempt = { id: AttemptId; startedAt: Date; verdict?: Verdict } & Way

/** What must happen when a time comes. */
export const DEADLINE_KINDS = [
  'expire',
  'purge',
  'uploadIdle',
  'processingOverdue',
  'scanWarning',
  'scanOverdue',
  'unlist',
  'forget',
] as const
export type DeadlineKind = (typeof DEADLINE_KINDS)[number]

/** One deadline now in force, and the sequence number of the fact that set it. */
export type Deadline = { kind: DeadlineKind; at: Date; sequence: number }

/** This deadline among others, where it is in force. */
export const findDeadline = (deadlines: Deadline[], { kind, sequence }: Omit<Deadline, 'at'>): Deadline | undefined =>
  deadlines.find((each) => each.kind === kind && each.sequence === sequence)

/** What is true of a file transfer in every status. */
export type Header = {
  id: FileTransferId
  resourceId: string
  serviceOwner: OrganizationNumber
  sender: OrganizationNumber
  /** Who initialized the transfer for the sender, if it was a vendor. */
  vendor?: OrganizationNumber
  recipients: Record<OrganizationNumber, Recipient>
  fileName: string
  sendersFileTransferReference: string
  propertyList: Record<string, string>
  /** The MD5 that the sender promised; empty or null when none was (shown as it was given). */
  checksum: string | null
  useVirusScan: boolean
  createdAt: Date
  expirationTime: Date
  publishedAt?: Date
  /** When the published file turned out to be malware. */
  withdrawnAt?: Date
  /** The number of facts so far, which is the sequence number of the last. */
  sequence: number
  lastFactAt: Date
  statusChangedAt: Date
  deadlines: Deadline[]
}

/** A file as it lies in storage after the upload, not yet published. */
type Processing = { status: 'UploadProcessing'; file: StoredFile; isChecked: boolean; verdict?: Verdict }

/** `isUnlisted`: no search finds it any more. */
type Purged = { status: 'Purged'; file?: StoredFile; isUnlisted?: true }

/** One file on its way from a sender to its recipients. Each status carries what holds in it; `file` after the end tells what there was. */
export type FileTransfer = Header &
  (
    | { status: 'Initialized' }
    | { status: 'UploadStarted'; attempts: Attempt[] }
    | Processing
    | { status: 'Published' | 'AllConfirmedDownloaded'; file: StoredFile }
    | { status: 'Failed'; reason: string; file?: StoredFile }
    | { status: 'Cancelled'; file?: StoredFile }
    | Purged
  )

/**
 * Something that happened; `by` whom, where a caller caused it. `number` counts the downloads of a recipient from 1 on.
 * Facts about many recipients name them through the state.
 */
export type Fact = { at: Date; by?: Author } & (
  | { type: 'Initialized'; vendor?: OrganizationNumber }
  | ({
      type: 'UploadStarted'
      attemptId: AttemptId
      isResumable?: true
      vendor?: OrganizationNumber
      idleAt: Date
    } & Release)
  | { type: 'UploadContinued'; idleAt: Date }
  | { type: 'UploadLinkGiven'; attemptId: AttemptId; link: UploadLink; idleAt: Date }
  | ({ type: 'UploadAbandoned' } & Release)
  | { type: 'ScanVerdictRecorded'; attemptId: AttemptId; verdict: Verdict }
  | ({ type: 'UploadCompleted'; file: StoredFile; deadlines: { kind: DeadlineKind; at: Date }[] } & Release)
  | { type: 'UploadChecked'; md5?: string }
  | ({ type: 'UploadFailed'; reason: string } & Release)
  | { type: 'Published' }
  /** The scanner has found malware in a file that was published: nobody gets it any more. */
  | ({ type: 'FileWithdrawn'; reason: string } & Release)
  | { type: 'DownloadStarted'; recipient: OrganizationNumber; number: number; vendor?: OrganizationNumber }
  | { type: 'DownloadConfirmed'; recipient: OrganizationNumber; vendor?: OrganizationNumber }
  | { type: 'AllConfirmedDownloaded'; purgeAt?: Date }
  | ({ type: 'Cancelled' } & Release)
  | ({ type: 'Purged'; unlistAt?: Date; forgetAt?: Date } & Release)
  | { type: 'Unlisted' }
)

/** Attempts whose blobs nobody holds any more, and the one among them whose bytes came in several requests. */
export type Release = { released: AttemptId[]; resumable?: AttemptId }

/** The facts that follow, or the problem that refuses them. No facts: it was already so. */
export type Decision<P extends Problem = never> = Result<Fact[], P>

/** The file, in the statuses that have or had one. */
export const fileOf = (transfer: FileTransfer): StoredFile | undefined =>
  'file' in transfer ? transfer.file : undefined

/** Those who are to have the file. */
export const recipientsOf = ({ recipients }: FileTransfer): OrganizationNumber[] =>
  Object.keys(recipients) as OrganizationNumber[]

/** The attempts whose blobs this transfer still holds. */
export const attemptsInUse = (transfer: FileTransfer): AttemptId[] => {
  switch (transfer.status) {
    case 'UploadStarted':
      return transfer.attempts.map(({ id }) => id)
    case 'UploadProcessing':
    case 'Published':
    case 'AllConfirmedDownloaded':
      return [transfer.file.attemptId]
    case 'Initialized':
    case 'Failed':
    case 'Purged':
    case 'Cancelled':
      return []
  }
}

/** The upload under way that comes in several requests. There is one at most. */
export const resumableAttempt = (transfer: FileTransfer): Attempt | undefined =>
  transfer.status === 'UploadStarted' ? transfer.attempts.find(({ isResumable }) => isResumable) : undefined

/** Lets go of these attempts. */
export function releaseOf(transfer: FileTransfer, released: AttemptId[]): Release {
  const file = fileOf(transfer)
  const resumable = resumableAttempt(transfer)?.id ?? (file?.isResumable && file.attemptId)
  return { released, ...(resumable !== undefined && released.includes(resumable) && { resumable }) }
}
