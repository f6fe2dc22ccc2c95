import type { Problem } from '../../src/domain/problems.ts'

/** The cause of an error, and what the caller does about it, in Markdown. Links are relative to docs/guide. */
export type ErrorText = { cause: string; remedy: string }

/** The errors of the operations on file transfers. */
export const fileTransferErrors = {
  FileTransferNotFound: {
    cause: 'no transfer has this id; or it was removed long after its purge',
    remedy: 'check the id, and the environment that you call',
  },
  ServiceOwnerNotConfigured: {
    cause: 'the owner of the resource has not registered with Broker',
    remedy: 'the owner [registers](service-owners.md#register)',
  },
  NoFileUploaded: {
    cause: 'you confirm a file that has not been uploaded, or that is gone',
    remedy: 'wait for `Published`, then download',
  },
  FileTransferAlreadyUploaded: {
    cause: 'the transfer has its file, or has ended. After an upload whose answer was lost it may be your own',
    remedy:
      'check the status: if it is `UploadProcessing` or later, your upload succeeded. Else initialize a new transfer',
  },
  InvalidResourceDefinition: {
    cause: 'the Resource Registry does not know the resource, or no organisation as its owner',
    remedy: 'the owner registers the resource in Altinn',
  },
  NoAccessToResource: {
    cause:
      'the policy gives the caller no right; the resource is not configured; the caller is not a recipient; the token has no organisation; or its level is too low',
    remedy:
      'check the organisation in the token, the policy and the recipients; use a [system user](access.md#system-users) for another organisation',
  },
  FileTransferNotAvailable: {
    cause: 'the file is not published yet, or no longer there; or it has expired, and you want a link',
    remedy: 'wait for `Published`; after `Failed`, `Cancelled` or `Purged` ask the sender for another transfer',
  },
  UploadFailed: {
    cause: 'the upload broke off, or the storage refused it',
    remedy: 'upload again to the same id',
  },
  ChecksumMismatch: {
    cause: 'the received bytes do not have the `checksum` or `checksumSha256` that you gave. The transfer has `Failed`',
    remedy: 'compute the checksum of the bytes that you send; initialize a new transfer',
  },
  FileTransferNotPublished: {
    cause: 'you confirm a transfer that is not `Published`',
    remedy: 'wait for it; after `Purged` there is nothing to confirm',
  },
  FileSizeTooBig: {
    cause: 'the file is larger than the resource, or the virus scan, allows',
    remedy:
      'send a smaller file, or ask the owner; see the [limits](large-files.md#limits). The transfer accepts another upload',
  },
  ConfirmDownloadBeforeDownloadStarted: {
    cause: 'you confirm a file that you have not downloaded',
    remedy: 'download first',
  },
  NotApprovedForDisabledVirusScan: {
    cause: '`disableVirusScan` in production, and the resource is not approved for it',
    remedy: 'leave it out, or have the resource [approved](service-owners.md#without-a-virus-scan)',
  },
  StorageProviderNotReady: {
    cause: "the owner's registration is not complete",
    remedy: 'the owner sends it again; then retry',
  },
  ResourceHasNotBeenConfigured: {
    cause: 'the owner has not configured the resource in Broker',
    remedy: 'the owner [configures](service-owners.md#configure-a-resource) it',
  },
  RequiredPartyNotSpecified: {
    cause: 'the resource requires a certain party, which is neither the sender nor the recipient',
    remedy: 'send to that party, or ask the owner which one it is',
  },
  RequiredPartyInvalidRecipientConfiguration: {
    cause: 'the resource requires a certain party, which is not the sender, and there are several recipients',
    remedy: 'send to that party alone',
  },
  RecipientNotInAccessList: {
    cause: 'a recipient is not on the access list of the resource',
    remedy: 'leave it out, or have the owner add it',
  },
  InvalidByteRange: {
    cause: 'the range begins after the end of the file',
    remedy: '`Content-Range` of the answer has the size',
  },
  FileTransferBusy: {
    cause: 'concurrent changes of this transfer have lasted for ten seconds',
    remedy: 'retry',
  },
  FileTransferAlreadyEnded: {
    cause: 'you cancel a transfer that has ended, or one that is published and give no reason',
    remedy: '[withdraw it with a reason](senders.md#cancel) if it is published; else nothing, it is too late',
  },
  ExpirationTimeCannotBeChanged: {
    cause: 'the file is not published, or all recipients have confirmed and its grace period runs',
    remedy: 'change the expiry while the status is `Published`',
  },
  ExpirationTimeNotInFuture: {
    cause: '`expirationTime` has passed',
    remedy: 'a later time, or [withdraw the file](senders.md#cancel)',
  },
  ExpirationTimeTooLate: {
    cause: 'the resource does not allow so late an `expirationTime`',
    remedy:
      'at most the time in `latestExpirationTime`; the owner of the resource can [allow more](service-owners.md#configure-a-resource)',
  },
  IdempotencyKeyReused: {
    cause: 'the `Idempotency-Key` was used for another request',
    remedy: 'use a new key for each file',
  },
  ReminderNotOffered: {
    cause:
      'a sender chose a [reminder](senders.md#reminders) that the resource does not have; the detail names those that it has',
    remedy: 'choose among them, or none: `[]`',
  },
  UploadLinksSwitchedOff: {
    cause: 'upload links are switched off in this environment',
    remedy: 'upload [another way](senders.md#upload)',
  },
  DownloadLinksSwitchedOff: {
    cause: 'download links are switched off in this environment',
    remedy: '[download](recipients.md#download) without a link',
  },
  NoFileAtUploadLink: {
    cause: '`complete`, and there is no file at the link; or no link was requested',
    remedy: 'put the whole file there, then repeat the call',
  },
  FileMayStillChange: {
    cause: 'on an emulator: the upload link of this file is still valid, and could replace the file',
    remedy: 'download without a link, or wait until the link expires',
  },
  InboxCursorExpired: {
    cause: 'what came after the cursor is older than 30 days, or the tables have been restored since',
    remedy: '[begin anew](without-webhook.md#what-is-new-in-the-inbox) without `after`',
  },
  ReceiptsSwitchedOff: {
    cause: 'this environment has no key to sign [receipts](recipients.md#receipt) by',
    remedy: 'the [details](senders.md#follow) tell the same, without a signature',
  },
  ReceiptBeforePublished: {
    cause: 'a receipt of a file transfer that has not been published',
    remedy: 'wait for the event `published`',
  },
  RecipientWithoutEncryptionKey: {
    cause: 'a recipient of an [encrypted file](senders.md#encrypted-for-the-recipients) has published no key',
    remedy: 'ask the recipient to [publish one](recipients.md#encrypted-files), or send the file without encryption',
  },
  EncryptedFileCannotBeScanned: {
    cause: 'an [encrypted file](senders.md#encrypted-for-the-recipients) without `disableVirusScan`',
    remedy: 'send `"disableVirusScan": true`, where the resource is approved for it',
  },
  FileTransferGroupNotFound: {
    cause: 'no [group](senders.md#several-files-at-once) with this id, or its first file transfer has been removed',
    remedy: 'the id of the group is in the overview of each of its file transfers',
  },
} satisfies Partial<Record<Problem, ErrorText>>

/** The errors of resources, service owners, statistics and maintenance. */
export const ownerErrors = {
  MaxUploadSizeCannotBeNegative: { cause: '`maxFileTransferSize` is negative', remedy: 'a number of bytes' },
  MaxUploadSizeCannotBeZero: {
    cause: '`maxFileTransferSize` is 0',
    remedy: 'leave it out, or give a number of bytes',
  },
  MaxUploadSizeForVirusScan: {
    cause: 'more than 50,000,000,000 bytes in production, without an approval',
    remedy: 'have the resource [approved](service-owners.md#without-a-virus-scan) first',
  },
  InvalidTimeToLiveFormat: {
    cause: '`fileTransferTimeToLive` is not a duration, or not longer than zero',
    remedy: 'ISO 8601, such as `P30D`',
  },
  TimeToLiveCannotExceed365Days: { cause: 'it is longer than 365 days', remedy: 'at most `P365D`' },
  InvalidMaxTimeToLiveFormat: {
    cause: '`fileTransferMaxTimeToLive` is not a duration, or not longer than zero',
    remedy: 'ISO 8601, such as `P90D`',
  },
  MaxTimeToLiveCannotExceed365Days: {
    cause: '`fileTransferMaxTimeToLive` is longer than 365 days',
    remedy: 'at most `P365D`',
  },
  InvalidGracePeriodFormat: {
    cause: '`purgeFileTransferGracePeriod` is not a duration, or negative',
    remedy: 'ISO 8601, such as `PT2H`',
  },
  GracePeriodCannotExceed24Hours: { cause: 'it is longer than 24 hours', remedy: 'at most `PT24H`' },
  MaxUploadSizeOverGlobal: {
    cause: 'more than 1,677,721,600,000 bytes',
    remedy: 'at most that: no file can be larger',
  },
  ServiceOwnerHasNotBeenConfigured: {
    cause: 'you configure a resource before you have registered',
    remedy: '[register](service-owners.md#register) first',
  },
  NoFileTransfersFound: { cause: 'there is nothing to report on yet', remedy: 'repeat the call later' },
  ReportGenerationFailed: { cause: 'the daily report could not be generated', remedy: 'retry' },
  InvalidMonthFormat: { cause: '`year` or `month` is missing, or invalid', remedy: '`year=2026&month=11`' },
  EndUserAndVendorBothExcluded: {
    cause: '`includeEndUser=false` without `includeVendor=true`',
    remedy: 'one of them must be true',
  },
  CallerOrganizationIdNotFound: {
    cause: 'the token has no organisation',
    remedy: 'a token of [Maskinporten](access.md#with-maskinporten)',
  },
  ServiceOwnerAlreadyExists: { cause: 'you are registered', remedy: 'nothing' },
  ServiceOwnerInitializationFailed: { cause: 'storage for your files could not be created', remedy: 'retry' },
  ServiceOwnerNotFound: {
    cause: 'you are not registered',
    remedy: '[register](service-owners.md#register)',
  },
  MaskinportenKeyIsRotatedByHand: {
    cause: 'a call of the original that rotates its key',
    remedy: '[the steps by hand](../operations/maskinporten-key.md)',
  },
} satisfies Partial<Record<Problem, ErrorText>>
