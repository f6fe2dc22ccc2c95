import { describe, expect, test } from 'vitest'
import { sharedWaits } from '../../src/lib/sharedWaits.js'

/** Waits for numbers, on a clock that the test moves by the second. */
function waiting(most = 10) {
  let nowMs = 0
  let timers: (() => void)[] = []
  let reads: string[] = []
  const values = new Map<string, number | Promise<number>>()
  const waits = sharedWaits({
    intervalMs: 1000,
    most,
    nowMs: () => nowMs,
    pause: () => new Promise<void>((resolve) => timers.push(resolve)),
  })
  return {
    values,
    offer: waits.offer,
    until(key: string, wanted: number, { seconds = 30, value = 0, ending = new AbortController().signal } = {}) {
      const read = async () => {
        reads.push(key)
        return (await values.get(key)) ?? 0
      }
      return waits.until({
        key,
        value,
        read,
        isOlder: (one, than) => one < than,
        isOver: (now) => now >= wanted,
        ms: seconds * 1000,
        ending,
      })
    },
    timers: () => timers.length,
    /** A second passes; returns the keys that were read. */
    async second() {
      nowMs += 1000
      reads = []
      const due = timers
      timers = []
      for (const resolve of due) resolve()
      await new Promise(setImmediate)
      return reads
    },
  }
}

describe('waiting for a value', () => {
  test('takes no time and no read when it is there already', async () => {
    const { until, timers } = waiting()

    expect(await until('a', 3, { value: 3 })).toEqual({ value: 3, isRefused: false })
    expect(timers()).toBe(0)
  })

  test('ends with the first read that finds it', async () => {
    const { until, values, second } = waiting()
    const waited = until('a', 3)
    values.set('a', 2)
    await second()
    values.set('a', 4)
    await second()

    expect(await waited).toEqual({ value: 4, isRefused: false })
  })

  test('ends with what it is when the time is over', async () => {
    const { until, values, second } = waiting()
    values.set('a', 1)
    const waited = until('a', 3, { seconds: 2 })
    await second()
    await second()

    expect(await waited).toEqual({ value: 1, isRefused: false })
  })

  test('needs one timer for all, and one read for all who wait for the same', async () => {
    const { until, values, second, timers } = waiting()
    const waited = [until('a', 1), until('a', 2), until('b', 1)]

    expect(timers()).toBe(1)
    expect(await second()).toEqual(['a', 'b'])
    values.set('a', 2).set('b', 1)
    await second()
    expect(await Promise.all(waited)).toHaveLength(3)
    expect(await second()).toEqual([])
    expect(timers()).toBe(0)
  })

  test('begins anew after all have ended', async () => {
    const { until, values, second } = waiting()
    values.set('a', 1)
    const first = until('a', 1)
    await second()
    await first
    await second()
    const next = until('a', 2, { value: 1 })
    values.set('a', 2)
    await second()

    expect((await next).value).toBe(2)
  })

  test('is woken by a value that is offered, without a read', async () => {
    const { until, offer } = waiting()
    const waited = until('a', 3)
    offer('b', 3)
    offer('a', 3)

    expect((await waited).value).toBe(3)
  })

  test('goes on for who joins with the value that ends it for all others', async () => {
    const { until, values, second } = waiting()
    const first = until('a', 3)
    const joined = until('a', 5, { value: 3 })
    values.set('a', 5)

    expect((await first).value).toBe(3)
    expect(await second()).toEqual(['a'])
    expect((await joined).value).toBe(5)
  })

  test('is over at once for who joins with an older value than the known one', async () => {
    const { until, offer } = waiting()
    void until('a', 9)
    offer('a', 3)

    expect((await until('a', 3, { value: 1 })).value).toBe(3)
  })

  test('never ends with an older value than a known one, read or brought along', async () => {
    const { until, values, second, offer } = waiting()
    const slow = Promise.withResolvers<number>()
    values.set('a', slow.promise)
    const waited = until('a', 9, { seconds: 2 })
    await second()
    offer('a', 8)
    slow.resolve(7)
    await slow.promise
    const joined = until('a', 9, { value: 6, seconds: 1 })
    await second()

    expect([(await waited).value, (await joined).value]).toEqual([8, 8])
  })

  test('is refused when too many wait, and there is room again when one has ended', async () => {
    const { until, offer } = waiting(2)
    const first = until('a', 1)
    void until('b', 1)

    expect(await until('c', 1)).toEqual({ value: 0, isRefused: true })
    offer('a', 1)
    await first
    const next = until('c', 1)
    offer('c', 1)
    expect(await next).toEqual({ value: 1, isRefused: false })
  })

  test('ends with its signal, and leaves its place', async () => {
    const { until } = waiting(1)
    const gone = new AbortController()
    const waited = until('a', 3, { ending: gone.signal })
    gone.abort()

    expect(await waited).toEqual({ value: 0, isRefused: false })
    expect(await until('a', 3, { ending: AbortSignal.abort() })).toEqual({ value: 0, isRefused: false })
    const next = until('a', 3)
    expect(await Promise.race([next, 'waits'])).toBe('waits')
  })

  test('is not held up by a read that hangs, of its own or of another', async () => {
    const { until, values, second } = waiting()
    values.set('a', new Promise(() => {}))
    const waited = [until('a', 1, { seconds: 3 }), until('b', 1, { seconds: 3 })]
    await second()
    expect(await second()).toEqual(['b'])
    await second()

    expect(await Promise.all(waited)).toHaveLength(2)
  })

  test('goes on while reads fail, and fails when the last one did', async () => {
    const { until, values, second } = waiting()
    const failing = Promise.reject(new Error('no answer'))
    failing.catch(() => {})
    values.set('a', failing)
    const [found, failed] = [until('a', 1), until('a', 2, { seconds: 4 })]
    await second()
    values.set('a', 1)
    await second()
    expect((await found).value).toBe(1)
    values.set('a', failing)
    const rejected = expect(failed).rejects.toThrow('no answer')
    await second()
    await second()

    await rejected
  })
})
