import type { TableClient } from '@azure/data-tables'
import { z } from 'zod'
import type { Outbox, OutboxEntry } from '../../usecases/ports/outbox.js'
import type { Log } from '../../usecases/ports/telemetry.js'
import { unless } from '../azure/failures.js'
import { queryRows } from './rows.js'

const SHARDS = 8

const storedMark = z.object({ changeId: z.string(), fileTransferId: z.string(), first: z.int(), since: z.date() })

/** The marks of changes under way in a table, which is as good as empty but for what has been cut off. */
export const tableOutbox = (table: TableClient, now: () => Date, log: Log = () => {}): Outbox => ({
  async add(mark) {
    // Not refused when it is there: a try whose answer was lost is made again.
    await table.upsertEntity({ ...keyOf(mark), ...mark, since: now() }, 'Replace')
  },

  async remove(mark) {
    const { partitionKey, rowKey } = keyOf(mark)
    await unless(404, table.deleteEntity(partitionKey, rowKey))
  },

  async *all() {
    for await (const row of queryRows(table, '')) {
      const mark = storedMark.safeParse(row).data
      if (mark) yield mark
      else log('outbox.unreadable', { partitionKey: row.partitionKey, rowKey: row.rowKey })
    }
  },
})

const keyOf = ({ fileTransferId, changeId }: OutboxEntry) => ({
  partitionKey: String(Number.parseInt(fileTransferId.slice(0, 2), 16) % SHARDS),
  rowKey: `${fileTransferId}-${changeId}`,
})
