import { odata } from '@azure/data-tables'
import { z } from 'zod'
import type { DeliveryLog, DeliveryRecord, EventDelivery } from '../../usecases/ports/events.js'
import { orConflict, unless } from '../azure/failures.js'
import type { Table } from '../tableService/table.js'
import { groupCommit } from './groupCommit.js'
import { queryRows, readRow, removeRows, retryConflicts } from './rows.js'

// One row for each event that was tried: PK = fileTransferId, RK = organisation + id of the event, so that the events
// of one organisation are a range. Role and type are there for people who read the table.

const lastTry = { tries: z.int(), triedAt: z.date(), answer: z.union([z.int(), z.enum(['NoAnswer', 'UnknownParty'])]) }
const stored: z.ZodType<DeliveryRecord> = z.discriminatedUnion('status', [
  z.object({ status: z.enum(['Delivered', 'GivenUp']), ...lastTry }),
  z.object({ status: z.literal('Waiting'), ...lastTry, nextTryAt: z.date() }),
])

/** How often a conflict with concurrent writers is retried. */
const TRIES = 5

/** The delivery log in a table. */
export const tableDeliveryLog = (table: Table): DeliveryLog => {
  const submit = groupCommit(table)

  const rowOf = async (delivery: EventDelivery) => {
    const { partitionKey, rowKey } = keyOf(delivery)
    const row = await readRow(table, partitionKey, rowKey)
    return row && { last: stored.parse(row), etag: row.etag }
  }

  return {
    async read(delivery) {
      return (await rowOf(delivery))?.last
    },

    async record(delivery, last) {
      const { type, actor, sequence } = delivery.event
      const row = { ...keyOf(delivery), type, role: actor.role, sequence, ...last }
      if (last.status === 'Delivered') return submit([['upsert', row, 'Replace']], { canWait: true })
      await retryConflicts('an entry of the delivery log', TRIES, async () => {
        const earlier = await rowOf(delivery)
        if (earlier?.last.status === 'Delivered') return
        if (!earlier) return (await unless(409, table.createEntity(row))) ?? 'conflict'
        return orConflict(table.updateEntity(row, 'Replace', { etag: earlier.etag }))
      })
    },

    async ofFileTransfer(id, organization) {
      const all = odata`PartitionKey eq ${id}`
      const own = odata` and RowKey ge ${`${organization}-`} and RowKey lt ${`${organization}.`}` // `.` comes after `-`
      const found = new Map<string, DeliveryRecord>()
      for await (const row of queryRows(table, organization ? all + own : all)) {
        found.set(row.rowKey?.slice(ORGANIZATION_LENGTH + 1) ?? '', stored.parse(row))
      }
      return found
    },

    remove: (id) => removeRows(table, id),
  }
}

const ORGANIZATION_LENGTH = 9

const keyOf = ({ id, event }: EventDelivery) => ({
  partitionKey: event.fileTransferId,
  rowKey: `${event.actor.organization}-${id}`,
})
