import { odata } from '@azure/data-tables'
import { z } from 'zod'
import { sha256 } from '../../lib/sha256.js'
import type { IdempotencyKeys } from '../../usecases/ports/resources.js'
import { orConflict, unless } from '../azure/failures.js'
import type { Table } from '../tableService/table.js'
import { keyPart, MAX_KEY_LENGTH, readRow, retryConflicts } from './rows.js'

const storedEntry = z.object({ fileTransferId: z.string(), requestHash: z.string(), at: z.date(), etag: z.string() })

/** How often a conflict with concurrent claims is retried. */
const TRIES = 5
/** How many keys are removed concurrently. */
const CONCURRENT_REMOVALS = 100

/** A key whose percent-encoded form is too long for a table key is stored as its hash. */
function rowKeyOf(key: string): string {
  const encoded = keyPart(key)
  return encoded.length <= MAX_KEY_LENGTH ? encoded : `sha256:${sha256(key)}`
}

/** The idempotency keys of organisations, a row each. */
export const tableIdempotencyKeys = (table: Table): IdempotencyKeys => ({
  async claim(organization, key, entry, expired) {
    const row = { partitionKey: organization, rowKey: rowKeyOf(key), ...entry }
    return retryConflicts('an idempotency key', TRIES, async () => {
      if (await unless(409, table.createEntity(row))) return entry
      const found = storedEntry.safeParse(await readRow(table, row.partitionKey, row.rowKey)).data
      if (!found) return 'conflict'
      const { etag, ...earlier } = found
      if (earlier.at >= expired) return earlier
      const replaced = await orConflict(table.updateEntity(row, 'Replace', { etag }))
      return replaced === 'conflict' ? replaced : entry
    })
  },

  async removeOlder(than) {
    let removed = 0
    const query = { filter: odata`at lt ${than}`, select: ['PartitionKey', 'RowKey'], pageSize: CONCURRENT_REMOVALS }
    for await (const page of table.listPages(query)) {
      // A key that has been claimed again since it was read stays.
      const deletions = page.map(({ partitionKey = '', rowKey = '', etag }) =>
        unless(404, unless(412, table.deleteEntity(partitionKey, rowKey, { etag }))),
      )
      removed += (await Promise.all(deletions)).filter((deleted) => deleted !== undefined).length
    }
    return removed
  },
})
