import { downloadableFile } from '../../domain/fileTransfer/download.js'
import { err, ok } from '../../domain/result.js'
import { recipientIs } from '../access.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { Snapshot } from '../ports/fileTransfers.js'

/** A transfer that was read, its file, and the recipient that the caller is; refused unless it may have the file. */
export async function fileForRecipient(access: AccessPolicy, caller: Caller, found: Snapshot | undefined) {
  if (!found) return err('FileTransferNotFound')
  const recipient = await recipientIs(access, caller, found.transfer)
  if (!recipient) return err('NoAccessToResource')
  const file = downloadableFile(found.transfer)
  return file.ok ? ok({ found, recipient, file: file.value }) : file
}
