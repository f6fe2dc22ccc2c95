import { defineConfig } from 'vitest/config'

/** The tests that a mutant of the core and of the commit has to survive (`npm run mutate`). */
export default defineConfig({
  test: {
    include: ['**/tests.ts'],
    setupFiles: ['test/mutation/fewerRuns.ts'],
    testTimeout: 30_000,
  },
})
