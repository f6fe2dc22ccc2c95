// The shapes on the wire, as Broker's OpenAPI document has them. A test holds them to the contract.

export type FileTransferStatus =
  | 'Initialized'
  | 'UploadStarted'
  | 'UploadProcessing'
  | 'Published'
  | 'Cancelled'
  | 'AllConfirmedDownloaded'
  | 'Purged'
  | 'Failed'

export type RecipientStatus = 'Initialized' | 'DownloadStarted' | 'DownloadConfirmed'

/** What a sender announces. Organisations are written `0192:` and nine digits. */
export type InitializeFileTransfer = {
  fileName: string
  resourceId: string
  sendersFileTransferReference: string
  sender: string
  recipients: string[]
  propertyList?: Record<string, string>
  /** MD5 in lower-case hex: Broker fails a file that has another. */
  checksum?: string
  disableVirusScan?: boolean
}

export type FileTransferCreated = { fileTransferId: string }

/** How a file transfer stands. Times are ISO 8601. */
export type FileTransferOverview = {
  fileTransferId: string
  resourceId: string
  fileName: string
  sendersFileTransferReference: string
  /** MD5 in hex; empty or null until it is known. */
  checksum: string | null
  useVirusScan: boolean
  /** In bytes; 0 until the file is uploaded. */
  fileTransferSize: number
  fileTransferStatus: FileTransferStatus
  fileTransferStatusText: string
  fileTransferStatusChanged: string
  created: string
  expirationTime: string
  sender: string
  recipients: {
    recipient: string
    currentRecipientFileTransferStatusCode: RecipientStatus
    currentRecipientFileTransferStatusText: string
    currentRecipientFileTransferStatusChanged: string
  }[]
  propertyList: Record<string, string>
  published: string | null
}

/** With every status on the way, oldest first. */
export type FileTransferDetails = FileTransferOverview & {
  fileTransferStatusHistory: {
    fileTransferStatus: FileTransferStatus
    fileTransferStatusText: string
    fileTransferStatusChanged: string
  }[]
  recipientFileTransferStatusHistory: {
    recipient: string
    recipientFileTransferStatusCode: RecipientStatus
    recipientFileTransferStatusText: string
    recipientFileTransferStatusChanged: string
  }[]
}

/** The events that follow from a file transfer, and how their delivery stands. */
export type FileTransferEvents = {
  fileTransferId: string
  events: {
    eventId: string
    type: string
    role: 'Sender' | 'Recipient'
    organization: string
    sequence: number
    occurred: string
    status: 'Waiting' | 'Delivered' | 'GivenUp'
    tries: number
    lastTried: string | null
    lastAnswer: string | null
    delivered: string | null
    nextTry: string | null
  }[]
}

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

/** A change of a resource; what is not given stays as it is. Durations are ISO 8601, such as `P30D`. */
export type ResourceChange = {
  maxFileTransferSize?: number
  fileTransferTimeToLive?: string
  purgeFileTransferAfterAllRecipientsConfirmed?: boolean
  purgeFileTransferGracePeriod?: string
  useManifestFileShim?: boolean
  externalServiceCodeLegacy?: string
  externalServiceEditionCodeLegacy?: number
  requiredParty?: string
}

/** How a resource is configured. Durations are those of .NET, such as `30.00:00:00`. */
export type ResourceConfiguration = {
  maxFileTransferSize: number | null
  fileTransferTimeToLive: string | null
  purgeFileTransferAfterAllRecipientsConfirmed: boolean
  purgeFileTransferGracePeriod: string | null
  useManifestFileShim: boolean | null
  externalServiceCodeLegacy: string | null
  externalServiceEditionCodeLegacy: number | null
  requiredParty: string | null
}

export type ServiceOwner = {
  name: string
  storageProviders: {
    type: 'AltinnAzure' | 'AltinnAzureWithoutVirusScan'
    deploymentStatus: 'NotStarted' | 'DeployingResources' | 'Ready'
    deploymentEnvironment: string
  }[]
}

/** A link to the storage. Whoever has it needs no token: handle it like the file. */
export type DownloadLink = { fileTransferId: string; url: string; expires: string }

/** `headers` are for whoever puts the file there in one request. */
export type UploadLink = DownloadLink & { headers: Record<string, string> }
