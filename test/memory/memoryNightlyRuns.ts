import type { NightlyRun } from '../../src/domain/operating/nightlyRun.js'
import type { Version } from '../../src/usecases/ports/fileTransfers.js'
import type { NightlyRuns } from '../../src/usecases/ports/operating.js'

/** When nightly tasks ran, in memory. */
export function memoryNightlyRuns(): NightlyRuns {
  const stored = new Map<string, { run: NightlyRun; version: Version }>()
  let saves = 0

  return {
    async read(task) {
      return structuredClone(stored.get(task))
    },

    async save(task, run, replaced) {
      if (stored.get(task)?.version !== replaced) return 'conflict'
      const version = `W/"${++saves}"`
      stored.set(task, structuredClone({ run, version }))
      return version
    },
  }
}
