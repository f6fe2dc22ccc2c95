import { odata, type TableClient, type TransactionAction } from '@azure/data-tables'
import { z } from 'zod'
import type { SearchActor, SearchProjection, SearchQuery } from '../../domain/projections/search.js'
import type { SearchHead, SearchIndex, SearchPosition } from '../../usecases/ports/search.js'
import { orConflict } from '../azure/failures.js'
import { keyPart, newestFirst, readRow, retryConflicts, timeKey, timeOfKey, timeOfNewestFirst } from './rows.js'

const storedHead = z.object({
  sequence: z.int(),
  keys: z.string().transform((text) => (text === '' ? [] : text.split(' '))),
  etag: z.string(),
})

/** How often a conflict with concurrent projections is retried. */
const TRIES = 20

/**
 * The timelines of every actor in a table, a partition for each organisation and resource. For each transfer and role
 * there is a head, with the keys of its current rows; head and rows are replaced in one transaction under the head's
 * ETag, so that rows only move forward.
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

    async project(projection, given) {
      await retryConflicts(`the search rows of ${projection.fileTransferId}`, TRIES, async (number) => {
        const head = given && number === 1 ? given.read : await readHead(projection)
        if (head && head.sequence >= projection.sequence) return
        return orConflict(table.submitTransaction(actionsOf(projection, head)))
      })
    },

    async remove(projection) {
      const partitionKey = partitionOf(projection)
      await retryConflicts(`the search rows of ${projection.fileTransferId}`, TRIES, async () => {
        const head = await readHead(projection)
        if (!head) return
        // When another projection came first, a row that the head named is gone, and nothing is deleted.
        const deleted = [headKey(projection), ...head.keys]
        return orConflict(
          table.submitTransaction(deleted.map((rowKey): TransactionAction => ['delete', { partitionKey, rowKey }])),
        )
      })
    },

    async search(query, after, limit) {
      const ranges = query.roles.map((role) => firstKeys(table, query, role, after, limit + 1))
      // The ends of the keys, time and id, sort alike for both roles, and are equal for one transfer: each is kept
      // once.
      const ends = [...new Set((await Promise.all(ranges)).flat())].toSorted().slice(0, limit + 1)
      const page = ends.slice(0, limit).map((end) => positionOf(query, end))
      return {
        ids: page.map(({ fileTransferId }) => fileTransferId),
        next: ends.length > limit ? page.at(-1) : undefined,
      }
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

const partitionOf = ({ actor }: Pick<SearchProjection, 'actor'>) => `${actor.organization}:${keyPart(actor.resourceId)}`

const headKey = ({ actor, fileTransferId }: SearchProjection) => `head:${actor.role}:${fileTransferId}`

/** The ends (time and id) of the first keys of one role's range, in one call if the service answers with one page. */
async function firstKeys(
  table: TableClient,
  query: SearchQuery,
  role: SearchActor['role'],
  after: SearchPosition | undefined,
  count: number,
): Promise<string[]> {
  const { organization, resourceId, status = '*', recipientStatus = '*', order, from, to } = query
  const partition = partitionOf({ actor: { organization, resourceId, role } })
  const prefix = `${role}:${order}:${status}:${recipientStatus}:`
  const [first, last] = order === 'newest' ? [to, from] : [from, to]
  const low = after
    ? `${prefix}${endOf(order, after)}~`
    : prefix + (first ? timeIn(order, first.at) + (first.isInclusive ? '' : '~') : '')
  const high = prefix + (last ? timeIn(order, last.at) + (last.isInclusive ? '~' : '') : '~')
  const filter = odata`PartitionKey eq ${partition} and RowKey ge ${low} and RowKey lt ${high}`
  const rows = table.listEntities({ queryOptions: { filter, select: ['RowKey'] } }).byPage({ maxPageSize: count })
  const ends: string[] = []
  for await (const page of rows) {
    for (const { rowKey = '' } of page) ends.push(rowKey.slice(prefix.length))
    if (ends.length >= count) break
  }
  return ends.slice(0, count)
}

const timeIn = (order: SearchQuery['order'], at: Date) => (order === 'newest' ? newestFirst(at) : timeKey(at))
const endOf = (order: SearchQuery['order'], { at, fileTransferId }: SearchPosition) =>
  `${timeIn(order, at)}:${fileTransferId}`

function positionOf({ order }: SearchQuery, end: string): SearchPosition {
  const [time = '', fileTransferId = ''] = end.split(':')
  return { at: order === 'newest' ? timeOfNewestFirst(time) : timeOfKey(time), fileTransferId }
}

/** Each timeline twice, newest and oldest first: `role:order:status:recipientStatus:time:id`, `*` for any status. */
function rowKeys({ actor, fileTransferId, timelines }: SearchProjection): string[] {
  return timelines.flatMap(({ status = '*', recipientStatus = '*', at }) => [
    [actor.role, 'newest', status, recipientStatus, newestFirst(at), fileTransferId].join(':'),
    [actor.role, 'oldest', status, recipientStatus, timeKey(at), fileTransferId].join(':'),
  ])
}
