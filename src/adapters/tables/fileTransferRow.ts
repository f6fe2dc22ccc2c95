import { z } from 'zod'
import { DEADLINE_KINDS, type Fact, type FileTransfer } from '../../domain/fileTransfer/state.js'
import { organization, time } from '../schemas.js'

const deadlineKind = z.enum(DEADLINE_KINDS)

const verdict = z.object({ result: z.enum(['Clean', 'Malicious', 'ScanFailed']), etag: z.string(), detail: z.string() })
const link = z.object({ until: time, mayReplace: z.literal(true).exactOptional() })
const digests = { md5: z.string().exactOptional(), sha256: z.string().exactOptional() }
const file = z.object({
  attemptId: z.string(),
  sizeBytes: z.number(),
  ...digests,
  etag: z.string(),
  link: link.exactOptional(),
  isResumable: z.literal(true).exactOptional(),
})

const reminders = z.array(z.number()).exactOptional()

const header = z.object({
  id: z.string(),
  resourceId: z.string(),
  serviceOwner: organization,
  sender: organization,
  vendor: organization.exactOptional(),
  recipients: z.record(
    organization,
    z.object({
      status: z.enum(['Initialized', 'DownloadStarted', 'DownloadConfirmed']),
      changedAt: time,
      downloads: z.number().exactOptional(),
      statusSequence: z.number().exactOptional(),
    }),
  ),
  fileName: z.string(),
  sendersFileTransferReference: z.string(),
  propertyList: z.record(z.string(), z.string()),
  checksum: z.string().nullable(),
  checksumSha256: z.string().exactOptional(),
  useVirusScan: z.boolean(),
  encryption: z.literal('age').exactOptional(),
  group: z.object({ id: z.string(), number: z.number(), count: z.number() }).exactOptional(),
  searchPartition: z.number().exactOptional(),
  createdAt: time,
  expirationTime: time,
  publishedAt: time.exactOptional(),
  reminders,
  withdrawnAt: time.exactOptional(),
  sequence: z.number(),
  lastFactAt: time,
  statusChangedAt: time,
  statusSequence: z.number().exactOptional(),
  deadlines: z.array(z.object({ kind: deadlineKind, at: time, sequence: z.number() })),
})

const attempt = z.object({
  id: z.string(),
  startedAt: time,
  isResumable: z.literal(true).exactOptional(),
  link: link.exactOptional(),
  verdict: verdict.exactOptional(),
})

/** The `state` row as it was stored. */
export const storedFileTransfer: z.ZodType<FileTransfer> = z.discriminatedUnion('status', [
  header.extend({ status: z.literal('Initialized') }),
  header.extend({ status: z.literal('UploadStarted'), attempts: z.array(attempt) }),
  header.extend({
    status: z.literal('UploadProcessing'),
    file,
    isChecked: z.boolean(),
    verdict: verdict.exactOptional(),
  }),
  header.extend({ status: z.enum(['Published', 'AllConfirmedDownloaded']), file }),
  header.extend({ status: z.literal('Failed'), reason: z.string(), file: file.exactOptional() }),
  header.extend({ status: z.literal('Cancelled'), reason: z.string().exactOptional(), file: file.exactOptional() }),
  header.extend({
    status: z.literal('Purged'),
    file: file.exactOptional(),
    isUnlisted: z.literal(true).exactOptional(),
  }),
])

const stamp = {
  at: time,
  by: z.object({ organization: organization.exactOptional(), clientId: z.string().exactOptional() }).exactOptional(),
}
const release = { released: z.array(z.string()), resumable: z.string().exactOptional() }
const vendor = organization.exactOptional()

/** An `event-…` row as it was stored. */
export const storedFact: z.ZodType<Fact> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Initialized'), vendor, reminders, ...stamp }),
  z.object({
    type: z.literal('UploadStarted'),
    attemptId: z.string(),
    isResumable: z.literal(true).exactOptional(),
    vendor,
    idleAt: time,
    ...release,
    ...stamp,
  }),
  z.object({ type: z.literal('UploadContinued'), idleAt: time, ...stamp }),
  z.object({ type: z.literal('UploadLinkGiven'), attemptId: z.string(), link, idleAt: time, ...stamp }),
  z.object({ type: z.literal('UploadAbandoned'), ...release, ...stamp }),
  z.object({ type: z.literal('ScanVerdictRecorded'), attemptId: z.string(), verdict, ...stamp }),
  z.object({
    type: z.literal('UploadCompleted'),
    file,
    ...release,
    deadlines: z.array(z.object({ kind: deadlineKind, at: time })),
    ...stamp,
  }),
  z.object({ type: z.literal('UploadChecked'), ...digests, ...stamp }),
  z.object({ type: z.literal('UploadFailed'), reason: z.string(), ...release, ...stamp }),
  z.object({ type: z.literal('Published'), ...stamp }),
  z.object({ type: z.literal('FileWithdrawn'), reason: z.string(), ...release, ...stamp }),
  z.object({ type: z.literal('DownloadStarted'), recipient: organization, number: z.number(), vendor, ...stamp }),
  z.object({ type: z.literal('DownloadConfirmed'), recipient: organization, vendor, ...stamp }),
  z.object({ type: z.literal('DownloadReminded'), recipients: z.array(organization), ...stamp }),
  z.object({ type: z.literal('AllConfirmedDownloaded'), purgeAt: time.exactOptional(), ...stamp }),
  z.object({ type: z.literal('ExpiryChanged'), expirationTime: time, previousExpirationTime: time, ...stamp }),
  z.object({
    type: z.literal('Cancelled'),
    reason: z.string().exactOptional(),
    purgeAt: time.exactOptional(),
    ...release,
    ...stamp,
  }),
  z.object({
    type: z.literal('Purged'),
    ...release,
    unlistAt: time.exactOptional(),
    forgetAt: time.exactOptional(),
    ...stamp,
  }),
  z.object({ type: z.literal('Unlisted'), ...stamp }),
])
