import { lastOccurrence, type TimeOfDay } from './nightlyRun.js'

/** A backup of the tables that is whole: when it began, and whether it holds every row, or those written since an earlier one. */
export type Backup = { id: string; startedAt: Date; isFull: boolean }

/** The rows of a table whose partition keys are in this range, of one end or both where given: `from` is inclusive, `until` is not. */
export type TablePart = { name: string; table: string; from?: string; until?: string }

/** A backup to make: of all rows, or of those written since this time. */
export type BackupPlan = { startedAt: Date; since: Date | undefined }

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** From when on the backup of the night is due. */
export const BACKUP_TIME: TimeOfDay = { hour: 1, minute: 0 }
/** A full one each week, on the night when the last is almost seven days old. */
const FULL_AFTER_MS = 6.5 * DAY_MS
/** Clocks differ, and a commit takes its time: what is older than the last backup by less than this is held by the next one, too. */
const OVERLAP_MS = HOUR_MS

/**
 * The backup that is due now, after these whole ones, oldest first; undefined when that of the night is made. After a restore it is a full one: what
 * the restore left out is in those before, and must not come back beside what was written since.
 */
export function planBackup(whole: Backup[], now: Date, restoredAt?: Date): BackupPlan | undefined {
  const last = whole.at(-1)
  if (last && last.startedAt >= lastOccurrence(BACKUP_TIME, now)) return undefined
  const full = whole.findLast(({ isFull }) => isFull)
  const isOld = !full || now.getTime() - full.startedAt.getTime() >= FULL_AFTER_MS
  const isFullDue = isOld || (restoredAt !== undefined && full.startedAt <= restoredAt)
  return { startedAt: now, since: last && !isFullDue ? new Date(last.startedAt.getTime() - OVERLAP_MS) : undefined }
}

/** The backups that together hold the tables as they were when the last of them began: a full one and all after it, oldest first; none without a full one. */
export function backupChain(whole: Backup[], at: Date): Backup[] {
  const known = whole.filter(({ startedAt }) => startedAt <= at)
  const full = known.findLastIndex(({ isFull }) => isFull)
  return full < 0 ? [] : known.slice(full)
}

/** Whether each backup of a chain reaches back to the one before it, so that no row is missing between them. */
export const isUnbroken = (chain: BackupPlan[]): boolean =>
  chain.every(({ since }, index) => {
    const before = chain[index - 1]
    return before ? since === undefined || since <= before.startedAt : since === undefined
  })

const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-(full|increment)-[0-9a-f-]+$/

/** A name that tells when the backup began, and that no other has: names sort as backups do. */
export const backupIdOf = ({ startedAt, since }: BackupPlan, unique: string): string =>
  `${startedAt.toISOString().replace(/[-:.]/g, '')}-${since ? 'increment' : 'full'}-${unique}`

/** The backup of this name; undefined when it is not the name of one. */
export function backupOf(id: string): Backup | undefined {
  const [, year, month, day, hours, minutes, seconds, ms, kind] = NAME.exec(id) ?? []
  if (kind === undefined) return undefined
  const startedAt = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.${ms}Z`)
  return { id, startedAt, isFull: kind === 'full' }
}

const FIRST_DIGITS = [...'0123456789abcdef']

/** A table whose partition keys are UUIDs, in sixteen parts that are read side by side. */
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
  | 'resources'
  | 'serviceOwners'

/** What a backup holds: every table that cannot be made again from the others (docs/decisions/0034). */
export const partsToBackUp = (tables: Record<BackedUp, string>): TablePart[] => [
  ...[tables.fileTransfers, tables.eventDeliveries].flatMap(partsByFirstDigit),
  // After the transfers, which refer to them.
  ...[tables.monthlyStatistics, tables.idempotencyKeys, tables.resources, tables.serviceOwners].map(wholeTable),
]
