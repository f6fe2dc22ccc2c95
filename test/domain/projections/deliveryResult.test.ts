import { describe, expect, test } from 'vitest'
import { isPermanentFailure } from '../../../src/domain/projections/deliveryResult.js'

const CLIENT_ERRORS = Array.from({ length: 100 }, (_, index) => 400 + index)
const TRANSIENT = [401, 403, 408, 409, 425, 429]

describe('the result of a delivery', () => {
  test('is a permanent failure for 4xx, except for transient statuses', () => {
    expect(CLIENT_ERRORS.filter((status) => !isPermanentFailure(status))).toEqual(TRANSIENT)
  })

  test.each([300, 304, 399, 500, 502, 503, 504, 599, 'NoAnswer'] as const)('is retried: %s', (answer) => {
    expect(isPermanentFailure(answer)).toBe(false)
  })

  test('is a permanent failure when Register does not know the party', () => {
    expect(isPermanentFailure('UnknownParty')).toBe(true)
  })
})
