import { chaos } from './chaos/chaos.js'

/** `npm run chaos`: many transfers while the app is killed repeatedly, then a check. CHAOS_SEED, CHAOS_TRANSFERS. */

const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9))
const transfers = Number(process.env.CHAOS_TRANSFERS ?? 200)
const started = Date.now()
const log = (line: string) => console.log(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${line}`)

console.log(`CHAOS_SEED=${seed} CHAOS_TRANSFERS=${transfers}`)
const kills = { afterMs: [2000, 6000] as [number, number], most: Number.POSITIVE_INFINITY }
const report = await chaos({ seed, transfers, kills, log })
log(`${report.kills} kills, ${report.calls} calls of which ${report.broken} broke off`)
for (const [status, count] of Object.entries(report.ends)) console.log(`  ${count} ${status}`)
for (const each of report.explained) console.log(`left behind: ${each}`)
for (const each of report.wrong) console.log(`WRONG: ${each}`)
console.log(
  report.wrong.length === 0 ? 'Nothing was lost.' : `${report.wrong.length} things are wrong (CHAOS_SEED=${seed}).`,
)
process.exitCode = report.wrong.length === 0 ? 0 : 1
