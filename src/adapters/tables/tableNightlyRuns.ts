import type { TableClient } from '@azure/data-tables'
import { z } from 'zod'
import type { NightlyRuns } from '../../usecases/ports/operating.js'
import { isConflict, statusOf } from '../azure/failures.js'
import { readRow } from './rows.js'

const ONLY = 'state'

const storedRun = z.object({ doneAt: z.date(), heldUntil: z.date().exactOptional() })

/** When nightly tasks ran, a row each. */
export const tableNightlyRuns = (table: TableClient): NightlyRuns => ({
  async read(task) {
    const row = await readRow(table, task, ONLY)
    return row && { run: storedRun.parse(row), version: row.etag }
  },

  async save(task, run, replaced) {
    const row = { partitionKey: task, rowKey: ONLY, ...run }
    const saving = replaced ? table.updateEntity(row, 'Replace', { etag: replaced }) : table.createEntity(row)
    return saving.then(
      ({ etag }) => {
        if (etag === undefined) throw new Error('The table answered without the ETag of a row.')
        return etag
      },
      (error: unknown) => {
        // When nothing is replaced, a 404 means that there is no table.
        if (replaced ? isConflict(error) : statusOf(error) === 409) return 'conflict'
        throw error
      },
    )
  },
})
