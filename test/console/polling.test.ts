import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Look, poll, type Watched } from '../../clients/console/src/state/polling/poll.js'

const returns = new EventTarget()
let isHidden = false
const page: Watched = {
  isHidden: () => isHidden,
  onReturn: (listener, signal) => returns.addEventListener('return', listener, { signal }),
}
const comeBack = () => returns.dispatchEvent(new Event('return'))

let looks: number[]
let found: Look
let stop: AbortController
beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  isHidden = false
  looks = []
  found = 'same'
  stop = new AbortController()
})
afterEach(() => {
  stop.abort(new Error('over'))
  vi.useRealTimers()
})

const begin = () => {
  const polling = poll(
    async () => {
      looks.push(Date.now())
      return found
    },
    { firstMs: 1000, page, signal: stop.signal },
  )
  polling.catch(() => undefined)
  return polling
}

describe('polling', () => {
  test('slows down while nothing changes, up to a minute', async () => {
    begin()

    await vi.advanceTimersByTimeAsync(600_000)

    const delays = looks.map((at, index) => at - (looks[index - 1] ?? 0))
    expect(delays.slice(0, 4)).toEqual([0, 1000, 1500, 2250])
    expect(delays.at(-1)).toBe(60_000)
  })

  test('is quick again after a change', async () => {
    begin()
    await vi.advanceTimersByTimeAsync(100_000)

    found = 'changed'
    await vi.advanceTimersByTimeAsync(60_000)

    expect((looks.at(-1) ?? 0) - (looks.at(-2) ?? 0)).toBe(1000)
  })

  test('stops while the page is hidden, and looks as soon as it is shown', async () => {
    begin()
    await vi.advanceTimersByTimeAsync(10)
    isHidden = true
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(looks).toEqual([0])

    isHidden = false
    comeBack()
    await vi.advanceTimersByTimeAsync(0)

    expect(looks).toEqual([0, 3_600_010])
    await vi.advanceTimersByTimeAsync(1000)
    expect(looks).toHaveLength(3)
  })

  test('looks when the user comes back to the window', async () => {
    begin()
    await vi.advanceTimersByTimeAsync(100_000)
    const before = looks.length

    comeBack()
    await vi.advanceTimersByTimeAsync(1000)

    expect(looks).toHaveLength(before + 2)
  })

  test('ends with its last look, or with the signal', async () => {
    const stopped = begin()
    await vi.advanceTimersByTimeAsync(10)
    stop.abort(new Error('over'))
    await expect(stopped).rejects.toThrow('over')

    stop = new AbortController()
    found = 'ended'
    await begin()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('polling with a Broker that tells of changes', () => {
  /** Waits that the test ends; each with whether it was aborted. */
  const waits: { ms: number; end: (isChanged: boolean) => void; fail: () => void; signal: AbortSignal }[] = []
  const beginWaiting = () =>
    poll(
      async () => {
        looks.push(Date.now())
        return found
      },
      {
        firstMs: 60_000,
        page,
        signal: stop.signal,
        awaitChange: (ms, signal) =>
          new Promise((end, reject) => waits.push({ ms, end, fail: () => reject(new Error('no network')), signal })),
      },
    ).catch(() => undefined)
  beforeEach(() => void waits.splice(0))

  test('looks at once after a change', async () => {
    beginWaiting()
    await vi.advanceTimersByTimeAsync(1234)
    waits[0]?.end(true)
    await vi.advanceTimersByTimeAsync(0)

    expect(looks).toEqual([0, 1234])
  })

  test.each([
    ['says that there is none', () => waits[0]?.end(false)],
    ['cannot be reached', () => waits[0]?.fail()],
  ])('looks at its time when Broker %s', async (_, end) => {
    beginWaiting()
    await vi.advanceTimersByTimeAsync(1000)
    end()
    await vi.advanceTimersByTimeAsync(58_000)
    expect(looks).toEqual([0])
    await vi.advanceTimersByTimeAsync(1000)

    expect(looks).toEqual([0, 60_000])
    expect(waits).toHaveLength(2)
  })

  test('ends the wait when the page is hidden, and begins another when it is shown', async () => {
    beginWaiting()
    await vi.advanceTimersByTimeAsync(1000)
    isHidden = true
    comeBack()
    expect(waits[0]?.signal.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(600_000)
    expect(looks).toEqual([0])

    isHidden = false
    comeBack()
    await vi.advanceTimersByTimeAsync(0)
    expect(waits).toHaveLength(2)
  })

  test('ends the wait with the page', async () => {
    beginWaiting()
    await vi.advanceTimersByTimeAsync(1000)
    stop.abort(new Error('over'))
    await vi.advanceTimersByTimeAsync(0)

    expect(waits[0]?.signal.aborted).toBe(true)
  })
})
