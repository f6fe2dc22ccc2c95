import { expect, test } from 'vitest'
import { punctuality } from '../../../src/domain/operating/objectives.js'

test.each([
  ['publication', 300],
  ['events', 60],
  ['deadlines', 600],
] as const)('%s is in time up to %i seconds', (objective, seconds) => {
  expect([0, seconds, seconds + 0.001].map((each) => punctuality(objective, each))).toEqual([
    'inTime',
    'inTime',
    'late',
  ])
})
