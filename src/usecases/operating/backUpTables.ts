import { type BackupPlan, backupIdOf, planBackup, type TablePart } from '../../domain/operating/backup.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { BackupManifest, BackupStore, NightlyRuns, TableRows } from '../ports/operating.js'
import type { Log, Measure } from '../ports/telemetry.js'
import { RESTORE } from './restoreTables.js'

type Deps = {
  parts: TablePart[]
  rows: TableRows
  backups: BackupStore
  nightlyRuns: NightlyRuns
  newId: () => string
  now: () => Date
  log: Log
  measure: Measure
}

/** Parts that are read concurrently: so few that callers do not notice. */
const CONCURRENCY = 4

/**
 * Makes the nightly backup when it is due: of all rows, or of those written since the last one. A backup that is cut
 * off has no manifest, and the next call begins a new one. Concurrent calls make a backup each.
 */
export const backUpTables = (deps: Deps) => async (): Promise<void> => {
  const { backups, now, measure } = deps
  const whole = await backups.list()
  const restored = await deps.nightlyRuns.read(RESTORE)
  const plan = planBackup(whole, now(), restored?.run.doneAt)
  const measureAge = (startedAt: Date) => measure('backupAge', (now().getTime() - startedAt.getTime()) / 1000)
  const last = whole.at(-1)
  if (last) measureAge(last.startedAt)
  if (!plan) return
  try {
    const { startedAt } = await makeBackup(deps, plan)
    measureAge(startedAt)
  } catch (error) {
    deps.log('backup.failed', { since: plan.since, error: String(error) })
    throw error
  }
}

async function makeBackup(deps: Deps, plan: BackupPlan): Promise<BackupManifest> {
  const id = backupIdOf(plan, deps.newId())
  const counts = new Map<string, number>()
  await forEachConcurrent(deps.parts, CONCURRENCY, async (part) => {
    counts.set(part.name, await deps.backups.write(id, part.name, deps.rows.writtenSince(part, plan.since)))
  })
  const parts = deps.parts.map(({ name, table }) => ({ name, table, rows: counts.get(name) ?? 0 }))
  const manifest = { ...plan, id, isFull: plan.since === undefined, finishedAt: deps.now(), parts }
  await deps.backups.complete(manifest)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  deps.log('backup.finished', { backupId: id, since: plan.since, rows })
  return manifest
}
