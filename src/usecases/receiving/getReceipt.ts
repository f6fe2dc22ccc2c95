import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { receiptOf } from '../../domain/projections/receipt.js'
import { err, ok } from '../../domain/result.js'
import { canView } from '../access.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { PublicKey, ReceiptSigner } from '../ports/receipts.js'

type Deps = {
  transfers: FileTransferReader
  access: AccessPolicy
  /** Undefined: there is no key, and there are no receipts. */
  receiptSigner: ReceiptSigner | undefined
  receiptIssuer: string
  now: () => Date
}

/** A signed statement of a published file transfer, for its sender and its recipients: what the details show to each. */
export const getReceipt =
  ({ transfers, access, receiptSigner, receiptIssuer, now }: Deps) =>
  async (caller: Caller, id: FileTransferId) => {
    if (!receiptSigner) return err('ReceiptsSwitchedOff')
    const found = await transfers.readFacts(id, 1)
    if (!found) return err('FileTransferNotFound')
    const { transfer, facts } = found
    if (!(await canView(access, caller, transfer))) return err('NoAccessToResource')
    const statement = receiptOf(
      transfer,
      facts.map(({ fact }) => fact),
      receiptIssuer,
      now(),
    )
    if (!statement) return err('ReceiptBeforePublished')
    return ok({ receipt: await receiptSigner.sign(statement), statement })
  }

/** The keys that receipts are verified by, the newest first. */
export const getReceiptKeys =
  ({ receiptSigner }: Pick<Deps, 'receiptSigner'>) =>
  async (): Promise<PublicKey[]> =>
    receiptSigner?.keys() ?? []
