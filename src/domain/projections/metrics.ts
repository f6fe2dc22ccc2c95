import { isProcessingFailure } from '../fileTransfer/failure.js'
import type { Fact, FileTransfer } from '../fileTransfer/state.js'
import { statusAfter } from '../fileTransfer/statusAfter.js'
import { punctuality } from '../operating/objectives.js'

/** The catalogue of metrics. Seconds have fractions. */
export const METRICS = {
  requestTime: histogram('broker.request.duration', 's', 'Time from request to response, by operation and outcome'),
  transfers: counter('broker.filetransfers', '{filetransfer}', 'File transfers that entered a status, by status'),
  bytesUploaded: counter('broker.upload.size', 'By', 'Bytes of completed uploads'),
  bytesDownloaded: counter('broker.download.size', 'By', 'Bytes of downloads'),
  uploadTime: histogram('broker.upload.duration', 's', 'Time from the start of an upload to its completion'),
  publishTime: histogram(
    'broker.publish.duration',
    's',
    'Time from a completed upload to its publication or failed processing, by outcome',
  ),
  scanTime: histogram('broker.scan.duration', 's', 'Time from a completed upload to the scan result, by result'),
  withdrawn: counter(
    'broker.filetransfers.withdrawn',
    '{filetransfer}',
    'Published files that were withdrawn as malware',
  ),
  slowScans: counter('broker.scan.slow', '{scan}', 'Scans without a result after the warning time'),
  deliveries: counter('broker.event.deliveries', '{delivery}', 'Attempts to deliver an event to an actor, by outcome'),
  eventDelay: histogram(
    'broker.event.delay',
    's',
    'Time from a fact until its event is delivered or given up, by outcome',
  ),
  refusals: counter('broker.refusals', '{request}', 'Requests refused for lack of access, by operation and reason'),
  givenUp: counter('broker.work.givenup', '{message}', 'Messages that are not retried any more, by queue'),
  deadlineLag: histogram('broker.deadline.lag', 's', 'Time from a deadline until it is applied, by kind and outcome'),
  outboxAge: gauge('broker.pending.age', 's', 'Age of the oldest outbox entry, 0 without any'),
  backupAge: gauge('broker.backup.age', 's', 'Age of the last complete backup of the tables'),
  resumedChanges: counter('broker.changes.repaired', '{change}', 'Committed changes that were resumed from the outbox'),
} as const

export type Metric = keyof typeof METRICS
/** A value to add to a counter or a histogram, or the newest of a gauge. */
export type Measurement = { metric: Metric; value: number; attributes?: Record<string, string> }

/**
 * The measurements of a committed change. The process that commits records them once; when it dies just after the
 * commit, they are lost.
 */
export function measurementsOf(before: FileTransfer | undefined, facts: Fact[]): Measurement[] {
  return facts.flatMap((fact) => {
    const status = statusAfter(fact)
    const entered: Measurement[] = status ? [{ metric: 'transfers', value: 1, attributes: { status } }] : []
    return [...entered, ...times(before, facts, fact)]
  })
}

function times(before: FileTransfer | undefined, facts: Fact[], fact: Fact): Measurement[] {
  switch (fact.type) {
    case 'UploadCompleted': {
      const { attemptId, sizeBytes } = fact.file
      const attempts = before?.status === 'UploadStarted' ? before.attempts : []
      const begun = attempts.find(({ id }) => id === attemptId)
      const size = { metric: 'bytesUploaded', value: sizeBytes } as const
      return begun ? [size, { metric: 'uploadTime', value: seconds(begun.startedAt, fact) }] : [size]
    }
    case 'ScanVerdictRecorded': {
      const attributes = { result: fact.verdict.result }
      return [{ metric: 'scanTime', value: seconds(completion(before, facts) ?? fact.at, fact), attributes }]
    }
    case 'Published': {
      const value = seconds(completion(before, facts) ?? fact.at, fact)
      return [{ metric: 'publishTime', value, attributes: { outcome: punctuality('publication', value) } }]
    }
    case 'UploadFailed': {
      const completedAt = completion(before, facts)
      if (!completedAt || !isProcessingFailure(fact.reason)) return []
      return [{ metric: 'publishTime', value: seconds(completedAt, fact), attributes: { outcome: 'never' } }]
    }
    case 'FileWithdrawn':
      return [{ metric: 'withdrawn', value: 1 }]
    default:
      return []
  }
}

/** When the upload was completed; undefined before that. */
function completion(before: FileTransfer | undefined, facts: Fact[]): Date | undefined {
  if (before?.status === 'UploadProcessing') return before.statusChangedAt
  return facts.find(({ type }) => type === 'UploadCompleted')?.at
}

const seconds = (from: Date, { at }: Fact) => (at.getTime() - from.getTime()) / 1000

function counter(name: string, unit: string, description: string) {
  return { kind: 'counter', name, unit, description } as const
}
function histogram(name: string, unit: string, description: string) {
  return { kind: 'histogram', name, unit, description } as const
}
function gauge(name: string, unit: string, description: string) {
  return { kind: 'gauge', name, unit, description } as const
}
