// What one deployment does in a day of bursts, by simulation: `node dist/bench/simulate.js`. docs/scale.md says what follows.
import { randomFrom } from '../tools/chaos/random.js'
import { barChart, keepChart } from './chart.js'
import { quantile } from './quantile.js'
import { arrivals, type Batch, fullest, perSecondOfDay, sendBatch, waits } from './simulation.js'

const SEED = 1
/** Operations of Service Bus for one transfer: docs/scale.md. */
const BUS_OPERATIONS = 56
const TIERS = [
  { name: 'Standard', operations: 1000 },
  { name: 'Premium, 1 unit', operations: 4000 },
]
const NIGHT = 2 * 3600
/** What one sender begins in a second in its nightly batch. */
const BATCH_PER_SECOND = 100

const told = (seconds: number) =>
  seconds < 1
    ? `${Math.round(1000 * seconds)} ms`
    : seconds < 120
      ? `${seconds.toFixed(0)} s`
      : `${(seconds / 60).toFixed(0)} min`

function day(perDay: number, batch: number) {
  const byChance = perSecondOfDay(perDay)
  const isNight = (second: number) => second >= NIGHT && second < NIGHT + batch / BATCH_PER_SECOND
  return arrivals(randomFrom(SEED), (second) => byChance(second) + (isNight(second) ? BATCH_PER_SECOND : 0))
}

console.log('How long messages wait for Service Bus')
console.log(`${'tier'.padEnd(17)}transfers a day  batch at night     p50     p99     most`)
const bars = []
for (const { name, operations } of TIERS) {
  for (const perDay of [100_000, 390_000, 1_000_000, 1_500_000]) {
    for (const batch of [0, 20_000]) {
      const waited = waits(day(perDay, batch), BUS_OPERATIONS / operations)
      const [p50, p99, most] = [0.5, 0.99, 1].map((part) => quantile(waited, part))
      const cells = [p50, p99, most].map((each) => told(each ?? 0).padStart(8))
      console.log(
        `${name.padEnd(17)}${perDay.toLocaleString('en').padStart(15)}${batch.toLocaleString('en').padStart(16)}${cells.join('')}`,
      )
      bars.push({
        label: `${name}, ${perDay.toLocaleString('en')}${batch > 0 ? ' and a batch' : ''}`,
        value: Math.round((p99 ?? 0) / 6) / 10,
      })
    }
  }
}

console.log('\nOne party sends 20,000 transfers as fast as answers come')
console.log('Retry-After  connections  shards  minutes  a second  refused calls  fullest second, rows')
const batch: Omit<Batch, 'connections' | 'shards' | 'retryAfterSeconds'> = {
  transfers: 20_000,
  // An initialize, and an upload with its two changes: the head that is read and the rows that are written.
  rows: [5, 12],
  callSeconds: 0.06,
  rowsPerSecond: 2000,
}
for (const [least, most] of [
  [5, 5],
  [1, 5],
] as const) {
  for (const shards of [1, 8]) {
    for (const connections of [8, 16, 64, 256]) {
      const plan: Batch = { ...batch, connections, shards, retryAfterSeconds: { least, most } }
      const { seconds, calls, refused, rowsOfSecond } = sendBatch(randomFrom(SEED), plan)
      const cells = [
        ...[`${least}-${most} s`.padStart(11), String(connections).padStart(11), String(shards).padStart(6)],
        ...[(seconds / 60).toFixed(1).padStart(7), (batch.transfers / seconds).toFixed(0).padStart(8)],
        ...[`${((100 * refused) / calls).toFixed(0)} %`.padStart(13)],
        String(Math.max(...rowsOfSecond.values())).padStart(20),
      ]
      console.log(cells.join('  '))
    }
  }
}

console.log('\nHow much fuller than the mean the fullest is when owners are spread by chance, in 1,000 tries')
console.log('owners  accounts  p50  p99')
const random = randomFrom(SEED)
for (const [owners, accounts] of [
  [100, 4],
  [1000, 4],
  [1000, 10],
  [10_000, 10],
  [10_000, 100],
] as const) {
  const tries = Array.from({ length: 1000 }, () => fullest(random, owners, accounts))
  const cells = [0.5, 0.99].map((part) => quantile(tries, part).toFixed(1).padStart(4))
  console.log(`${String(owners).padStart(6)}  ${String(accounts).padStart(8)} ${cells.join(' ')}`)
}
console.log()
await keepChart('simulation', barChart('How long messages wait for Service Bus, p99', 'minutes', bars))
