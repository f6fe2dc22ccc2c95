import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longestFirst.js'

/** They replace modules, count what their process does, or measure its memory. */
const NEED_A_PROCESS = [
  'test/contract/abortedCalls.test.ts',
  'test/contract/fileBlobs.test.ts',
  'test/client/fileSink.test.ts',
  'test/functions/**/*.test.ts',
  'test/http/fuzz.test.ts',
  'test/adapters/telemetry/invocationSpan.test.ts',
  'test/http/serving/{measuredCall,workerServer}.test.ts',
  'test/upstream/*.test.ts',
]

/** Only the whole suite has to cover this much: `npm test -- --coverage`. A run of some files shows what they cover. */
const isWhole = process.argv.slice(2).every((argument) => argument === 'run' || argument.startsWith('-'))
const thresholds = {
  'src/domain/**': { lines: 100 },
  'src/usecases/**': { lines: 98 },
  'src/http/**': { lines: 98 },
}

export default defineConfig({
  test: {
    reporters: ['default', './test/support/countsReporter.ts'],
    sequence: { sequencer: LongestFirst },
    // A deadline is for what hangs: it is long enough for a machine that is many times slower.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    // Also on two cores: much of the time is spent waiting, for leases, time-outs and what happens by itself.
    maxWorkers: 6,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...NEED_A_PROCESS, '**/node_modules/**'],
          // Modules are loaded once in each worker, and not again for each file.
          isolate: false,
          globalSetup: ['./test/support/sharedStacks.ts'],
        },
      },
      { extends: true, test: { name: 'alone', include: NEED_A_PROCESS } },
    ],
    coverage: {
      include: ['src/**'],
      reporter: ['text', 'html', 'json'],
      reportsDirectory: 'build/coverage',
      ...(isWhole && { thresholds }),
    },
  },
})
