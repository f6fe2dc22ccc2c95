import { odata } from '@azure/data-tables'
import { z } from 'zod'
import type { SearchActor, SearchProjection, SearchQuery } from '../../domain/projections/search.js'
import type { SearchHead, SearchIndex, SearchPosition } from '../../usecases/ports/search.js'
import { orConflict } from '../azure/failures.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { groupCommit } from './groupCommit.js'
import { keyPart, newestFirst, readRow, retryConflicts, timeKey, timeOfKey, timeOfNewestFirst } from './rows.js'

const storedHead = z.object({
  sequence: z.int(),
  keys: z.string().transform((text) => (text === '' ? [] : text.split(' '))),
  etag: z.string(),
})

type Whose = Pick<SearchProjection, 'actor' | 'fileTransferId'>

/** How often a conflict with concurrent projections is retried. */
const TRIES = 20

/** A head as it was read (`etag`), or as the projection before has left it. */
type Head = SearchHead & { etag?: string }

/**
 * The timelines of every actor in a table, in one to eight partitions for each organisation and resource. For each
 * transfer and role there is a head, with the sequence of the fact that set its current rows, and their keys: head and
 * rows are replaced in one transaction. Nothing is read as long as the rows are those of the state before: a
 * transaction that deletes one of these is refused when another projection came first, since rows that a state has left
 * never come back. So rows only move forward.
 */
export const tableSearchIndex = (table: Table): SearchIndex => {
  const submit = groupCommit(table)

  async function findHead(whose: Whose): Promise<Head | undefined> {
    const row = await readRow(table, partitionOf(whose), headKey(whose))
    return row && storedHead.parse(row)
  }

  return {
    async readHead(projection) {
      const head = await findHead(projection)
      return head && { sequence: head.sequence, keys: head.keys }
    },

    async project(projection, known) {
      await retryConflicts(`the search rows of ${projection.fileTransferId}`, TRIES, async (number) => {
        const isKnown = known && number === 1 && isGuarded(known.replaced, projection)
        const head = isKnown ? headOf(known.replaced) : await findHead(projection)
        if (head && head.sequence >= projection.sequence) return
        return orConflict(submit(actionsOf(projection, head)))
      })
    },

    async remove(whose) {
      const partitionKey = partitionOf(whose)
      await retryConflicts(`the search rows of ${whose.fileTransferId}`, TRIES, async () => {
        const head = await findHead(whose)
        if (!head) return
        // When another projection came first, a row that the head named is gone, and nothing is deleted.
        return orConflict(submit([headKey(whose), ...head.keys].map((rowKey) => removal(partitionKey, rowKey))))
      })
    },

    async search(query, after, limit) {
      const partitions = Array.from({ length: query.partitions ?? 1 }, (_, partition) => partition)
      const ranges = query.roles.flatMap((role) =>
        partitions.map((partition) => firstKeys(table, query, { role, partition }, after, limit + 1)),
      )
      // The ends of the keys, time and id, sort alike in all of them, and are equal for one transfer: each is kept
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

/** Whether the transaction is refused when the head is another: it creates the head, or deletes one of its rows. */
function isGuarded(replaced: SearchProjection | undefined, projection: SearchProjection): boolean {
  const keys = rowKeys(projection)
  return !replaced || rowKeys(replaced).some((key) => !keys.includes(key))
}

/** The head that this projection has written. */
const headOf = (projection: SearchProjection | undefined): Head | undefined =>
  projection && { sequence: projection.sequence, keys: rowKeys(projection) }

function actionsOf(projection: SearchProjection, before: Head | undefined): Action[] {
  const { fileTransferId, sequence } = projection
  const partitionKey = partitionOf(projection)
  const keys = rowKeys(projection)
  const earlier = before?.keys ?? []
  const head = { partitionKey, rowKey: headKey(projection), sequence, keys: keys.join(' ') }
  const gone = earlier.filter((key) => !keys.includes(key))
  const added = keys.filter((key) => !earlier.includes(key))
  return [
    before ? ['update', head, 'Replace', { etag: before.etag ?? '*' }] : ['create', head],
    ...gone.map((rowKey) => removal(partitionKey, rowKey)),
    ...added.map((rowKey): Action => ['create', { partitionKey, rowKey, fileTransferId }]),
  ]
}

const removal = (partitionKey: string, rowKey: string): Action => ['delete', { partitionKey, rowKey }]

/** The first one of a party and resource has no number, as all had in 0.1.0. */
const partitionOf = ({ actor: { organization, resourceId, partition } }: Pick<SearchProjection, 'actor'>) =>
  [organization, keyPart(resourceId), ...(partition ? [partition] : [])].join(':')

const headKey = ({ actor, fileTransferId }: Whose) => `head:${actor.role}:${fileTransferId}`

/** The ends (time and id) of the first keys of a role's range in a partition, in one call if the service answers with one page. */
async function firstKeys(
  table: Table,
  query: SearchQuery,
  { role, partition }: { role: SearchActor['role']; partition: number },
  after: SearchPosition | undefined,
  count: number,
): Promise<string[]> {
  const { organization, resourceId, status = '*', recipientStatus = '*', order, from, to } = query
  const partitionKey = partitionOf({ actor: { organization, resourceId, role, partition } })
  const prefix = `${role}:${order}:${status}:${recipientStatus}:`
  const [first, last] = order === 'newest' ? [to, from] : [from, to]
  const low = after
    ? `${prefix}${endOf(order, after)}~`
    : prefix + (first ? timeIn(order, first.at) + (first.isInclusive ? '' : '~') : '')
  const high = prefix + (last ? timeIn(order, last.at) + (last.isInclusive ? '~' : '') : '~')
  const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${low} and RowKey lt ${high}`
  const ends: string[] = []
  for await (const page of table.listPages({ filter, select: ['RowKey'], pageSize: count })) {
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
