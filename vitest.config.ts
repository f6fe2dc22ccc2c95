import { defineConfig } from 'vitest/config'

/** Only the whole suite has to cover this much: `npm test -- --coverage`. A run of some files shows what they cover. */
const isWhole = process.argv.slice(2).every((argument) => argument === 'run' || argument.startsWith('-'))
const thresholds = {
  'src/domain/**': { lines: 100 },
  'src/usecases/**': { lines: 98 },
  'src/http/**': { lines: 98 },
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/countsReporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Also on two cores: much of the time is spent waiting, for leases, time-outs and what happens by itself.
    maxWorkers: 2,
    coverage: {
      include: ['src/**'],
      reporter: ['text', 'html', 'json'],
      reportsDirectory: 'build/coverage',
      ...(isWhole && { thresholds }),
    },
  },
})
