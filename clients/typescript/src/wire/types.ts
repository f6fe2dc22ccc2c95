import type { components } from './schema.js'

// The JSON of the API, by the names that the package exports. `npm run wire` generates the schemas from openapi.json.

type Schemas = components['schemas']

/** The status of a file transfer. */
export type FileTransferStatus = Schemas['FileTransferStatus']
/** How far a recipient has come. */
export type RecipientStatus = Schemas['RecipientStatus']

/**
 * Organisations are `0192:` and nine digits. Broker fails a file that has another MD5 than `checksum`,
 * or another SHA-256 than `checksumSha256`.
 */
export type InitializeFileTransfer = Schemas['InitializeFileTransferRequest']

/** The answer to an initialization. */
export type FileTransferCreated = Schemas['FileTransferCreated']

/** Several files at once: what they share, and the name and the checksums of each. */
export type InitializeFileTransferGroup = Schemas['InitializeFileTransferGroupRequest']

/** The ids of a group and of its file transfers, in the order of the files. */
export type FileTransferGroupCreated = Schemas['FileTransferGroupCreated']

/** A group and its file transfers as they are now. */
export type FileTransferGroup = Schemas['FileTransferGroupOverview']

/** The state of a file transfer. Times are ISO 8601. */
export type FileTransferOverview = Schemas['FileTransferOverview']

/** The overview and all statuses so far, oldest first. */
export type FileTransferDetails = Schemas['FileTransferDetails']

/** The events of a file transfer, and their delivery. */
export type FileTransferEvents = Schemas['FileTransferEvents']

/** What is new for a recipient. `cursor`: where to go on. */
export type InboxChanges = Schemas['InboxChanges']
export type InboxChange = Schemas['InboxChange']

/** A receipt as Broker gives it: a compact JWS, and what it states. */
export type SignedReceipt = Schemas['SignedReceipt']

/** What a receipt states. Times are ISO 8601, but for `iat`. */
export type ReceiptStatement = Schemas['ReceiptStatement']

/** The keys that receipts are verified by: a JWK Set. */
export type ReceiptKeys = Schemas['ReceiptKeys']

/** A page of a list, as the API gives it. */
export type FileTransferList = Schemas['FileTransferList']

/** Which file transfers to find. */
export type Search = {
  resourceId: string
  status?: FileTransferStatus
  recipientStatus?: RecipientStatus
  /** Created in this time, ISO 8601. */
  from?: string
  to?: string
  orderAscending?: boolean
  role?: 'Sender' | 'Recipient'
}

/** A file transfer in a list. */
export type FileTransferSummary = Schemas['FileTransferSummary']

/** Which file transfers to list, and which page of the list: `limit` is at most 100, the default. */
export type ListSearch = Search & {
  role: 'Sender' | 'Recipient'
  limit?: number | undefined
  continuation?: string | undefined
}

/** A page of a list. `continuation` is what the next page is asked by; undefined on the last. */
export type ListPage = { fileTransfers: FileTransferSummary[]; continuation: string | undefined }

/** The name of an organisation; null when Altinn Register does not know it. */
export type OrganizationName = Schemas['OrganizationName']

/** Names in the order of the question, as the API gives them. */
export type OrganizationNames = Schemas['OrganizationNames']

/** A change of a resource; what is not given stays as it is. Durations are ISO 8601, such as `P30D`. */
export type ResourceChange = Schemas['ConfigureResourceRequest']

/** The configuration of a resource. Durations are those of .NET, such as `30.00:00:00`. */
export type ResourceConfiguration = Schemas['ResourceConfiguration']

/** A service owner, and whether its storage is there. */
export type ServiceOwner = Schemas['ServiceOwnerOverview']

/** The public key (age, X25519) of an organisation for a resource, and since when; null when there is none. */
export type EncryptionKey = Schemas['EncryptionKey']

/** Keys in the order of the question, as the API gives them. */
export type EncryptionKeys = Schemas['EncryptionKeys']

/** A link to the storage. Whoever has it needs no token: handle it like the file. */
export type DownloadLink = Schemas['DownloadLink']

/** The headers go with a request that uploads the whole file. */
export type UploadLink = Schemas['UploadLink']

/** A problem document (RFC 9457). */
export type ProblemDetails = Schemas['ProblemDetails']

/** What happens on the resources of a service owner: the last days, and what is late. */
export type OwnerActivity = Schemas['OwnerActivity']

/** The last months of a service owner, and the largest parties of this one. */
export type OwnerStatistics = Schemas['OwnerStatistics']

/** The resources of a service owner. */
export type OwnerResources = Schemas['OwnerResources']

/** The messages about file transfers of a service owner that were given up. */
export type OwnerDeadLetters = Schemas['OwnerDeadLetters']

/** How many of them were sent again. */
export type ReplayedDeadLetters = Schemas['OwnerReplay']
