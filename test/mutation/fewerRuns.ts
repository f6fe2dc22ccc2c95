import { vi } from 'vitest'

/**
 * Every mutant runs the tests again: properties run less often, on the same values each time, and end at the first
 * counterexample.
 */
const LESS = { numRuns: 10, seed: 1, endOnFailure: true }

vi.mock('fast-check', async (importOriginal) => {
  const { default: fc } = await importOriginal<typeof import('fast-check')>()
  const assert = (property: never, asked?: object) => fc.assert(property, { ...asked, ...LESS })
  return { default: { ...fc, assert } }
})
