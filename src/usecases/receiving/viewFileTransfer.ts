import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { canView } from '../access.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'

type Deps = { transfers: FileTransferReader; access: AccessPolicy }

/** The file transfer as it is now, for its sender and its recipients. */
export const getFileTransfer =
  ({ transfers, access }: Deps) =>
  async (caller: Caller, id: FileTransferId) => {
    const found = await transfers.read(id)
    if (!found) return err('FileTransferNotFound')
    return (await canView(access, caller, found.transfer)) ? ok(found.transfer) : err('NoAccessToResource')
  }

/** The file transfer as it is now, and everything that has happened to it, in order. */
export const getFileTransferDetails =
  ({ transfers, access }: Deps) =>
  async (caller: Caller, id: FileTransferId) => {
    const found = await transfers.readFacts(id, 1)
    if (!found) return err('FileTransferNotFound')
    const { transfer, facts } = found
    if (!(await canView(access, caller, transfer))) return err('NoAccessToResource')
    return ok({ transfer, facts: facts.map(({ fact }) => fact) })
  }
