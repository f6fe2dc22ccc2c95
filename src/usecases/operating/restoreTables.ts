import { deadlinesWithRow } from '../../domain/fileTransfer/deadlines.js'
import { evolveAll } from '../../domain/fileTransfer/evolve.js'
import { type FileTransfer, type FileTransferId, recipientsOf } from '../../domain/fileTransfer/state.js'
import { type Backup, backupChain, isUnbroken } from '../../domain/operating/backup.js'
import { searchProjections } from '../../domain/projections/search.js'
import { withPartition } from '../../domain/projections/searchPartitions.js'
import { err, ok, type Result } from '../../domain/result.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { FileTransferStore, RecordedFact } from '../ports/fileTransfers.js'
import type { BackupManifest, BackupStore, NightlyRuns, StoredRow, TableRows } from '../ports/operating.js'
import type { DueDeadlines, Outbox } from '../ports/outbox.js'
import type { ResourceStore } from '../ports/resources.js'
import type { SearchIndex } from '../ports/search.js'
import type { Log } from '../ports/telemetry.js'

type Deps = {
  /** Every table that is restored or rebuilt. */
  tables: string[]
  rows: TableRows
  backups: BackupStore
  transfers: FileTransferStore
  due: DueDeadlines
  outbox: Outbox
  searchIndex: SearchIndex
  resources: Pick<ResourceStore, 'read' | 'save'>
  nightlyRuns: NightlyRuns
  newId: () => string
  now: () => Date
  log: Log
}

/** `at`: nothing later is restored. `isIntoExisting`: the tables may have rows, which stay as they are. */
export type RestoreRequest = { at: Date; isIntoExisting: boolean }

/**
 * `asOf`: rows written later are lost. `notWhole`: transfers that lack rows, or have one that cannot be read.
 */
export type Restored = { asOf: Date; added: Record<string, number>; fileTransfers: number; notWhole: FileTransferId[] }

/** The name of the restore among the nightly runs. */
export const RESTORE = 'restoreTables'
const PARTS_CONCURRENTLY = 4
const GROUPS_CONCURRENTLY = 16
const TRANSFERS_CONCURRENTLY = 64
const ACTORS_CONCURRENTLY = 8
/**
 * https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions: 100 rows, 4 MiB. A
 * character takes 3 bytes at most.
 */
const GROUP = { rows: 100, characters: 2 ** 20 }
/** The side effects of changes that were made earlier before the backup have run. */
const SIDE_EFFECTS_MS = 3_600_000
const PROGRESS_EVERY = 1000

/**
 * Restores the tables from the last full backup before a time and all that follow it: missing rows are added, newest
 * first; then everything that is derived from them is written again. It overwrites nothing, so that it is idempotent
 * and can be resumed.
 */
export const restoreTables =
  (deps: Deps) =>
  async ({
    at,
    isIntoExisting,
  }: RestoreRequest): Promise<Result<Restored, 'NoBackup' | 'BackupMissing' | 'TablesHaveRows'>> => {
    const manifests = await finishedBy(at, await deps.backups.list(), deps.backups)
    const newest = manifests.at(-1)
    if (!newest) return err('NoBackup')
    if (!isUnbroken(manifests)) return err('BackupMissing')
    const areEmpty = await Promise.all(deps.tables.map((table) => deps.rows.isEmpty(table)))
    if (!isIntoExisting && areEmpty.includes(false)) return err('TablesHaveRows')

    await recordRestore(deps)
    const added: Record<string, number> = {}
    for (const manifest of manifests.toReversed()) await addRows(deps, manifest, added)
    return ok({ asOf: newest.startedAt, added, ...(await rebuildAll(deps, newest.startedAt)) })
  }

/**
 * The backups that hold the tables as they were at a time. One that was still being made holds some of what was written
 * after it.
 */
async function finishedBy(at: Date, whole: Backup[], backups: BackupStore): Promise<BackupManifest[]> {
  const chain = backupChain(whole, at)
  const [full] = chain
  if (!full) return []
  const manifests = await Promise.all(chain.map((backup) => backups.manifestOf(backup)))
  const finished = manifests.filter(({ finishedAt }) => finishedAt <= at)
  const isFullFinished = finished[0]?.id === full.id
  return isFullFinished ? finished : finishedBy(at, whole.slice(0, whole.indexOf(full)), backups)
}

/** For the next backup. Recorded before the first row, since a restore may be cut off. */
async function recordRestore({ nightlyRuns, now }: Deps) {
  const earlier = await nightlyRuns.read(RESTORE)
  const saved = await nightlyRuns.save(RESTORE, { doneAt: now() }, earlier?.version)
  if (saved === 'conflict') throw new Error('The tables are being restored by others.')
}

async function addRows({ backups, rows, log }: Deps, manifest: BackupManifest, added: Record<string, number>) {
  await forEachConcurrent(manifest.parts, PARTS_CONCURRENTLY, async ({ name, table, rows: held }) => {
    let count = 0
    await forEachConcurrent(inGroups(backups.read(manifest, name)), GROUPS_CONCURRENTLY, async (group) => {
      const addedOfGroup = await rows.addMissing(table, group)
      count += addedOfGroup
    })
    added[table] = (added[table] ?? 0) + count
    if (held > 0) log('restore.partRestored', { backupId: manifest.id, part: name, rows: held, added: count })
  })
}

/** Rows of one partition that follow each other, as many as one transaction takes. */
async function* inGroups(rows: AsyncIterable<StoredRow>): AsyncGenerator<StoredRow[]> {
  let group: StoredRow[] = []
  let characters = 0
  for await (const row of rows) {
    const { length } = JSON.stringify(row)
    const [first] = group
    const isFull = group.length === GROUP.rows || characters + length > GROUP.characters
    if (first && (isFull || first.partitionKey !== row.partitionKey)) {
      yield group
      group = []
      characters = 0
    }
    group.push(row)
    characters += length
  }
  if (group.length > 0) yield group
}

async function rebuildAll(deps: Deps, asOf: Date) {
  const notWhole: FileTransferId[] = []
  let fileTransfers = 0
  const lastPartitions = new Map<string, number>()
  await forEachConcurrent(deps.rows.fileTransferIds(), TRANSFERS_CONCURRENTLY, async (id) => {
    const flaw = await rebuild(deps, id, asOf, lastPartitions).catch((error: unknown) => {
      if (!isUnreadable(error)) throw error
      return String(error)
    })
    if (flaw) {
      notWhole.push(id)
      deps.log('restore.notWhole', { fileTransferId: id, flaw })
    }
    fileTransfers++
    if (fileTransfers % PROGRESS_EVERY === 0) deps.log('restore.rebuilding', { fileTransfers })
  })
  for (const [resourceId, partition] of lastPartitions) await includePartition(deps, resourceId, partition)
  return { fileTransfers, notWhole }
}

/** A resource may have been backed up before its search partitions were doubled. */
async function includePartition({ resources }: Deps, id: string, partition: number) {
  const stored = await resources.read(id)
  const grown = stored && withPartition(stored.resource, partition)
  if (grown && (await resources.save(grown, stored.version)) === 'conflict') {
    throw new Error(`The resource ${id} is being changed by others.`)
  }
}

/** A row is not as this release knows it. */
const isUnreadable = (error: unknown) => error instanceof Error && ['ZodError', 'SyntaxError'].includes(error.name)

/**
 * Deadlines, search rows, and outbox entries of the changes whose side effects may not have run. Returns what is wrong
 * with the transfer, if anything. `lastPartitions`: the last search partition that any transfer of a resource has.
 */
async function rebuild(
  deps: Deps,
  id: FileTransferId,
  asOf: Date,
  lastPartitions: Map<string, number>,
): Promise<string | undefined> {
  const found = await deps.transfers.readFacts(id, 1)
  if (!found) return 'It has no state.'
  const transfer = await replay(deps, found)
  const { resourceId, searchPartition = 0 } = transfer
  lastPartitions.set(resourceId, Math.max(searchPartition, lastPartitions.get(resourceId) ?? 0))
  const unfinished = found.facts.filter(({ fact }) => fact.at.getTime() > asOf.getTime() - SIDE_EFFECTS_MS)
  const firsts = new Map(unfinished.toReversed().map(({ changeId, sequence }) => [changeId, sequence]))
  await deps.due.replace(id, [], deadlinesWithRow(transfer.deadlines, transfer.lastFactAt))
  // Most often nothing is there, so that nothing is read first.
  await forEachConcurrent(searchProjections(transfer, recipientsOf(transfer)), ACTORS_CONCURRENTLY, (projection) =>
    deps.searchIndex.project(projection, { replaced: undefined }),
  )
  for (const [changeId, first] of firsts) await deps.outbox.add({ changeId, fileTransferId: id, first }, [])
  return isComplete(found.facts, transfer) ? undefined : 'Not every fact is there.'
}

/** The transfer after all facts that were restored: an older state is moved forward. */
async function replay(
  { transfers, newId }: Deps,
  { transfer, facts }: { transfer: FileTransfer; facts: RecordedFact[] },
) {
  const newer = facts
    .filter(({ sequence }) => sequence > transfer.sequence)
    .filter(({ sequence }, index) => sequence === transfer.sequence + 1 + index)
  if (newer.length === 0) return transfer
  const after = evolveAll(
    transfer,
    newer.map(({ fact }) => fact),
  )
  const read = await transfers.read(transfer.id)
  const isSame = read?.transfer.sequence === transfer.sequence
  if (!isSame || (await transfers.commit(after, [], newId(), read.version)) === 'conflict') {
    throw new Error(`The file transfer ${transfer.id} is being changed by others.`)
  }
  return after
}

const isComplete = (facts: RecordedFact[], { sequence }: FileTransfer) =>
  facts.length === sequence && facts.every((fact, index) => fact.sequence === index + 1)
