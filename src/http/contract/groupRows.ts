import { JSON_BODY, type Operation } from './operation.js'
import { initializeGroup } from './requests/groupRequests.js'
import { ofFileTransferGroup, requiredIdempotencyKey } from './requests/requests.js'
import { fileTransferGroupCreated, fileTransferGroupOverview } from './responses/groupResponses.js'
import { READ, WRITE } from './scopes.js'
import { REFUSED_INITIALIZE } from './sendingRows.js'

/** Several files at once, each of which is a file transfer like any other. Not under filetransfer/: see receivingRows. */
export const groupRows = {
  initializeFileTransferGroup: {
    summary: 'Announces several files to the same recipients, and gives the id to upload each of them to',
    description:
      'Begins a file transfer for each file, in one group. Upload each file, and follow it, as if it had been announced alone. The required `Idempotency-Key` makes a repeated request answer with the same ids, and complete a group that was cut off.',
    method: 'POST',
    path: 'broker/api/v1/filetransfergroup',
    scopes: [WRITE],
    headers: requiredIdempotencyKey,
    body: { schema: initializeGroup, parameter: 'initializeGroup' },
    maxJsonBytes: 832 * 2 ** 10, // that of initializing, and 100 names and checksums: 780 KB
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferGroupCreated },
    problems: [...REFUSED_INITIALIZE, 'FileTransferBusy'],
  },
  getFileTransferGroup: {
    summary: 'Tells how the file transfers of a group stand',
    description: 'For the sender and each recipient. The id of the group is in the overview of each file transfer.',
    method: 'GET',
    path: 'broker/api/v1/filetransfergroup/{fileTransferGroupId}',
    scopes: [WRITE, READ],
    params: ofFileTransferGroup,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferGroupOverview },
    problems: ['FileTransferGroupNotFound', 'NoAccessToResource'],
  },
  confirmFileTransferGroup: {
    summary: 'Confirms that the recipient has all files of a group',
    description:
      'Nothing is confirmed while one of them is still to be published or downloaded; `fileTransferId` in the answer names it. Files that were cancelled, have failed or have expired are passed over. A repeated confirmation is answered the same.',
    method: 'POST',
    path: 'broker/api/v1/filetransfergroup/{fileTransferGroupId}/confirmdownload',
    scopes: [READ],
    params: ofFileTransferGroup,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferGroupOverview },
    problems: [
      'FileTransferGroupNotFound',
      'NoAccessToResource',
      'NoFileUploaded',
      'FileTransferNotPublished',
      'ConfirmDownloadBeforeDownloadStarted',
      'FileTransferBusy',
    ],
  },
} as const satisfies Record<string, Operation>
