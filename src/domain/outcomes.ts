import { byline } from './author.js'
import type { Fact, FileTransfer } from './fileTransfer.js'
import { briefly } from './scanDetails.js'

/** What a fact is to those who run the service: ids and sizes, no names of files and nothing that the scanner quotes. */
export type Outcome = { level: 'info' | 'warn' | 'error'; message: string; details: Record<string, string | number> }

/** One line for each fact of a change. `first` is the sequence number of the first fact. */
export const outcomesOf = (after: FileTransfer, facts: Fact[], first: number): Outcome[] =>
  facts.map((fact, index) => {
    const { message, ...details } = told(fact, after)
    return {
      level: levelOf(fact),
      message,
      details: { fileTransferId: after.id, sequence: first + index, ...details, ...byline(fact.by) },
    }
  })

function levelOf({ type }: Fact): Outcome['level'] {
  if (type === 'FileWithdrawn') return 'error'
  return type === 'UploadFailed' || type === 'UploadAbandoned' ? 'warn' : 'info'
}

type Told = { message: string; [detail: string]: string | number }

function told(fact: Fact, { resourceId, recipients }: FileTransfer): Told {
  switch (fact.type) {
    case 'Initialized':
      return { message: 'File transfer initialized', resourceId, recipients: Object.keys(recipients).length }
    case 'UploadStarted':
      return { message: 'Upload started', attemptId: fact.attemptId }
    case 'UploadContinued':
    case 'UploadLinkGiven':
      return { message: 'Upload goes on', idleAt: fact.idleAt.toISOString() }
    case 'UploadAbandoned':
      return { message: 'Upload given up', attemptId: fact.released.join(' ') }
    case 'UploadCompleted':
      return { message: 'Upload completed', attemptId: fact.file.attemptId, sizeBytes: fact.file.sizeBytes }
    case 'ScanVerdictRecorded':
      return { message: 'Scan result', attemptId: fact.attemptId, result: fact.verdict.result }
    case 'UploadChecked':
      return { message: 'Upload checked' }
    case 'UploadFailed':
      return { message: 'File transfer failed', reason: briefly(fact.reason) }
    case 'Published':
      return { message: 'File transfer published' }
    case 'FileWithdrawn':
      return { message: 'A published file is malware and was withdrawn', reason: briefly(fact.reason) }
    case 'DownloadStarted':
      return { message: 'Download started' }
    case 'DownloadConfirmed':
      return { message: 'Download confirmed' }
    case 'AllConfirmedDownloaded':
      return { message: 'Download confirmed by all' }
    case 'Purged':
      return { message: 'File transfer purged' }
    case 'Cancelled':
      return { message: 'File transfer cancelled' }
    case 'Unlisted':
      return { message: 'File transfer out of the searches' }
  }
}
