import { describe, expect, test } from 'vitest'
import { isPermanentFailure } from '../../../src/domain/projections/deliveryResult.js'

const CLIENT_ERRORS = Array.from({ length: 100 }, (_, index) => 400 + index)
const PASSING = [401, 403, 408, 409, 425, 429]

describe('an answer to a delivery', () => {
  test('of 4xx is a refusal, but for those that pass', () => {
    expect(CLIENT_ERRORS.filter((status) => !isPermanentFailure(status))).toEqual(PASSING)
  })

  test.each([300, 304, 399, 500, 502, 503, 504, 599, 'NoAnswer'] as const)('is none when it may pass: %s', (answer) => {
    expect(isPermanentFailure(answer)).toBe(false)
  })

  test('is a refusal when Register does not know the party', () => {
    expect(isPermanentFailure('UnknownParty')).toBe(true)
  })
})
