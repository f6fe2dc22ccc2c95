import { downloadableFile } from '../../domain/fileTransfer/download.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { err, ok } from '../../domain/result.js'
import { recipientIs } from '../access.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'

/** A transfer, its file, and the recipient that the caller is; refused unless it may have the file now. */
export async function fileForRecipient(
  { transfers, access }: { transfers: FileTransferReader; access: AccessPolicy },
  caller: Caller,
  id: FileTransferId,
) {
  const found = await transfers.read(id)
  if (!found) return err('FileTransferNotFound')
  const recipient = await recipientIs(access, caller, found.transfer)
  if (!recipient) return err('NoAccessToResource')
  const file = downloadableFile(found.transfer)
  return file.ok ? ok({ found, recipient, file: file.value }) : file
}
