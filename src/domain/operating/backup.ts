import { lastOccurrence, type TimeOfDay } from './nightlyRun.js'

/** A complete backup of the tables: when it began, and whether it is full or incremental. */
export type Backup = { id: string; startedAt: Date; isFull: boolean }

/** The rows of a table whose partition keys are in this range: `from` is inclusive, `until` exclusive. */
export type TablePart = { name: string; table: string; from?: string; until?: string }

/** A backup to make: full, or of the rows written since this time. */
export type BackupPlan = { startedAt: Date; since: Date | undefined }

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The time of the nightly backup. */
export const BACKUP_TIME: TimeOfDay = { hour: 1, minute: 0 }
/** A full backup is made weekly, in the night when the last is almost seven days old. */
const FULL_AFTER_MS = 6.5 * DAY_MS
/** Clocks differ and commits take time: an increment begins this long before the last backup. */
const OVERLAP_MS = HOUR_MS

/**
 * The backup that is due after these complete ones, oldest first; undefined when tonight's is made. After a restore it
 * is a full one: rows that the restore left out are in earlier backups and must not be restored again.
 */
export function planBackup(complete: Backup[], now: Date, restoredAt?: Date): BackupPlan | undefined {
  const last = complete.at(-1)
  if (last && last.startedAt >= lastOccurrence(BACKUP_TIME, now)) return undefined
  const full = complete.findLast(({ isFull }) => isFull)
  const isOld = !full || now.getTime() - full.startedAt.getTime() >= FULL_AFTER_MS
  const isFullDue = isOld || (restoredAt !== undefined && full.startedAt <= restoredAt)
  return { startedAt: now, since: last && !isFullDue ? new Date(last.startedAt.getTime() - OVERLAP_MS) : undefined }
}

/** The last full backup before `at` and all increments after it, oldest first; none without a full backup. */
export function backupChain(complete: Backup[], at: Date): Backup[] {
  const known = complete.filter(({ startedAt }) => startedAt <= at)
  const full = known.findLastIndex(({ isFull }) => isFull)
  return full < 0 ? [] : known.slice(full)
}

/** Whether each increment of a chain begins no later than the backup before it, so that no row is missing. */
export const isUnbroken = (chain: BackupPlan[]): boolean =>
  chain.every(({ since }, index) => {
    const before = chain[index - 1]
    return before ? since === undefined || since <= before.startedAt : since === undefined
  })

const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-(full|increment)-[0-9a-f-]+$/

/** A unique name with the time when the backup began: names sort by it. */
export const backupIdOf = ({ startedAt, since }: BackupPlan, unique: string): string =>
  `${startedAt.toISOString().replace(/[-:.]/g, '')}-${since ? 'increment' : 'full'}-${unique}`

/** The backup of this name; undefined for any other text. */
export function backupOf(id: string): Backup | undefined {
  const [, year, month, day, hours, minutes, seconds, ms, kind] = NAME.exec(id) ?? []
  if (kind === undefined) return undefined
  const startedAt = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`)
  return { id, startedAt, isFull: kind === 'full' }
}

const FIRST_DIGITS = [...'0123456789abcdef']

/** A table whose partition keys are UUIDs, in sixteen parts that are read concurrently. */
export const partsByFirstDigit = (table: string): TablePart[] =>
  FIRST_DIGITS.map((digit, index) => {
    const next = FIRST_DIGITS[index + 1]
    return { name: `${table}-${digit}`, table, ...(index > 0 && { from: digit }), ...(next && { until: next }) }
  })

/** A table in one part. */
export const wholeTable = (table: string): TablePart => ({ name: table, table })

type BackedUp =
  | 'fileTransfers'
  | 'eventDeliveries'
  | 'monthlyStatistics'
  | 'idempotencyKeys'
  | 'encryptionKeys'
  | 'resources'
  | 'serviceOwners'

/** The tables in a backup: all that cannot be rebuilt from the others (docs/decisions/0034). */
export const partsToBackUp = (tables: Record<BackedUp, string>): TablePart[] => [
  ...[tables.fileTransfers, tables.eventDeliveries].flatMap(partsByFirstDigit),
  // After the transfers, which refer to them.
  ...[
    tables.monthlyStatistics,
    tables.idempotencyKeys,
    tables.encryptionKeys,
    tables.resources,
    tables.serviceOwners,
  ].map(wholeTable),
]
