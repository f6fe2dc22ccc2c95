import type { BrokerClient } from '../../../typescript/src/index.js'
import { isDownloadable, isFinal } from '../../../typescript/src/wire/statuses.js'

/** Several files that were sent together, as a caller sees them. */
export type Group = Awaited<ReturnType<BrokerClient['getGroup']>>
export type GroupFile = Group['fileTransfers'][number]

/** One that is on its way to its recipients, else one that they may still confirm. */
export function nextToChange({ fileTransfers }: Group): GroupFile | undefined {
  const open = fileTransfers.filter(({ fileTransferStatus }) => !isFinal(fileTransferStatus))
  return open.find(({ fileTransferStatus }) => !isDownloadable(fileTransferStatus)) ?? open[0]
}

/** Whether the caller has downloaded every file that has not ended, and not confirmed all of them. */
export function canConfirmAll({ fileTransfers }: Group): boolean {
  const own = fileTransfers
    .filter(({ fileTransferStatus: status }) => !isFinal(status) || isDownloadable(status))
    .map(({ recipientStatus }) => recipientStatus)
  return own.includes('DownloadStarted') && own.every((each) => each !== undefined && each !== 'Initialized')
}
