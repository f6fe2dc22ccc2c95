import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/countsReporter.ts'],
    globalSetup: ['./test/support/sharedStacks.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Also on two cores: much of the time is spent waiting, for leases, time-outs and what happens by itself.
    maxWorkers: 2,
  },
})
