import type { AttemptId, FileTransferId, Verdict } from '../../domain/fileTransfer/state.js'
import type { StatisticsRow } from '../../domain/projections/statistics.js'
import type { EventDelivery } from './events.js'
import type { DueRow } from './outbox.js'

/** What is sent to Broker's own queues. */
export type Messages = {
  /** Has the facts of a change told and counted. Nothing, when none of them is. */
  notifyOfChange(changeNotification: ChangeNotification): Promise<void>
  checkUpload(message: CheckUploadMessage): Promise<void>
  /** Has these events delivered; not before a time, if one is given. */
  deliver(deliveries: EventDelivery[], at?: Date): Promise<void>
  enqueueDeadlines(rows: DueRow[]): Promise<void>
  /** Sends a message whose work has failed once more, after a pause, and with the reason. */
  redeliver(message: WorkMessage, at: Date): Promise<void>
  /** Has an upload finished that is complete by then, if it is not finished already. */
  finishUpload(upload: FinishUploadMessage, at: Date): Promise<void>
  /** Has the search rows of these actors written by whoever takes the message. */
  project(id: FileTransferId, sequence: number): Promise<void>
  /** Has these transfers removed, each by a message of its own, as part of one job. */
  removeFileTransfers(ids: FileTransferId[], jobId: string): Promise<void>
  /** What the virus scanner says, as it came, each event once. */
  enqueueScanResults(events: ScanEvent[]): Promise<void>
}

/** An event of the virus scanner, with all its members. */
export type ScanEvent = { id: string; [member: string]: unknown }

/** What the scanner found at an address. `raw` is all that it said, for the log alone: it names places. */
export type ScanResult = { blobUrl: string; verdict: Verdict; raw?: string }

/** Where work comes from: a queue, or a subscription to the facts. */
export type WorkQueue =
  | 'uploadProcessing'
  | 'eventDelivery'
  | 'malwareScanResults'
  | 'due'
  | 'altinnEvents'
  | 'statistics'

/**
 * A message as it arrived, how often its work has failed by now, and why; `replays`: how often it was a dead letter before. One that is given up
 * is only there to become a dead letter.
 */
export type WorkMessage = {
  queue: WorkQueue
  messageId: string
  body: unknown
  tries: number
  replays?: number | undefined
  reason?: string | undefined
  isGivenUp?: boolean | undefined
}

/** Sequence numbers of facts of one change, in order: those that somebody is told of, and those that are counted. */
export type ChangeNotification = {
  fileTransferId: FileTransferId
  told: number[]
  counted: number[]
  /** What the counted facts add to the statistics; without it they are read. */
  statistics?: StatisticsRow[] | undefined
}

export type FactPointer = { fileTransferId: FileTransferId; sequence: number }

/** `read`: so much of the file has been read for its MD5, whose state this is. `again`: the number of the look at it, after the first. */
export type CheckUploadMessage = {
  fileTransferId: FileTransferId
  attemptId: AttemptId
  sequence: number
  read?: { bytes: number; md5State: string } | undefined
  again?: number | undefined
}

export type FinishUploadMessage = { fileTransferId: FileTransferId; attemptId: AttemptId }
