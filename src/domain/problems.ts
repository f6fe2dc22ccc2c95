type Entry = { code: number; status: number; detail: string }

/**
 * Every problem in Broker's answers, with the number and the HTTP status of Altinn Broker. Numbers are never reused;
 * 8000 and up are not in the original.
 */
export const problems = {
  FileTransferNotFound: { code: 1, status: 404, detail: 'There is no file transfer with this id.' },
  ServiceOwnerNotConfigured: {
    code: 2,
    status: 400,
    detail: 'The owner of the resource has not registered as a service owner in Broker.',
  },
  NoFileUploaded: { code: 3, status: 400, detail: 'No file has been uploaded to this file transfer.' },
  FileTransferAlreadyUploaded: {
    code: 4,
    status: 409,
    detail: 'A file has already been uploaded, or its upload has ended. Initialize a new file transfer to send a file.',
  },
  InvalidResourceDefinition: {
    code: 5,
    status: 403,
    detail: 'The resource is not in the Altinn Resource Registry with an organisation as its owner.',
  },
  NoAccessToResource: {
    code: 6,
    status: 401,
    detail: 'The token does not represent anyone with access to this resource.',
  },
  FileTransferNotAvailable: {
    code: 7,
    status: 403,
    detail: 'The file cannot be downloaded in the status that the file transfer has now.',
  },
  UploadFailed: { code: 8, status: 500, detail: 'The file could not be stored. Upload it again to the same id.' },
  ChecksumMismatch: {
    code: 9,
    status: 400,
    detail: 'The uploaded file does not have the checksum that was given when the file transfer was initialized.',
  },
  FileTransferNotPublished: {
    code: 10,
    status: 400,
    detail: 'A download can only be confirmed while the file transfer is published.',
  },
  MaxUploadSizeCannotBeNegative: { code: 11, status: 400, detail: 'maxFileTransferSize must not be negative.' },
  MaxUploadSizeCannotBeZero: { code: 12, status: 400, detail: 'maxFileTransferSize must not be zero.' },
  MaxUploadSizeForVirusScan: {
    code: 13,
    status: 400,
    detail: 'More than 50,000,000,000 bytes need an approval to send files without a virus scan.',
  },
  InvalidTimeToLiveFormat: {
    code: 14,
    status: 400,
    detail: 'fileTransferTimeToLive must be an ISO 8601 duration longer than zero, such as P30D.',
  },
  TimeToLiveCannotExceed365Days: { code: 15, status: 400, detail: 'fileTransferTimeToLive is at most 365 days.' },
  FileSizeTooBig: { code: 16, status: 400, detail: 'The file is larger than this file transfer may be.' },
  InvalidGracePeriodFormat: {
    code: 17,
    status: 400,
    detail: 'purgeFileTransferGracePeriod must be an ISO 8601 duration that is not negative, such as PT2H.',
  },
  GracePeriodCannotExceed24Hours: {
    code: 18,
    status: 400,
    detail: 'purgeFileTransferGracePeriod is at most 24 hours.',
  },
  ConfirmDownloadBeforeDownloadStarted: {
    code: 19,
    status: 400,
    detail: 'Download the file before you confirm the download.',
  },
  NotApprovedForDisabledVirusScan: {
    code: 20,
    status: 400,
    detail: 'The resource is not approved for file transfers without a virus scan.',
  },
  StorageProviderNotReady: {
    code: 21,
    status: 503,
    detail: 'Storage for the service owner is not ready yet. Try again in a moment.',
  },
  MaxUploadSizeOverGlobal: {
    code: 22,
    status: 400,
    detail: 'maxFileTransferSize is at most 1,677,721,600,000 bytes.',
  },
  ServiceOwnerHasNotBeenConfigured: {
    code: 24,
    status: 400,
    detail: 'Register the service owner with POST /broker/api/v1/serviceowner first.',
  },
  ResourceHasNotBeenConfigured: {
    code: 25,
    status: 400,
    detail:
      'The resource has not been configured in Broker. Its owner does that with PUT /broker/api/v1/resource/{resourceId}.',
  },
  RequiredPartyNotSpecified: {
    code: 26,
    status: 400,
    detail: 'The resource demands that a certain party is the sender or the recipient.',
  },
  RequiredPartyInvalidRecipientConfiguration: {
    code: 27,
    status: 400,
    detail: 'The resource demands a certain party: when it is not the sender, it must be the only recipient.',
  },
  RecipientNotInAccessList: {
    code: 28,
    status: 400,
    detail: 'A recipient is not on the access list of the resource.',
  },
  InvalidByteRange: { code: 29, status: 416, detail: 'The range lies outside the file.' },
  NoFileTransfersFound: { code: 6001, status: 404, detail: 'There are no file transfers to report on yet.' },
  ReportGenerationFailed: {
    code: 6002,
    status: 500,
    detail: 'The report could not be made. Send the same request again.',
  },
  InvalidMonthFormat: { code: 6003, status: 400, detail: 'Give a year from 1 to 9999 and a month from 1 to 12.' },
  EndUserAndVendorBothExcluded: {
    code: 6005,
    status: 400,
    detail: 'Leave includeEndUser or includeVendor true: a report without both says nothing.',
  },
  CallerOrganizationIdNotFound: { code: 7001, status: 400, detail: 'The token does not tell an organisation.' },
  ServiceOwnerAlreadyExists: { code: 7002, status: 409, detail: 'The service owner is already registered.' },
  ServiceOwnerInitializationFailed: {
    code: 7003,
    status: 500,
    detail: 'Storage for the service owner could not be made. Send the same request again.',
  },
  ServiceOwnerNotFound: { code: 7004, status: 404, detail: 'The service owner is not registered.' },
  FileTransferAlreadyEnded: {
    code: 8002,
    status: 409,
    detail:
      'Only a file transfer that has not ended can be cancelled. One that is published is withdrawn, which takes a reason: send {"reason": "Wrong file"} as JSON.',
  },
  ExpirationTimeCannotBeChanged: {
    code: 8040,
    status: 409,
    detail:
      'Only the expiry of a published file that still has one can be changed. Once all recipients have confirmed, the grace period of the resource has replaced it.',
  },
  ExpirationTimeNotInFuture: {
    code: 8041,
    status: 400,
    detail: 'expirationTime must be in the future. To end the file transfer now, cancel it with a reason.',
  },
  ExpirationTimeTooLate: {
    code: 8042,
    status: 400,
    detail: 'expirationTime is later than the resource allows.',
  },
  InvalidMaxTimeToLiveFormat: {
    code: 8043,
    status: 400,
    detail: 'fileTransferMaxTimeToLive must be an ISO 8601 duration longer than zero, such as P90D.',
  },
  MaxTimeToLiveCannotExceed365Days: {
    code: 8044,
    status: 400,
    detail: 'fileTransferMaxTimeToLive is at most 365 days.',
  },
  IdempotencyKeyReused: {
    code: 8003,
    status: 409,
    detail: 'This Idempotency-Key has been used for another request within the last 24 hours. Use a new one.',
  },
  UploadLinksSwitchedOff: {
    code: 8020,
    status: 403,
    detail:
      'No upload links are given here. Upload the file with POST /broker/api/v1/filetransfer/{fileTransferId}/upload.',
  },
  DownloadLinksSwitchedOff: {
    code: 8021,
    status: 403,
    detail:
      'No download links are given here. Download the file with GET /broker/api/v1/filetransfer/{fileTransferId}/download.',
  },
  NoFileAtUploadLink: {
    code: 8022,
    status: 409,
    detail:
      'There is no file to complete. Ask for a link with POST /broker/api/v1/filetransfer/{fileTransferId}/upload/link, put the file there, and then send this request again.',
  },
  FileMayStillChange: {
    code: 8023,
    status: 409,
    detail:
      'Whoever uploaded the file has a link that could still replace it, so no download link is given yet. Download it with GET /broker/api/v1/filetransfer/{fileTransferId}/download.',
  },
  ReminderNotOffered: {
    code: 8030,
    status: 400,
    detail: 'The resource does not offer one of these reminders.',
  },
  InboxCursorExpired: {
    code: 8050,
    status: 410,
    detail:
      'What came after this cursor is not kept any more, or the cursor is of another inbox. Begin anew without `after`.',
  },
  ReceiptsSwitchedOff: {
    code: 8060,
    status: 403,
    detail: 'No receipts are given here: there is no key to sign them by.',
  },
  ReceiptBeforePublished: {
    code: 8061,
    status: 409,
    detail: 'There is a receipt from the time when the file transfer is published, not before.',
  },
  FileTransferGroupNotFound: { code: 8080, status: 404, detail: 'There is no group of file transfers with this id.' },
  RecipientWithoutEncryptionKey: {
    code: 8090,
    status: 400,
    detail: 'An encrypted file is for recipients who have published a key for the resource.',
  },
  EncryptedFileCannotBeScanned: {
    code: 8091,
    status: 400,
    detail: 'An encrypted file cannot be scanned for malware: send disableVirusScan, which the resource must allow.',
  },
  MaskinportenKeyIsRotatedByHand: {
    code: 8010,
    status: 501,
    detail: 'The key of Maskinporten is rotated by the steps in docs/operations/maskinporten-key.md, not by this call.',
  },
  FileTransferBusy: {
    code: 8001,
    status: 503,
    detail: 'Others are changing this file transfer at the moment. Try again.',
  },
} as const satisfies Record<string, Entry>

/** The name of a problem. */
export type Problem = keyof typeof problems
