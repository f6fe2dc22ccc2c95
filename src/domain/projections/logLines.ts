import { authorFields } from '../author.js'
import { withoutDetails } from '../fileTransfer/scanDetails.js'
import type { Fact, FileTransfer } from '../fileTransfer/state.js'
import type { LogEvent } from './logEvents.js'

/** A log line for operators: ids and sizes, without names of files or details of the scanner. */
export type LogLine = { event: LogEvent; details: Record<string, string | number> }

/** One log line for each fact of a change. `first` is the sequence number of the first fact. */
export const logLinesOf = (after: FileTransfer, facts: Fact[], first: number): LogLine[] =>
  facts.map((fact, index) => {
    const { event, ...details } = logLineOf(fact, after)
    return {
      event,
      details: { fileTransferId: after.id, sequence: first + index, ...details, ...authorFields(fact.by) },
    }
  })

type Fields = { event: LogEvent; [detail: string]: string | number }

function logLineOf(fact: Fact, { resourceId, recipients, group }: FileTransfer): Fields {
  switch (fact.type) {
    case 'Initialized':
      return {
        event: 'fileTransfer.initialized',
        resourceId,
        recipients: Object.keys(recipients).length,
        ...(group && { fileTransferGroupId: group.id, fileNumber: group.number, fileCount: group.count }),
      }
    case 'UploadStarted':
      return { event: 'upload.started', attemptId: fact.attemptId }
    case 'UploadContinued':
    case 'UploadLinkGiven':
      return { event: 'upload.continued', idleAt: fact.idleAt.toISOString() }
    case 'UploadAbandoned':
      return { event: 'upload.abandoned', attemptId: fact.released.join(' ') }
    case 'UploadCompleted':
      return { event: 'upload.completed', attemptId: fact.file.attemptId, sizeBytes: fact.file.sizeBytes }
    case 'ScanVerdictRecorded':
      return { event: 'scan.verdictRecorded', attemptId: fact.attemptId, result: fact.verdict.result }
    case 'UploadChecked':
      return { event: 'upload.checked' }
    case 'UploadFailed':
      return { event: 'fileTransfer.failed', reason: withoutDetails(fact.reason) }
    case 'Published':
      return { event: 'fileTransfer.published' }
    case 'FileWithdrawn':
      return { event: 'fileTransfer.withdrawn', reason: withoutDetails(fact.reason) }
    case 'DownloadStarted':
      return { event: 'download.started' }
    case 'DownloadConfirmed':
      return { event: 'download.confirmed' }
    case 'DownloadReminded':
      return { event: 'fileTransfer.reminded', recipients: fact.recipients.length }
    case 'AllConfirmedDownloaded':
      return { event: 'fileTransfer.allConfirmed' }
    case 'ExpiryChanged':
      return { event: 'fileTransfer.expiryChanged', expirationTime: fact.expirationTime.toISOString() }
    case 'Purged':
      return { event: 'fileTransfer.purged' }
    case 'Cancelled':
      return { event: 'fileTransfer.cancelled' }
    case 'Unlisted':
      return { event: 'fileTransfer.unlisted' }
  }
}
