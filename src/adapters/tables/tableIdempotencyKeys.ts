import type { TableClient } from '@azure/data-tables'
import { z } from 'zod'
import type { IdempotencyKeys } from '../../usecases/ports.js'
import { isConflict, unless } from '../sdkFailure.js'
import { keyPart, readRow } from './rows.js'

const storedEntry = z.object({ fileTransferId: z.string(), requestHash: z.string(), at: z.date(), etag: z.string() })

/** How often a key that others claim at the same moment is read again. */
const TRIES = 5

/** The keys under which organisations have asked for file transfers, a row each. */
export const tableIdempotencyKeys = (table: TableClient): IdempotencyKeys => ({
  async claim(organization, key, entry, expired) {
    const row = { partitionKey: organization, rowKey: keyPart(key), ...entry }
    for (let tries = 0; tries < TRIES; tries++) {
      if (await unless(409, table.createEntity(row))) return entry
      const found = storedEntry.safeParse(await readRow(table, row.partitionKey, row.rowKey)).data
      if (!found) continue
      const { etag, ...earlier } = found
      if (earlier.at >= expired) return earlier
      const isReplaced = await table.updateEntity(row, 'Replace', { etag }).then(
        () => true,
        (error: unknown) => {
          if (isConflict(error)) return false
          throw error
        },
      )
      if (isReplaced) return entry
    }
    throw new Error('An idempotency key is being claimed by others all the time.')
  },
})
