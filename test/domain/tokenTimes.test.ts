import { describe, expect, test } from 'vitest'
import { canContinueSending } from '../../src/domain/tokenTimes.js'
import { at, later } from '../support/samples.js'

const IDLE = 3600
const YEAR = 365 * 86_400
const BEGAN = at.getTime() / 1000

/** The times of a token, in seconds after the upload began. */
const times = ({ iat, nbf, exp }: Record<string, number | undefined>) => ({
  ...(iat !== undefined && { iat: BEGAN + iat }),
  ...(nbf !== undefined && { nbf: BEGAN + nbf }),
  ...(exp !== undefined && { exp: BEGAN + exp }),
})

describe('an expired token', () => {
  test.each([
    ['was valid when the upload began', { iat: -60, nbf: -60, exp: 60 }, 120, true],
    ['was issued as it began', { iat: 0, nbf: 0, exp: 1 }, 120, true],
    ['tells no beginning', { exp: 60 }, 120, true],
    ['tells only since when it is issued', { iat: -60, exp: 60 }, 120, true],
    ['was over a moment before, as clocks may tell', { iat: -600, exp: -29 }, 120, true],
    ['was over when it began', { iat: -600, nbf: -600, exp: -30 }, 120, false],
    ['was over long before', { iat: -2 * YEAR, exp: -YEAR }, 120, false],
    ['was issued after it began', { iat: 31, nbf: -60, exp: 60 }, 120, false],
    ['was not yet valid when it began', { iat: -60, nbf: 31, exp: 60 }, 120, false],
    ['has been over for as long as an upload may be idle', { iat: -60, exp: 60 }, 60 + IDLE, true],
    ['has been over for longer', { iat: -60, exp: 60 }, 61 + IDLE, false],
    ['has been over for years, of an upload that has run as long', { iat: -60, exp: 60 }, 9 * YEAR, false],
    ['does not tell when it is over', { iat: -60 }, 120, false],
  ])('that %s may go on with it: %o, after %i s: %s', (_, token, seconds, expected) => {
    expect(canContinueSending(times(token), at, later(seconds), IDLE)).toBe(expected)
  })

  test('whose times are no numbers may not continue', () => {
    expect(canContinueSending({ exp: String(BEGAN + 60) }, at, later(120), IDLE)).toBe(false)
  })
})
