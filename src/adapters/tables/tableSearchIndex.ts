import type { TableClient, TransactionAction } from '@azure/data-tables'
import { z } from 'zod'
import type { SearchProjection } from '../../domain/searchRows.js'
import type { SearchHead, SearchIndex } from '../../usecases/ports.js'
import { isConflict } from '../sdkFailure.js'
import { keyPart, newestFirst, readRow, timeKey } from './rows.js'

const storedHead = z.object({
  sequence: z.int(),
  keys: z.string().transform((text) => text.split(' ')),
  etag: z.string(),
})

/** How often a head that others move at the same moment is read again. */
const TRIES = 20

/**
 * The timelines of every actor in a table, a partition for each organisation and resource. For each transfer and role there is a head, with
 * the keys of its rows now in force; head and rows are replaced as one under the head's ETag, so that rows only move forward.
 */
export const tableSearchIndex = (table: TableClient): SearchIndex => {
  const readHead = async (projection: SearchProjection): Promise<SearchHead> => {
    const row = await readRow(table, partitionOf(projection), headKey(projection))
    if (!row) return undefined
    const { sequence, keys, etag } = storedHead.parse(row)
    return { sequence, keys, version: etag }
  }

  return {
    readHead,

    async project(projection, known) {
      let head = known ? known.read : await readHead(projection)
      for (let tries = 0; tries < TRIES; tries++) {
        if (head && head.sequence >= projection.sequence) return
        try {
          await table.submitTransaction(actionsOf(projection, head))
          return
        } catch (error) {
          if (!isConflict(error)) throw error
          head = await readHead(projection)
        }
      }
      throw new Error(`The search rows of ${projection.fileTransferId} are moved by others all the time.`)
    },
  }
}

function actionsOf(projection: SearchProjection, head: SearchHead): TransactionAction[] {
  const { fileTransferId, sequence } = projection
  const partitionKey = partitionOf(projection)
  const keys = rowKeys(projection)
  const before = head?.keys ?? []
  const headRow = { partitionKey, rowKey: headKey(projection), sequence, keys: keys.join(' ') }
  const gone = before.filter((key) => !keys.includes(key))
  const added = keys.filter((key) => !before.includes(key))
  return [
    head ? ['update', headRow, 'Replace', { etag: head.version }] : ['create', headRow],
    ...gone.map((rowKey): TransactionAction => ['delete', { partitionKey, rowKey }]),
    ...added.map((rowKey): TransactionAction => ['create', { partitionKey, rowKey, fileTransferId }]),
  ]
}

const partitionOf = ({ actor }: SearchProjection) => `${actor.organization}:${keyPart(actor.resourceId)}`

const headKey = ({ actor, fileTransferId }: SearchProjection) => `head:${actor.role}:${fileTransferId}`

/** Each timeline twice, newest and oldest first: `role:order:status:recipientStatus:time:id`, an asterisk where any status will do. */
function rowKeys({ actor, fileTransferId, timelines }: SearchProjection): string[] {
  return timelines.flatMap(({ status = '*', recipientStatus = '*', at }) => [
    [actor.role, 'newest', status, recipientStatus, newestFirst(at), fileTransferId].join(':'),
    [actor.role, 'oldest', status, recipientStatus, timeKey(at), fileTransferId].join(':'),
  ])
}
