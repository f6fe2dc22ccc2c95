import type { Problem } from '../../domain/problems.js'
import { JSON_BODY, type Operation } from './operation.js'
import { cancellation, expiry } from './requests/expiryRequests.js'
import { idempotencyKey, initialize, ofFileTransfer, organizationsToName } from './requests/requests.js'
import { fileTransferCreated, fileTransferOverview, organizationNames, uploadLink } from './responses/responses.js'
import { READ, WRITE } from './scopes.js'

/** Why a file transfer cannot begin. */
export const REFUSED_INITIALIZE = [
  'NoAccessToResource',
  'ResourceHasNotBeenConfigured',
  'ServiceOwnerNotConfigured',
  'NotApprovedForDisabledVirusScan',
  'StorageProviderNotReady',
  'InvalidResourceDefinition',
  'RecipientNotInAccessList',
  'RequiredPartyInvalidRecipientConfiguration',
  'RequiredPartyNotSpecified',
  'EncryptedFileCannotBeScanned',
  'RecipientWithoutEncryptionKey',
  'ReminderNotOffered',
  'IdempotencyKeyReused',
] as const satisfies Problem[]

/** Operations of who sends a file. */
export const sendingRows = {
  initializeFileTransfer: {
    summary: 'Announces a file to its recipients, and gives the id to upload it to',
    description:
      'Checks sender, recipients and resource, and begins the file transfer; the file itself is uploaded afterwards. With an `Idempotency-Key` a repeated request answers with the id of the first.',
    method: 'POST',
    path: 'broker/api/v1/filetransfer',
    scopes: [WRITE],
    headers: idempotencyKey,
    body: { schema: initialize, parameter: 'initializeExt' },
    maxJsonBytes: 512 * 2 ** 10, // every text at its longest, each character escaped as a pair: 470 KB
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferCreated },
    problems: [...REFUSED_INITIALIZE, 'FileTransferBusy'],
  },
  uploadFile: {
    summary: 'Uploads the file of a file transfer',
    description:
      'The body is the file, byte for byte, with or without `Content-Length`. It may be repeated until one upload has succeeded. What comes of the checks and the malware scan is told by the status of the file transfer and by events.',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/upload',
    scopes: [WRITE],
    params: ofFileTransfer,
    body: 'file',
    consumes: 'application/octet-stream',
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferCreated },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'FileTransferAlreadyUploaded',
      'InvalidResourceDefinition',
      'FileSizeTooBig',
      'ChecksumMismatch',
      'UploadFailed',
      'FileTransferBusy',
    ],
  },
  createUploadLink: {
    summary: 'Gives a link to put the file in the storage with azcopy or an SDK of Azure, by blocks, for a short while',
    description:
      'For large files: they go straight to the storage and do not pass through Broker. When the file is there, complete the upload.',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/upload/link',
    scopes: [WRITE],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 200, json: uploadLink },
    problems: [
      'UploadLinksSwitchedOff',
      'FileTransferNotFound',
      'NoAccessToResource',
      'FileTransferAlreadyUploaded',
      'InvalidResourceDefinition',
      'FileTransferBusy',
    ],
  },
  completeLinkedUpload: {
    summary: 'Says that the file has been put at the upload link, as a whole',
    description:
      'The stored file becomes the file of the transfer and is checked and scanned like any other. A repeated request is answered the same.',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/upload/complete',
    scopes: [WRITE],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferCreated },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'FileTransferAlreadyUploaded',
      'NoFileAtUploadLink',
      'InvalidResourceDefinition',
      'FileSizeTooBig',
      'FileTransferBusy',
    ],
  },
  initializeAndUpload: {
    summary: 'Announces a file and uploads it, in one form',
    description:
      'The fields of the metadata are those of initializing, and come before the file in the form; a small file may come first. Refused input begins nothing; when the upload fails, the answer names the file transfer, so that the file can be sent again.',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/upload',
    scopes: [WRITE],
    headers: idempotencyKey,
    body: { schema: initialize, form: { metadata: 'Metadata', file: 'FileTransfer' } },
    consumes: 'multipart/form-data',
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferCreated },
    problems: [
      ...REFUSED_INITIALIZE,
      'FileTransferNotFound',
      'FileTransferAlreadyUploaded',
      'FileSizeTooBig',
      'ChecksumMismatch',
      'UploadFailed',
      'FileTransferBusy',
    ],
  },
  getOrganizationNames: {
    summary: 'Gives the names of organisations',
    description:
      'As Altinn Register has them, at most 100 at a time, so that people see whom they send to and who has sent. A name may be a day old.',
    method: 'POST',
    path: 'broker/api/v1/organizations/names',
    scopes: [WRITE, READ],
    body: { schema: organizationsToName, parameter: 'organizationsToName' },
    produces: JSON_BODY,
    success: { status: 200, json: organizationNames },
    problems: [],
  },
} as const satisfies Record<string, Operation>

/** Cancelling, which comes after the rows of recipients in the public document. */
export const cancellingRows = {
  cancelFileTransfer: {
    summary: 'Calls off a file transfer, or withdraws one that is published',
    description:
      'The uploaded bytes are deleted. What has been published can only be withdrawn with a reason, which everybody concerned sees, and not once all recipients have confirmed. Recipients that have downloaded the file keep it; recipients who have not get an event.',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/cancel',
    scopes: [WRITE],
    params: ofFileTransfer,
    body: { schema: cancellation, parameter: 'cancellation', isOptional: true },
    produces: JSON_BODY,
    success: { status: 204 },
    problems: ['FileTransferNotFound', 'NoAccessToResource', 'FileTransferAlreadyEnded', 'FileTransferBusy'],
  },
  changeExpiry: {
    summary: 'Moves the time at which a published file transfer expires, to earlier or later',
    description:
      'It must be in the future, and at most `fileTransferMaxTimeToLive` of the resource after the creation; without that setting, its time to live. Recipients who have not confirmed get an event. The time that it has already changes nothing.',
    method: 'PUT',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/expiry',
    scopes: [WRITE],
    params: ofFileTransfer,
    body: { schema: expiry, parameter: 'expiry' },
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferOverview },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'ExpirationTimeCannotBeChanged',
      'ExpirationTimeNotInFuture',
      'ExpirationTimeTooLate',
      'FileTransferBusy',
    ],
  },
} as const satisfies Record<string, Operation>
