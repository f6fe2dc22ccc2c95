import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fixedWidth, timeKey } from '../../src/adapters/tables/rows.js'
import { tablePending } from '../../src/adapters/tables/tablePending.js'
import type { Deadline } from '../../src/domain/fileTransfer/state.js'
import { azuriteTables } from '../support/azurite.js'
import { all, at, later } from '../support/samples.js'

const makeTable = azuriteTables()

/** Rows as instances of version 0.1.0 write them while this version is rolled out: see test/samples/0.1.0. */
async function oldRows() {
  const [due, before020] = await Promise.all([makeTable(), makeTable()])
  const id = randomUUID()
  const shard = Number.parseInt(id.slice(0, 2), 16) % 8
  const deadline: Deadline = { kind: 'expire', at: later(-7200), sequence: 1 }
  const hour = fixedWidth(Math.floor(deadline.at.getTime() / 3_600_000), 10)
  await due.createEntity({
    partitionKey: `${hour}-${shard}`,
    rowKey: `${timeKey(deadline.at)}-${id}-expire-1`,
    fileTransferId: id,
    ...deadline,
    tries: 0,
    since: at,
    notBefore: deadline.at,
  })
  const entry = { changeId: randomUUID(), fileTransferId: id, first: 1 }
  await before020.createEntity({
    partitionKey: String(shard),
    rowKey: `${id}-${entry.changeId}`,
    ...entry,
    since: at,
  })
  return { ...tablePending({ due, before020 }, () => at), tables: [due, before020], id, deadline, entry }
}

describe('rows of version 0.1.0', () => {
  test('are read beside those of today', async () => {
    const { outbox, due, id, deadline, entry } = await oldRows()
    const today = { changeId: randomUUID(), fileTransferId: id, first: 2 }
    await outbox.add(today, [{ ...deadline, sequence: 2 }])

    expect(await all(outbox.all())).toEqual([
      { ...entry, since: at },
      { ...today, since: at },
    ])
    expect((await all(due.dueBy(at))).map(({ sequence }) => sequence)).toEqual([1, 2])
  })

  test('are due again later, one try further', async () => {
    const { due } = await oldRows()
    const [row] = await all(due.dueBy(at))

    if (row) await due.scheduleRetry(row, later(60))

    expect(await all(due.dueBy(later(59)))).toEqual([])
    expect(await all(due.dueBy(later(60)))).toEqual([{ ...row, tries: 1 }])
  })

  test('are removed when they are done with', async () => {
    const { outbox, due, tables, id, deadline, entry } = await oldRows()

    await outbox.remove(entry, [])
    await due.replace(id, [deadline], [])

    for (const table of tables) expect(await all(table.sdk.listEntities())).toEqual([])
  })

  test('are removed with the change that ends them', async () => {
    const { outbox, tables, deadline, entry } = await oldRows()

    await outbox.remove(entry, [deadline])

    for (const table of tables) expect(await all(table.sdk.listEntities())).toEqual([])
  })
})
