import { describe, expect, test } from 'vitest'
import { arrivals, type Batch, fullest, perSecondOfDay, sendBatch, waits } from '../../bench/simulation.js'
import { randomFrom } from '../../local/chaos/random.js'

const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length

describe('arrivals', () => {
  test('of a day are as many as are said, four times the mean in the busy hour', () => {
    const times = arrivals(randomFrom(1), perSecondOfDay(1_000_000))

    const busy = times.filter((at) => at >= 10 * 3600 && at < 11 * 3600)
    expect(times.length / 1_000_000).toBeCloseTo(1, 2)
    expect(busy.length / (4 * (1_000_000 / 24))).toBeCloseTo(1, 2)
    expect(times).toEqual(times.toSorted((one, other) => one - other))
  })
})

describe('waits', () => {
  // Pollaczek and Khinchine: what comes by chance waits for ρ / (2 (1 - ρ)) services on average, when each takes as long.
  test.each([0.3, 0.5, 0.8, 0.9])('at a load of %d are as long as theory says', (load) => {
    const times = arrivals(randomFrom(2), () => load * 50, 20_000)

    expect(mean(waits(times, 1 / 50)) * 50).toBeCloseTo(load / (2 * (1 - load)), load > 0.8 ? 0 : 1)
  })

  test('never let through more than the service does', () => {
    const times = arrivals(randomFrom(3), () => 120, 300)
    const done = waits(times, 1 / 100).map((wait, index) => (times[index] ?? 0) + wait)

    for (const [index, at] of done.slice(1).entries()) expect(at - (done[index] ?? 0)).toBeGreaterThan(0.00999)
  })
})

describe('a batch', () => {
  const batch: Batch = {
    ...{ transfers: 2000, connections: 64, rows: [5, 12], callSeconds: 0.05, retryAfterSeconds: { least: 5, most: 5 } },
    ...{ shards: 1, rowsPerSecond: 2000 },
  }

  test('is sent whole, and takes no more rows in a second than there are', () => {
    const { calls, refused, rowsOfSecond } = sendBatch(randomFrom(4), batch)

    expect(calls - refused).toBe(2 * batch.transfers)
    expect(refused).toBeGreaterThan(0)
    expect([...rowsOfSecond.values()].reduce((sum, rows) => sum + rows, 0)).toBe(17 * batch.transfers)
    expect(Math.max(...rowsOfSecond.values())).toBeLessThanOrEqual(2000)
  })

  test('that leaves room is never refused, and lasts as long as its calls', () => {
    const { seconds, refused } = sendBatch(randomFrom(5), { ...batch, connections: 4 })

    expect(refused).toBe(0)
    expect(seconds / ((batch.transfers * 2 * batch.callSeconds) / 4)).toBeCloseTo(1, 2)
  })
})

test('one bin holds all, and very many owners of which none is large would fill all alike', () => {
  expect(fullest(randomFrom(6), 1000, 1)).toBeCloseTo(1)
  expect(fullest(randomFrom(6), 1000, 10)).toBeGreaterThan(1)
})
