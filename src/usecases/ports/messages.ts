import type { AttemptId, FileTransferId, Verdict } from '../../domain/fileTransfer/state.js'
import type { ActivityRow } from '../../domain/projections/activity.js'
import type { StatisticsRow } from '../../domain/projections/statistics.js'
import type { EventDelivery } from './events.js'
import type { DueRow } from './outbox.js'

/** What is sent to Broker's own queues. */
export type Messages = {
  /** Notifies the fan-out and the statistics of a change's facts. It sends nothing when no fact concerns them. */
  notifyOfChange(changeNotification: ChangeNotification): Promise<void>
  /** Enqueues the check of an uploaded file: is it there, and what is its MD5? */
  checkUpload(message: CheckUploadMessage): Promise<void>
  /** Enqueues deliveries; for this time, if one is given. */
  deliver(deliveries: EventDelivery[], at?: Date): Promise<void>
  /** Enqueues due deadlines; a row with one more try is a new message. */
  enqueueDeadlines(rows: DueRow[]): Promise<void>
  /** Sends a message whose work has failed again, for this time, with the reason. */
  redeliver(message: WorkMessage, at: Date): Promise<void>
  /** Enqueues the finishing of an upload, for this time. */
  finishUpload(upload: FinishUploadMessage, at: Date): Promise<void>
  /** Enqueues the writing of a transfer's search rows. */
  project(id: FileTransferId, sequence: number): Promise<void>
  /** Enqueues the removal of these transfers, each by a message of its own, as part of one job. */
  removeFileTransfers(ids: FileTransferId[], jobId: string): Promise<void>
  /** Enqueues events of the virus scanner as they came, each once. */
  enqueueScanResults(events: ScanEvent[]): Promise<void>
}

/** An event of the virus scanner, with all its members. */
export type ScanEvent = { id: string; [member: string]: unknown }

/** What the scanner found at an address. `raw` is its whole event, for the log alone: it names addresses. */
export type ScanResult = { blobUrl: string; verdict: Verdict; raw?: string }

/** Where messages come from: a queue, or a subscription to the facts. */
export type WorkQueue =
  | 'uploadProcessing'
  | 'eventDelivery'
  | 'malwareScanResults'
  | 'due'
  | 'altinnEvents'
  | 'statistics'

/**
 * A message as it arrived, how often its work has failed, and why; `isRedelivered`: it may have been received before;
 * `replays`: how often it was dead-lettered before. `isGivenUp`: it is only received to be dead-lettered.
 */
export type WorkMessage = {
  queue: WorkQueue
  messageId: string
  body: unknown
  tries: number
  isRedelivered?: true | undefined
  replays?: number | undefined
  reason?: string | undefined
  isGivenUp?: boolean | undefined
}

/**
 * Sequence numbers of facts of one change, in order: those whose events the fan-out delivers, and those that the
 * statistics count. The names are members of the message on the wire, and keep their spelling.
 */
export type ChangeNotification = {
  fileTransferId: FileTransferId
  told: number[]
  counted: number[]
  /** The change is resumed: its events may have been enqueued before. */
  isRepeated?: true | undefined
  /** What the counted facts add to the statistics; without it they are read. */
  statistics?: StatisticsRow[] | undefined
  /** Beside the statistics: what they add to the view of the service owner. */
  activity?: ActivityRow | undefined
}

/** A fact, by its transfer and its number there. */
export type FactPointer = { fileTransferId: FileTransferId; sequence: number }

/** How far a file has been read, and the states of its digests there. A message of 0.1.0 has that of the MD5 alone. */
export type ReadSoFar = { bytes: number; md5State: string; sha256State?: string | undefined }

/**
 * `read`: how much of the file has been read for its digests. `again`: the number of the check, after the first.
 */
export type CheckUploadMessage = {
  fileTransferId: FileTransferId
  attemptId: AttemptId
  sequence: number
  read?: ReadSoFar | undefined
  again?: number | undefined
}

/** A resumable upload (TUS), by its transfer and its attempt. */
export type FinishUploadMessage = { fileTransferId: FileTransferId; attemptId: AttemptId }

/** What the queue `due` carries. The names of the work are on the wire, and keep their spelling. */
export type DeferredWork =
  | { work: 'meetDeadline'; row: DueRow }
  | ({ work: 'finishUpload' } & FinishUploadMessage)
  | ({ work: 'projectSearch' } & FactPointer)
  | { work: 'removeFileTransfer'; fileTransferId: FileTransferId }
