import { JSON_BODY, type Operation } from './operation.js'
import { list, search } from './requests/queries.js'
import { byteRange, ofFileTransfer } from './requests/requests.js'
import { statusWait } from './requests/waitQueries.js'
import {
  downloadLink,
  fileTransferDetails,
  fileTransferEvents,
  fileTransferList,
  fileTransferOverview,
  foundFileTransfers,
} from './responses/responses.js'
import { READ, WRITE } from './scopes.js'

/** Operations of who receives a file, and those that sender and recipient read. */
export const receivingRows = {
  searchFileTransfers: {
    summary: 'Finds the file transfers that the caller sends or receives',
    description:
      'Answers the ids alone, at most 100 of them; follow the `Link` header for more. Without a role it finds what the caller sends and what it receives.',
    method: 'GET',
    path: 'broker/api/v1/filetransfer',
    scopes: [WRITE, READ],
    query: search,
    produces: JSON_BODY,
    success: { status: 200, json: foundFileTransfers, headers: ['Link'] },
    problems: ['NoAccessToResource'],
  },
  listFileTransfers: {
    summary: 'Lists the file transfers that the caller sends, or those that it receives',
    description:
      'The same search in one role, with what a list shows of each file transfer; follow the `Link` header for more. One that changes meanwhile is shown as it is now.',
    method: 'GET',
    // Not under filetransfer/: a host may match {fileTransferId} first.
    path: 'broker/api/v1/filetransfersummaries',
    scopes: [WRITE, READ],
    query: list,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferList, headers: ['Link'] },
    problems: ['NoAccessToResource'],
  },
  getFileTransfer: {
    summary: 'Tells how a file transfer stands',
    description:
      'The status of the file transfer and of each recipient. The sender and each recipient may read it, also after the file has been deleted. With `waitFor` it is answered when the status is reached, passed or out of reach, or when the time is over: look at the status. `Retry-After` on the answer says that too many wait, and that this call did not.',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}',
    scopes: [WRITE, READ],
    params: ofFileTransfer,
    query: statusWait,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferOverview, headers: ['Retry-After'] },
    problems: ['FileTransferNotFound', 'NoAccessToResource'],
  },
  getFileTransferDetails: {
    summary: 'Tells how a file transfer stands, and every status on the way there',
    description:
      'The overview, with the history of the file transfer and of each recipient. It can be waited for, as the overview can.',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/details',
    scopes: [WRITE, READ],
    params: ofFileTransfer,
    query: statusWait,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferDetails, headers: ['Retry-After'] },
    problems: ['FileTransferNotFound', 'NoAccessToResource'],
  },
  getFileTransferEvents: {
    summary: 'Tells which events follow from a file transfer, and how their delivery to Altinn Events stands',
    description:
      'The sender sees the events of everybody, a recipient its own. Use it when a subscriber has missed an event.',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/events',
    scopes: [WRITE, READ],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferEvents },
    problems: ['FileTransferNotFound', 'NoAccessToResource'],
  },
  downloadFile: {
    summary: 'Downloads the file, or a part of it',
    description:
      'Only recipients may download, while the file is published. The download is recorded before the first byte. Single ranges are supported, so that an interrupted download can be resumed.',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/download',
    scopes: [READ],
    params: ofFileTransfer,
    headers: byteRange,
    success: {
      status: 200,
      content: 'application/octet-stream',
      headers: ['Content-Disposition', 'Accept-Ranges', 'ETag', 'Repr-Digest'],
      also: { 206: { description: 'The part that was asked for.', headers: ['Content-Range'] } },
    },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'FileTransferNotAvailable',
      'InvalidByteRange',
      'FileTransferBusy',
    ],
  },
  createDownloadLink: {
    summary: 'Gives a link to read the file from the storage, for some minutes; it counts as a download',
    description: 'For large files: the bytes come straight from the storage. Handle the link like the file itself.',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/download/link',
    scopes: [READ],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 200, json: downloadLink },
    problems: [
      'DownloadLinksSwitchedOff',
      'FileTransferNotFound',
      'NoAccessToResource',
      'FileTransferNotAvailable',
      'FileMayStillChange',
      'FileTransferBusy',
    ],
  },
  confirmDownload: {
    summary: 'Confirms that the recipient has the file',
    description:
      'Confirm only when the file is safely stored: after the last confirmation it may be deleted. A repeated confirmation is answered the same.',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/confirmdownload',
    scopes: [READ],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 204 },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'NoFileUploaded',
      'FileTransferNotPublished',
      'ConfirmDownloadBeforeDownloadStarted',
      'FileTransferBusy',
    ],
  },
} as const satisfies Record<string, Operation>
