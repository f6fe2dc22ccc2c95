import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, in this order; a run that knows no durations yet would begin it last, and wait for it alone. */
const LONG = [
  'crash/functions',
  'crash/senders',
  'e2e/busyBlobs',
  'e2e/tusWholePatches',
  'e2e/tusClient',
  'crash/resumable',
  'client/send',
  'e2e/outageOf',
  'generated/',
  'e2e/tusExpiry',
  'console/browser',
  'e2e/chaos',
  'e2e/restart',
  'domain/fileTransfer/lifecycle',
  'infra/variables',
  'crash/',
  'client/cli',
  'e2e/',
  'usecases/sending/tus/appending',
  'local/serviceBus/serviceBusDotnet',
  'contract/',
  'local/',
]

const rankOf = ({ moduleId }: TestSpecification) => {
  const rank = LONG.findIndex((path) => moduleId.includes(`/test/${path}`))
  return rank < 0 ? LONG.length : rank
}

/** Begins with the files that take longest, so that no worker ends with one of them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}
