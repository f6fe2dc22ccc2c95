import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { backupIdOf } from '../../src/domain/operating/backup.js'
import type { StoredRow } from '../../src/usecases/ports/operating.js'
import { backupsOf, done, loseTables, restored, withoutBackups } from '../support/backups.js'
import { crashStack, type World } from '../support/crashStack.js'
import { callerFor } from '../support/memoryBroker.js'
import { kari, ola, organization, owner, sender } from '../support/samples.js'

// test/samples/backup/rows-0.1.0.jsonl holds the rows of a backup that release 0.1.0 has made, a row a line with its
// table in front. It stays as it is: a release that writes other rows adds a file of its own.

type Line = StoredRow & { table: string }
const lines: Line[] = readFileSync(new URL('../samples/backup/rows-0.1.0.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
const transferId = 'cfbc53e7-2d5b-43f0-adf8-a4cdc4658cb8'
const resourceId = 'altinn-broker-test-resource-1'

const makeWorld = crashStack()

/** Keeps the rows as a backup of this world. */
async function keep(world: World) {
  const store = backupsOf(world)
  const plan = { startedAt: world.later(3 * 3600), since: undefined }
  const id = backupIdOf(plan, 'a1')
  const names = [...new Set(lines.map(({ table }) => table))]
  const parts = names.map((table) => ({ table, name: table, rows: lines.filter((line) => line.table === table) }))
  for (const { name, rows } of parts) {
    await store.write(
      id,
      name,
      (async function* () {
        for (const { table, ...row } of rows) yield row as StoredRow
      })(),
    )
  }
  const counts = parts.map(({ rows, ...part }) => ({ ...part, rows: rows.length }))
  await store.complete({ ...plan, id, isFull: true, finishedAt: plan.startedAt, parts: counts })
}

describe('the rows of the release before', () => {
  test('are restored, and are what this release works with', async () => {
    const world = await makeWorld()
    const { broker, settled } = world.recovering
    await withoutBackups(world)
    await loseTables(world)
    await keep(world)

    const { added, fileTransfers, notWhole } = done((await restored(world)).result)

    expect([Object.values(added).reduce((sum, count) => sum + count), fileTransfers, notWhole]).toEqual([
      lines.length,
      1,
      [],
    ])
    const seen = done(await broker.getFileTransferDetails(callerFor(sender), transferId))
    expect(seen).toMatchObject({ transfer: { fileName: 'søknad æøå.pdf', status: 'Published' } })
    expect(done(await broker.searchFileTransfers(callerFor(ola), { resourceId }, undefined)).ids).toEqual([transferId])
    const events = done(await broker.getFileTransferEvents(callerFor(kari), transferId))
    expect(events.map(({ last }) => last?.status)).toEqual(['Delivered', 'Delivered'])
    expect(done(await broker.getResource(callerFor(owner), resourceId))).toMatchObject({ id: resourceId })
    expect(done(await broker.getServiceOwner(callerFor(organization('974760673'))))).toMatchObject({
      name: 'Eier med navnet i en kolonne',
    })
    world.advance(31 * 86_400)
    await broker.expireDue()
    await world.pump.empty(broker, settled)
    expect((await world.stores.transfers.read(transferId))?.transfer.status).toBe('Purged')
  })
})
