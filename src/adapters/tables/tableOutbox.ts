import type { TableClient } from '@azure/data-tables'
import { z } from 'zod'
import type { Outbox, OutboxEntry } from '../../usecases/ports/outbox.js'
import type { Log } from '../../usecases/ports/telemetry.js'
import { unless } from '../azure/failures.js'
import { queryRows } from './rows.js'

const SHARDS = 8

const storedEntry = z.object({ changeId: z.string(), fileTransferId: z.string(), first: z.int(), since: z.date() })

/** The outbox in a table, which is almost empty but for changes that were interrupted. */
export const tableOutbox = (table: TableClient, now: () => Date, log: Log = () => {}): Outbox => ({
  async add(entry) {
    // An upsert, since a try whose answer was lost is repeated.
    await table.upsertEntity({ ...keyOf(entry), ...entry, since: now() }, 'Replace')
  },

  async remove(entry) {
    const { partitionKey, rowKey } = keyOf(entry)
    await unless(404, table.deleteEntity(partitionKey, rowKey))
  },

  async *all() {
    for await (const row of queryRows(table, '')) {
      const entry = storedEntry.safeParse(row).data
      if (entry) yield entry
      else log('outbox.unreadable', { partitionKey: row.partitionKey, rowKey: row.rowKey })
    }
  },
})

const keyOf = ({ fileTransferId, changeId }: OutboxEntry) => ({
  partitionKey: String(Number.parseInt(fileTransferId.slice(0, 2), 16) % SHARDS),
  rowKey: `${fileTransferId}-${changeId}`,
})
