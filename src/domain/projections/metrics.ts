import type { Fact, FileTransfer } from '../fileTransfer/state.js'
import { isForWantOfPublication } from '../fileTransfer/upload.js'
import { punctuality } from '../operating/objectives.js'
import { statusAfter } from '../statusAfter.js'

/** Everything that is measured. A counter adds up, a histogram spreads values out, a gauge tells the newest value. Seconds have fractions. */
export const METRICS = {
  requestTime: histogram('broker.request.duration', 's', 'From a call to its answer, by operation and outcome'),
  transfers: counter('broker.filetransfers', '{filetransfer}', 'File transfers that came to a status, by status'),
  bytesUploaded: counter('broker.upload.size', 'By', 'Bytes of files whose upload is complete'),
  bytesDownloaded: counter('broker.download.size', 'By', 'Bytes of files that were handed out'),
  uploadTime: histogram('broker.upload.duration', 's', 'From the start of an upload to its completion'),
  publishTime: histogram(
    'broker.publish.duration',
    's',
    'From a complete upload to its publication, or to its failure for want of one, by outcome',
  ),
  scanTime: histogram('broker.scan.duration', 's', 'From a complete upload to the verdict of the scanner, by result'),
  withdrawn: counter(
    'broker.filetransfers.withdrawn',
    '{filetransfer}',
    'Published files in which malware was found later',
  ),
  slowScans: counter('broker.scan.slow', '{scan}', 'Scans that were warned of, since they gave no result for long'),
  deliveries: counter('broker.event.deliveries', '{delivery}', 'Tries to deliver an event to an actor, by outcome'),
  eventDelay: histogram(
    'broker.event.delay',
    's',
    'From what happened until Altinn took the event, or until it was given up, by outcome',
  ),
  refusals: counter('broker.refusals', '{request}', 'Requests refused for who sent them, by operation and reason'),
  givenUp: counter('broker.work.givenup', '{message}', 'Messages whose work has failed too often, by queue'),
  deadlineLag: histogram(
    'broker.deadline.lag',
    's',
    'From the time of a deadline until it was met, by kind and outcome',
  ),
  pendingAge: gauge('broker.pending.age', 's', 'Age of the oldest change not yet carried out, 0 without any'),
  backupAge: gauge(
    'broker.backup.age',
    's',
    'Age of the last whole backup of the tables: what was written since is in none',
  ),
  repairs: counter('broker.changes.repaired', '{change}', 'Changes that were cut off and have been carried out'),
} as const

export type Metric = keyof typeof METRICS
export type Measurement = { metric: Metric; value: number; attributes?: Record<string, string> }

/**
 * What a committed change adds to the measurements. Each commit is counted once, by the process that made it; one that is lost just after a
 * commit may lose its counts.
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
      if (!completedAt || !isForWantOfPublication(fact.reason)) return []
      return [{ metric: 'publishTime', value: seconds(completedAt, fact), attributes: { outcome: 'never' } }]
    }
    case 'FileWithdrawn':
      return [{ metric: 'withdrawn', value: 1 }]
    default:
      return []
  }
}

/** When the upload was complete; undefined when it is not (a verdict may be earlier, and counts as one of no time). */
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
