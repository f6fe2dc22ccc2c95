import { z } from 'zod'
import { id, party, reminders, time } from './values.js'

// The shapes of answers on the wire (spec 3.7, 4.5, 4.6). The views and handlers return their types, so that
// neither can drift.

/** The statuses of a file transfer. */
export const fileTransferStatus = z.enum([
  'Initialized',
  'UploadStarted',
  'UploadProcessing',
  'Published',
  'Cancelled',
  'AllConfirmedDownloaded',
  'Purged',
  'Failed',
])

export const recipientStatus = z.enum(['Initialized', 'DownloadStarted', 'DownloadConfirmed'])

/** The id of a file transfer that has been begun, or whose file has arrived. */
export const fileTransferCreated = z.object({ fileTransferId: id })

/** A page of search results. */
export const foundFileTransfers = z
  .array(id)
  .describe('Ids of file transfers, at most 100; when there are more, the Link header says where they are.')

/** An organisation and its name. */
export const organizationName = z.object({
  organization: party,
  name: z.string().nullable().describe('Null when Altinn Register does not know it.'),
})

/** Names in the order of the request. */
export const organizationNames = z.object({ organizations: z.array(organizationName) })

/** Where a file transfer is in its group. */
export const placeInGroup = z.object({
  fileTransferGroupId: id,
  fileNumber: z.int().positive().describe('From 1, in the order in which the sender announced the files.'),
  fileCount: z.int().positive(),
})

/** How far one recipient is. */
export const fileTransferRecipient = z.object({
  recipient: party,
  currentRecipientFileTransferStatusCode: recipientStatus,
  currentRecipientFileTransferStatusText: z.string(),
  currentRecipientFileTransferStatusChanged: time,
})

/** A file transfer as it is now. */
export const fileTransferOverview = z.object({
  fileTransferId: id,
  resourceId: z.string().describe('Without urn:altinn:resource:.'),
  fileName: z.string(),
  sendersFileTransferReference: z.string(),
  checksum: z.string().nullable().describe('MD5 in hex; empty or null until it is known.'),
  checksumSha256: z.string().exactOptional().describe('SHA-256 in hex, if the sender gave one.'),
  useVirusScan: z.boolean(),
  encryption: z.enum(['age']).exactOptional().describe('How the file is encrypted for its recipients; absent: not.'),
  fileTransferSize: z.int().nonnegative().describe('In bytes; 0 until the file is uploaded.'),
  fileTransferStatus,
  fileTransferStatusText: z.string(),
  fileTransferStatusChanged: time,
  created: time,
  expirationTime: time,
  sender: party,
  recipients: z.array(fileTransferRecipient),
  propertyList: z.record(z.string(), z.string()),
  published: time.nullable(),
  reminders: reminders
    .exactOptional()
    .describe('The reminders still to come for recipients who have not confirmed; absent when there are none.'),
  nextReminder: time.exactOptional().describe('When the next of them is due; absent before the publication.'),
  group: placeInGroup.exactOptional().describe('Absent: the file was not announced with others.'),
})
export type FileTransferOverview = z.infer<typeof fileTransferOverview>

/** How far the recipients of a file transfer are. */
export const recipientCounts = z.object({
  total: z.int().positive(),
  downloading: z.int().nonnegative().describe('How many have begun to download, and have not confirmed.'),
  confirmed: z.int().nonnegative(),
  first: z.array(party).describe('Three of them.'),
})

/** A file transfer in a list: what tells it from others, and how many of its recipients have the file. */
export const fileTransferSummary = z.object({
  fileTransferId: id,
  resourceId: z.string().describe('Without urn:altinn:resource:.'),
  fileName: z.string(),
  sendersFileTransferReference: z.string(),
  sender: party,
  fileTransferSize: z.int().nonnegative().describe('In bytes; 0 until the file is uploaded.'),
  fileTransferStatus,
  created: time,
  expirationTime: time,
  recipients: recipientCounts,
  recipientStatus: recipientStatus.optional().describe('The status of the caller as a recipient; not for its sender.'),
  group: placeInGroup.exactOptional().describe('Absent: the file was not announced with others.'),
})
export type FileTransferSummary = z.infer<typeof fileTransferSummary>

/** A page of a list. */
export const fileTransferList = z.object({
  fileTransfers: z.array(fileTransferSummary),
})
export type FileTransferList = z.infer<typeof fileTransferList>

/** A status that the file transfer entered. */
export const fileTransferStatusEvent = z.object({
  fileTransferStatus,
  fileTransferStatusText: z.string(),
  fileTransferStatusChanged: time,
})

/** A status that a recipient entered. */
export const recipientStatusEvent = z.object({
  recipient: party,
  recipientFileTransferStatusCode: recipientStatus,
  recipientFileTransferStatusText: z.string(),
  recipientFileTransferStatusChanged: time,
})

/** A reminder that was sent. */
export const sentReminder = z.object({
  reminded: time,
  recipients: z.array(party).describe('Those who had not confirmed.'),
})

/** A change of the expiry by the sender. */
export const expiryChange = z.object({
  previousExpirationTime: time,
  expirationTime: time,
  expirationTimeChanged: time,
})

/** The overview, and the statuses that led to it. */
export const fileTransferDetails = fileTransferOverview.extend({
  fileTransferStatusHistory: z.array(fileTransferStatusEvent).describe('Oldest first.'),
  recipientFileTransferStatusHistory: z.array(recipientStatusEvent).describe('Oldest first.'),
  reminderHistory: z.array(sentReminder).exactOptional().describe('Oldest first; absent when there are none.'),
  expiryHistory: z
    .array(expiryChange)
    .exactOptional()
    .describe('Oldest first; absent: the sender has not changed the expiry.'),
})
export type FileTransferDetails = z.infer<typeof fileTransferDetails>

/** One event for one organisation, and the state of its delivery to Altinn Events. */
export const fileTransferEvent = z.object({
  eventId: id.describe('The id of the CloudEvent, the same however often it is sent.'),
  type: z.string().meta({ examples: ['no.altinn.broker.published'] }),
  role: z.enum(['Sender', 'Recipient']).describe('The role in which the organisation is told.'),
  organization: party,
  sequence: z.int().positive().describe('The number of the fact that the event tells of.'),
  occurred: time,
  status: z.enum(['Waiting', 'Delivered', 'GivenUp']).describe('GivenUp: it is not tried any more by itself.'),
  tries: z.int().nonnegative(),
  lastTried: time.nullable(),
  lastAnswer: z
    .string()
    .nullable()
    .describe(
      'The HTTP status that Altinn Events answered the last try with, or NoAnswer; UnknownParty: Altinn Register does not know the organization.',
    )
    .meta({ examples: ['200'] }),
  delivered: time.nullable(),
  nextTry: time.nullable().describe('When it is tried next, if it has failed and waits.'),
})

/** The events of a file transfer that the caller can view. */
export const fileTransferEvents = z.object({
  fileTransferId: id,
  events: z.array(fileTransferEvent).describe('In the order in which they happened; of one fact, the sender’s first.'),
})
export type FileTransferEvents = z.infer<typeof fileTransferEvents>

const link = {
  url: z.string().describe('Whoever has it needs no token: handle it like the file.'),
  expires: time.describe('The time after which the storage takes no request by it.'),
}

/** A link for storing the file of a transfer. */
export const uploadLink = z.object({
  fileTransferId: id,
  ...link,
  headers: z
    .record(z.string(), z.string())
    .describe(
      'To be sent by whoever puts the file there in one request. azcopy and the SDKs of Azure need the url alone.',
    ),
})

/** A link for reading the file of a transfer. */
export const downloadLink = z.object({ fileTransferId: id, ...link })

/** An OpenAPI document. */
export const openApiDocument = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })

/**
 * Every refusal: RFC 9457, where `code` is there when Broker has a number for the problem, `errors` when the input is
 * not as it should be, and `instance` when it was unexpected. One shape for all, with nothing required, so that a
 * generated client has one type of error and can read what a gateway in front of Broker answers, too.
 */
export const problemDetails = z
  .object({
    type: z.url(),
    title: z.string(),
    status: z.int32(),
    detail: z.string().meta({ 'x-ms-primary-error-message': true }),
    code: z.string().regex(/^BRO-\d{5}$/),
    errors: z.record(z.string(), z.array(z.string())).describe('What is wrong, by the name of the field.'),
    statusDescription: z.string(),
    instance: z.string(),
    fileTransferId: id.describe('The file transfer that the same request had begun, or that stands in its way.'),
    latestExpirationTime: time.describe('The latest time that the expiry can be moved to.'),
    traceId: z.string(),
    statusCode: z.int32().describe('Of an API gateway that demands a subscription key.'),
    message: z.string().describe('Of an API gateway that demands a subscription key.'),
  })
  .partial()
