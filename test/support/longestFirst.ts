import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, in this order; a run that knows no durations yet would begin it last, and wait for it alone. */
const LONG = [
  'e2e/outageOf',
  'crash/',
  'e2e/tusWholePatches',
  'e2e/tusClient',
  'e2e/soak',
  'e2e/chaos',
  'e2e/restart',
  'e2e/busyBlobs',
  'generated/',
  'local/stack',
  'local/serviceBus/serviceBusDotnet',
  'console/',
  'client/cli',
  'client/send',
  'http/input/inputSize',
  'e2e/',
  'contract/',
  'local/',
  'http/fuzz',
  'infra/',
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
