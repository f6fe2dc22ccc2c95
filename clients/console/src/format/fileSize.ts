import { isUploaded } from '../../../typescript/src/wire/statuses.js'
import type { FileTransferStatus } from '../../../typescript/src/wire/types.js'
import { sizeText } from './numbers.js'

type Transfer = { fileTransferSize: number; fileTransferStatus: FileTransferStatus }

/** `0 B` for an empty file; undefined while Broker has no file. */
export function fileSizeText({ fileTransferSize: size, fileTransferStatus: status }: Transfer, locale: string) {
  const hasFile = size > 0 || isUploaded(status) || status === 'Purged'
  return hasFile ? sizeText(size, locale) : undefined
}
