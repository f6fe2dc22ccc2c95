import { JSON_BODY, type Operation } from './operation.js'
import { ofFileTransfer } from './requests/requests.js'
import { receiptKeys, signedReceipt } from './responses/receiptResponses.js'
import { READ, WRITE } from './scopes.js'

/** Proof of what was sent to whom, and the keys that it is verified by. */
export const receiptRows = {
  getReceipt: {
    summary: 'Gives a signed receipt of a published file transfer',
    description:
      'What was sent by whom to whom, and when it was published, downloaded and confirmed, as a JWS (RFC 7515) that anybody can verify by the published keys. The sender and each recipient may read it, also after the file has been deleted.',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/receipt',
    scopes: [WRITE, READ],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 200, json: signedReceipt },
    problems: ['ReceiptsSwitchedOff', 'FileTransferNotFound', 'NoAccessToResource', 'ReceiptBeforePublished'],
  },
  getReceiptKeys: {
    summary: 'Gives the keys that receipts are verified by',
    description:
      'A JWK Set (RFC 7517) with every key that may have signed a receipt, the newest first. It needs no token, and may be stored for later.',
    method: 'GET',
    path: 'broker/api/v1/receipts/keys',
    scopes: [],
    produces: JSON_BODY,
    success: { status: 200, json: receiptKeys, headers: ['Cache-Control'] },
    problems: [],
  },
} as const satisfies Record<string, Operation>
