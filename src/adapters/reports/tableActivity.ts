import { odata } from '@azure/data-tables'
import { z } from 'zod'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { type Day, dayOf, MILESTONES } from '../../domain/projections/activity.js'
import { EVENT_TYPES } from '../../domain/projections/altinnEvents.js'
import { groupsOf } from '../../lib/groupsOf.js'
import type { ActivityStore, UndeliveredEvent } from '../../usecases/ports/activity.js'
import { unless } from '../azure/failures.js'
import { organization } from '../schemas.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { groupCommit } from '../tables/groupCommit.js'
import { keyPart, MAX_ACTIONS, queryRows } from '../tables/rows.js'

// PK = `{day} {owner} {resource}`, so that a day of an owner is one range, and old days come first; RK = transfer.
// Events that were not delivered: PK = `{day} events {owner}`, RK = `{transfer} {event}`.

const milestone = z.date().exactOptional()
const stored = z.object({
  serviceOwner: organization,
  resourceId: z.string(),
  fileTransferId: z.string(),
  createdAt: z.date(),
  uploadedAt: milestone,
  publishedAt: milestone,
  allConfirmedAt: milestone,
  cancelledAt: milestone,
  failedAt: milestone,
  purgedAt: milestone,
})
const COLUMNS = ['serviceOwner', 'resourceId', 'fileTransferId', 'createdAt', ...MILESTONES]

const storedEvent: z.ZodType<UndeliveredEvent> = z.object({
  eventId: z.string(),
  fileTransferId: z.string(),
  resourceId: z.string(),
  organization,
  type: z.enum(EVENT_TYPES),
  at: z.date(),
})

const eventsOf = (day: Day, owner: OrganizationNumber) => `${day} events ${owner}`
const eventKey = (owner: OrganizationNumber, { at, fileTransferId, eventId }: UndeliveredEvent) => ({
  partitionKey: eventsOf(dayOf(at), owner),
  rowKey: `${fileTransferId} ${eventId}`,
})

/** The activity in a table. */
export const tableActivity = (table: Table): ActivityStore => {
  const submit = groupCommit(table)
  return {
    async record(row) {
      const { serviceOwner, resourceId, fileTransferId, createdAt } = row
      const partitionKey = `${dayOf(createdAt)} ${serviceOwner} ${keyPart(resourceId)}`
      // Each fact has a column of its own: nothing need be read first.
      await submit([['upsert', { partitionKey, rowKey: fileTransferId, ...row }, 'Merge']], { canWait: true })
    },

    async *ofDay(day, owner) {
      const prefix = `${day} ${owner} `
      const range = odata`PartitionKey ge ${prefix} and PartitionKey lt ${`${prefix}~`}`
      for await (const row of queryRows(table, range, COLUMNS)) yield stored.parse(row)
    },

    async addUndelivered(owner, event) {
      await table.upsertEntity({ ...eventKey(owner, event), ...event }, 'Replace')
    },

    async removeUndelivered(owner, event) {
      const { partitionKey, rowKey } = eventKey(owner, event)
      await unless(404, table.deleteEntity(partitionKey, rowKey))
    },

    async *undeliveredOf(day, owner) {
      const rows = queryRows(table, odata`PartitionKey eq ${eventsOf(day, owner)}`)
      for await (const row of rows) yield storedEvent.parse(row)
    },

    async removeBefore(day, limit) {
      let removed = 0
      for await (const page of table.listPages({
        filter: odata`PartitionKey lt ${day}`,
        select: ['PartitionKey', 'RowKey'],
      })) {
        const rows = page.slice(0, limit - removed)
        for (const [partitionKey = '', own] of Map.groupBy(rows, (row) => row.partitionKey)) {
          for (const some of groupsOf(own, MAX_ACTIONS)) {
            await table.submitTransaction(some.map(({ rowKey = '' }): Action => ['delete', { partitionKey, rowKey }]))
          }
        }
        removed += rows.length
        if (removed >= limit) break
      }
      return removed
    },
  }
}
