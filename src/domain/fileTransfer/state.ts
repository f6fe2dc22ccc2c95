import type { Author } from '../author.js'
import type { OrganizationNumber } from '../organizationNumber.js'
import type { Problem } from '../problems.js'
import type { Reminders } from '../reminders.js'
import type { Result } from '../result.js'

/** A UUID, lower case with hyphens. */
export type FileTransferId = string
/** A UUID, as that of a file transfer. */
export type FileTransferGroupId = string
/** Identifies one attempt to upload a file, and ends the name of its blob. A UUID. */
export type AttemptId = string

export type FileTransferStatus = FileTransfer['status']
export type RecipientStatus = 'Initialized' | 'DownloadStarted' | 'DownloadConfirmed'

/**
 * The state of one recipient. The status never moves back; `changedAt` is the time of the last fact; `downloads` counts
 * downloads and is undefined before the first; `statusSequence` is the number of the fact that changed the status last.
 */
export type Recipient = { status: RecipientStatus; changedAt: Date; downloads?: number; statusSequence?: number }

/** The scan result of one attempt. `etag` is that of the scanned blob, without quotes; `detail` is public. */
export type Verdict = { result: 'Clean' | 'Malicious' | 'ScanFailed'; etag: string; detail: string }

/** A link to upload to, valid `until` then. `mayReplace`: its holder can also replace the uploaded file. */
export type UploadLink = { until: Date; mayReplace?: true }

/** The digests of a file, in lower-case hex, as far as they are known. */
export type Digests = { md5?: string; sha256?: string }

/** A stored file. Its digests are undefined until they have been computed; `etag`: that of the blob, without quotes. */
export type StoredFile = { attemptId: AttemptId; sizeBytes: number; etag: string } & Digests & UploadMethod

/** How a file is uploaded. `isResumable`: in several requests (TUS). `link`: directly to Blob Storage. */
type UploadMethod = { isResumable?: true; link?: UploadLink }

/** An upload that has begun and not ended. */
export type Attempt = { id: AttemptId; startedAt: Date; verdict?: Verdict } & UploadMethod

/** What a deadline asks for when its time comes. */
export const DEADLINE_KINDS = [
  'expire',
  'purge',
  'uploadIdle',
  'processingOverdue',
  'scanWarning',
  'scanOverdue',
  'remind',
  'unlist',
  'forget',
] as const
export type DeadlineKind = (typeof DEADLINE_KINDS)[number]

/** A deadline in force, and the sequence number of the fact that set it. */
export type Deadline = { kind: DeadlineKind; at: Date; sequence: number }

/** The deadline of this kind and fact among those in force. */
export const findDeadline = (deadlines: Deadline[], { kind, sequence }: Omit<Deadline, 'at'>): Deadline | undefined =>
  deadlines.find((each) => each.kind === kind && each.sequence === sequence)

/** A format of encrypted files. */
export type Encryption = 'age'

/** Where a file transfer is in the group that it was initialized with. `number` counts from 1. */
export type PlaceInGroup = { id: FileTransferGroupId; number: number; count: number }

/** The properties of a file transfer in every status. */
export type Header = {
  id: FileTransferId
  resourceId: string
  serviceOwner: OrganizationNumber
  sender: OrganizationNumber
  /** The vendor that initialized the transfer for the sender. */
  vendor?: OrganizationNumber
  recipients: Record<OrganizationNumber, Recipient>
  fileName: string
  sendersFileTransferReference: string
  propertyList: Record<string, string>
  /** The MD5 of the file as the sender gave it; empty or null for none. */
  checksum: string | null
  /** The SHA-256 of the file as the sender gave it: 64 lower-case hex digits. */
  checksumSha256?: string
  useVirusScan: boolean
  /** How the sender says that it has encrypted the file for its recipients; undefined: not. */
  encryption?: Encryption
  group?: PlaceInGroup
  /** The partition of its search rows, counted from 0; undefined: the first. */
  searchPartition?: number
  createdAt: Date
  expirationTime: Date
  publishedAt?: Date
  /** The reminders that are still to come; undefined: none. */
  reminders?: Reminders
  /** When a scan found malware in the published file, or its sender withdrew it. */
  withdrawnAt?: Date
  /** The sequence number of the last fact, which is the number of facts. */
  sequence: number
  lastFactAt: Date
  statusChangedAt: Date
  /**
   * The number of the fact that last changed what everybody finds: the status, or that it is unlisted. Undefined until
   * then in transfers of versions before 0.2.0.
   */
  statusSequence?: number
  deadlines: Deadline[]
}

/** An uploaded file that is not yet published. */
type Processing = { status: 'UploadProcessing'; file: StoredFile; isChecked: boolean; verdict?: Verdict }

/** `isUnlisted`: no search finds it. */
type Purged = { status: 'Purged'; file?: StoredFile; isUnlisted?: true }

/** One file on its way from a sender to its recipients. After the end `file` describes the file that was uploaded. */
export type FileTransfer = Header &
  (
    | { status: 'Initialized' }
    | { status: 'UploadStarted'; attempts: Attempt[] }
    | Processing
    | { status: 'Published' | 'AllConfirmedDownloaded'; file: StoredFile }
    | { status: 'Failed'; reason: string; file?: StoredFile }
    | { status: 'Cancelled'; reason?: string; file?: StoredFile }
    | Purged
  )

/** A group, which has `count` file transfers. They agree in all but the file. `members`: those that are there, in order. */
export type FileTransferGroup = {
  id: FileTransferGroupId
  count: number
  members: [FileTransfer, ...FileTransfer[]]
}

/**
 * Something that happened; `by` a caller or, when undefined, by Broker. `number` counts the downloads of a recipient
 * from 1.
 */
export type Fact = { at: Date; by?: Author } & (
  | { type: 'Initialized'; vendor?: OrganizationNumber; reminders?: Reminders }
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
  | ({ type: 'UploadChecked' } & Digests)
  | ({ type: 'UploadFailed'; reason: string } & Release)
  | { type: 'Published' }
  /** A scan found malware in the published file, which cannot be downloaded any more. */
  | ({ type: 'FileWithdrawn'; reason: string } & Release)
  | { type: 'DownloadStarted'; recipient: OrganizationNumber; number: number; vendor?: OrganizationNumber }
  | { type: 'DownloadConfirmed'; recipient: OrganizationNumber; vendor?: OrganizationNumber }
  /** The recipients who had not confirmed are reminded. */
  | { type: 'DownloadReminded'; recipients: OrganizationNumber[] }
  | { type: 'AllConfirmedDownloaded'; purgeAt?: Date }
  | { type: 'ExpiryChanged'; expirationTime: Date; previousExpirationTime: Date }
  /** `purgeAt`: the file stays until then, since the holder of an upload link could store another. */
  | ({ type: 'Cancelled'; reason?: string; purgeAt?: Date } & Release)
  | ({ type: 'Purged'; unlistAt?: Date; forgetAt?: Date } & Release)
  | { type: 'Unlisted' }
)

/** Attempts whose blobs are not in use any more, and the resumable one among them. */
export type Release = { released: AttemptId[]; resumable?: AttemptId }

/** The facts that follow, or the problem that refuses them. No facts: nothing changes. */
export type Decision<P extends Problem = never> = Result<Fact[], P>

/** The file of a transfer that has or had one. */
export const fileOf = (transfer: FileTransfer): StoredFile | undefined =>
  'file' in transfer ? transfer.file : undefined

/** The recipients of a transfer. */
export const recipientsOf = ({ recipients }: FileTransfer): OrganizationNumber[] =>
  Object.keys(recipients) as OrganizationNumber[]

/**
 * When the file can be deleted, `at` the earliest: not before an upload link ends, whose holder could then store another
 * file, which download links would fetch.
 */
export const deletableFrom = ({ link }: StoredFile, at: Date): Date => (link && link.until > at ? link.until : at)

/** The attempts whose blobs the transfer needs. */
export const attemptsInUse = (transfer: FileTransfer): AttemptId[] => {
  switch (transfer.status) {
    case 'UploadStarted':
      return transfer.attempts.map(({ id }) => id)
    case 'UploadProcessing':
    case 'Published':
    case 'AllConfirmedDownloaded':
      return [transfer.file.attemptId]
    case 'Cancelled':
      return transfer.file && transfer.deadlines.some(({ kind }) => kind === 'purge') ? [transfer.file.attemptId] : []
    case 'Initialized':
    case 'Failed':
    case 'Purged':
      return []
  }
}

/** The open resumable attempt. There is at most one. */
export const resumableAttempt = (transfer: FileTransfer): Attempt | undefined =>
  transfer.status === 'UploadStarted' ? transfer.attempts.find(({ isResumable }) => isResumable) : undefined

/** The release of these attempts, as part of a fact. */
export function releaseOf(transfer: FileTransfer, released: AttemptId[]): Release {
  const file = fileOf(transfer)
  const resumable = resumableAttempt(transfer)?.id ?? (file?.isResumable && file.attemptId)
  return { released, ...(resumable !== undefined && released.includes(resumable) && { resumable }) }
}
