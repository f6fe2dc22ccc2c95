import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { take, type Window } from '../../../src/http/gate/slidingWindow.js'

/**
 * Calls so many milliseconds after each other: when those were that got through, what the last one was told, and what
 * is remembered.
 */
function calls(limit: number, pauses: number[]) {
  let window: Window = []
  let atMs = 0
  let waitSeconds: number | undefined
  const through: number[] = []
  for (const pause of pauses) {
    atMs += pause
    ;({ window, waitSeconds } = take(window, limit, atMs))
    if (waitSeconds === undefined) through.push(atMs)
  }
  return { window, atMs, waitSeconds, through }
}

const limits = fc.integer({ min: 1, max: 6 })
const pauses = fc.array(fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 70_000 })), {
  maxLength: 60,
})

describe('a limit on calls', () => {
  test('passes up to the limit immediately, and no more', () => {
    expect(calls(3, [0, 0, 0, 0, 0]).through).toEqual([0, 0, 0])
  })

  test('returns in how many seconds the next call can pass', () => {
    expect(calls(2, [500, 10_000, 10_000]).waitSeconds).toBe(41)
  })

  test('frees a slot when the first call is a minute old', () => {
    expect(calls(2, [0, 30_000, 31_000, 0])).toMatchObject({ through: [0, 30_000, 61_000], waitSeconds: 30 })
  })

  test('does not count calls that were refused', () => {
    expect(calls(1, [0, 30_000, 31_000]).through).toEqual([0, 61_000])
  })

  test('never lets more through in any 60 seconds', () => {
    fc.assert(
      fc.property(limits, pauses, (limit, steps) => {
        const { through } = calls(limit, steps)

        const busiest = Math.max(
          0,
          ...through.map((from) => through.filter((at) => at >= from && at < from + 60_000).length),
        )

        expect(busiest).toBeLessThanOrEqual(limit)
      }),
    )
  })

  test('refuses nobody who has called less often than that in 61 seconds', () => {
    fc.assert(
      fc.property(limits, pauses, (limit, steps) => {
        const { through, atMs, waitSeconds } = calls(limit, steps)

        const recent = through.filter((at) => at > atMs - 61_000)

        if (waitSeconds !== undefined) expect(recent.length).toBeGreaterThanOrEqual(limit)
      }),
    )
  })

  test('passes the next call after the seconds that it returned, at most 61', () => {
    fc.assert(
      fc.property(limits, pauses, (limit, steps) => {
        const tooMany = Array<number>(limit + 1).fill(0)
        const { window, atMs, waitSeconds = 0 } = calls(limit, [...steps, ...tooMany])

        const next = take(window, limit, atMs + waitSeconds * 1000)

        expect(waitSeconds).toBeGreaterThan(0)
        expect(waitSeconds).toBeLessThanOrEqual(61)
        expect(next.waitSeconds).toBeUndefined()
      }),
    )
  })

  test('remembers 61 numbers at most, however many calls there are', () => {
    const { window, through } = calls(100_000, Array<number>(20_000).fill(13))

    expect(through.length).toBe(20_000)
    expect(window.length).toBe(61)
  })
})
