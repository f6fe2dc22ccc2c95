import { z } from 'zod'
import type { NightlyRuns } from '../../usecases/ports/operating.js'
import { orConflict, unless } from '../azure/failures.js'
import type { Table } from '../tableService/table.js'
import { missingEtag, readRow } from './rows.js'

const ONLY = 'state'

const storedRun = z.object({ doneAt: z.date(), heldUntil: z.date().exactOptional() })

/** When nightly tasks ran, a row each. */
export const tableNightlyRuns = (table: Table): NightlyRuns => ({
  async read(task) {
    const row = await readRow(table, task, ONLY)
    return row && { run: storedRun.parse(row), version: row.etag }
  },

  async save(task, run, replaced) {
    const row = { partitionKey: task, rowKey: ONLY, ...run }
    const saved = replaced
      ? await orConflict(table.updateEntity(row, 'Replace', { etag: replaced }))
      : ((await unless(409, table.createEntity(row))) ?? 'conflict') // 404 would mean that there is no table
    return saved === 'conflict' ? saved : (saved.etag ?? missingEtag(task))
  },
})
