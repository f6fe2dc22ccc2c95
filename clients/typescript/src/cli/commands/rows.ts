import type { FileTransferSummary } from '../../wire/types.js'
import type { Naming } from '../names.js'

// The words and columns of lists.

/** How far a file transfer has come, for one of its recipients. */
export function receivedState({ fileTransferStatus: status, recipientStatus }: FileTransferSummary): string {
  const own = { Initialized: 'new', DownloadStarted: 'not confirmed', DownloadConfirmed: 'confirmed' }
  return status === 'Published' && recipientStatus ? own[recipientStatus] : status
}

/** How far a file transfer has come, for its sender. */
export function sentState({ fileTransferStatus: status, recipients }: FileTransferSummary): string {
  const { total, confirmed } = recipients
  return status === 'Published' ? `Published, ${confirmed} of ${total} confirmed` : status
}

/** The first recipient, and how many more there are. */
export function recipientsText({ recipients: { total, first } }: FileTransferSummary, naming: Naming): string {
  const [one = ''] = first
  return total > 1 ? `${naming(one)} and ${total - 1} more` : naming(one)
}

/** Rows as lines, in columns. */
export function table(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
