// What bursts and chance make of the means that docs/scale.md reckons with. Times in seconds.
import type { Random } from '../tools/chaos/random.js'

const DAY_SECONDS = 86_400
const BUSY_HOUR = 10
const BUSY_TIMES = 4

/** So many in a day on average; in the busy hour four times the mean, the rest evenly over the other hours. */
export function perSecondOfDay(perDay: number): (second: number) => number {
  const mean = perDay / DAY_SECONDS
  const isBusy = (second: number) => Math.floor(second / 3600) === BUSY_HOUR
  return (second) => mean * (isBusy(second) ? BUSY_TIMES : (24 - BUSY_TIMES) / 23)
}

/** When each of those comes that come by chance, in order: in each second so many on average. */
export function arrivals(random: Random, perSecond: (second: number) => number, seconds = DAY_SECONDS): number[] {
  const times: number[] = []
  for (let second = 0; second < seconds; second++) {
    const mean = perSecond(second)
    // The gaps of what comes by chance are exponential.
    for (let at = gap(random, mean); at < 1; at += gap(random, mean)) times.push(second + at)
  }
  return times
}

const gap = (random: Random, perSecond: number) => (perSecond > 0 ? -Math.log(1 - random.unit()) / perSecond : 1)

/** How long each waits for a service that takes one at a time, each for so long, and has one queue. */
export function waits(times: number[], serviceSeconds: number): number[] {
  let freeAt = 0
  return times.map((at) => {
    const from = Math.max(at, freeAt)
    freeAt = from + serviceSeconds
    return from - at
  })
}

export type Batch = {
  transfers: number
  connections: number
  /** Rows of the party's partition that each call of a transfer touches, one call after the other. */
  rows: number[]
  /** What a call takes when it is let through. */
  callSeconds: number
  /** A refused call is made again after so many whole seconds, each as likely. */
  retryAfterSeconds: { least: number; most: number }
  /** Partitions that the party's rows are spread over, and the rows that each takes in a second. */
  shards: number
  rowsPerSecond: number
}
export type Sent = { seconds: number; calls: number; refused: number; rowsOfSecond: Map<number, number> }

/** One party sends a batch as fast as answers come. A call that its partition has no room for is refused, and made again. */
export function sendBatch(random: Random, batch: Batch): Sent {
  const { transfers, connections, rows, callSeconds, retryAfterSeconds, shards, rowsPerSecond } = batch
  const used = new Map<string, number>()
  const rowsOfSecond = new Map<number, number>()
  const result: Sent = { seconds: 0, calls: 0, refused: 0, rowsOfSecond }
  const begin = (at: number) => ({ at, call: 0, shard: random.below(shards) })
  /** What each connection does next, and when. */
  const underWay = Array.from({ length: Math.min(connections, transfers) }, () => begin(random.unit() * callSeconds))
  let left = transfers - underWay.length

  while (underWay.length > 0) {
    const next = underWay.reduce((one, other) => (other.at < one.at ? other : one))
    const wanted = rows[next.call] ?? 0
    const second = Math.floor(next.at)
    const place = `${next.shard}/${second}`
    const before = used.get(place) ?? 0
    result.calls++
    if (before + wanted > rowsPerSecond) {
      result.refused++
      next.at += retryAfterSeconds.least + random.below(retryAfterSeconds.most - retryAfterSeconds.least + 1)
      continue
    }
    used.set(place, before + wanted)
    rowsOfSecond.set(second, (rowsOfSecond.get(second) ?? 0) + wanted)
    next.at += callSeconds
    next.call++
    result.seconds = Math.max(result.seconds, next.at)
    if (next.call < rows.length) continue
    if (left-- > 0) Object.assign(next, begin(next.at))
    else underWay.splice(underWay.indexOf(next), 1)
  }
  return result
}

/** How many times the mean the fullest of some bins holds when owners of very unlike size (the n-th has 1/n) are put in by chance. */
export function fullest(random: Random, owners: number, bins: number): number {
  const loads = Array<number>(bins).fill(0)
  for (let owner = 1; owner <= owners; owner++) {
    const bin = random.below(bins)
    loads[bin] = (loads[bin] ?? 0) + 1 / owner
  }
  const total = loads.reduce((sum, load) => sum + load, 0)
  return Math.max(...loads) / (total / bins)
}
