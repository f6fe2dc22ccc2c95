import { odata } from '@azure/data-tables'
import { z } from 'zod'
import type { SearchActor, SearchProjection, SearchQuery } from '../../domain/projections/search.js'
import type { SearchHead, SearchIndex, SearchPosition } from '../../usecases/ports/search.js'
import { orConflict } from '../azure/failures.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { groupCommit } from './groupCommit.js'
import { keyPart, newestFirst, queryRows, retryConflicts, timeKey, timeOfKey, timeOfNewestFirst } from './rows.js'

const storedHead = z.object({
  rowKey: z.string(),
  sequence: z.int(),
  keys: z.string().transform((text) => (text === '' ? [] : text.split(' '))),
  etag: z.string(),
})

type Whose = Pick<SearchProjection, 'actor' | 'fileTransferId'>

/** How often a conflict with concurrent projections is retried. */
const TRIES = 20

type Head = SearchHead & {
  /** How a transaction removes it; it is refused when another projection came first. */
  rowKey: string
  /** In place of which the next one is written, when its key has no sequence: in rows of versions before 0.2.0. */
  etag?: string
}

/**
 * The timelines of every actor in a table, a partition for each organisation and resource. For each transfer and role
 * there is a head, with the keys of its current rows. Its own key has the sequence of the fact that set them: head and
 * rows are replaced in one transaction, which is refused when the head has been replaced already. So rows only move
 * forward, and nothing is read as long as they are those of the state before.
 */
export const tableSearchIndex = (table: Table): SearchIndex => {
  const submit = groupCommit(table)

  /** The newest first: there may be two while instances of an earlier version write theirs. */
  const findHeads = async (whose: Whose): Promise<Head[]> => {
    const prefix = headPrefix(whose)
    const isHead = odata`PartitionKey eq ${partitionOf(whose)} and RowKey ge ${prefix} and RowKey lt ${`${prefix};`}`
    const heads = (await Array.fromAsync(queryRows(table, isHead))).map((row): Head => {
      const { rowKey, sequence, keys, etag } = storedHead.parse(row)
      return { rowKey, sequence, keys, ...(rowKey === prefix && { etag }) }
    })
    return heads.toSorted((one, other) => other.sequence - one.sequence)
  }

  return {
    async readHead(projection) {
      const [head] = await findHeads(projection)
      return head && { sequence: head.sequence, keys: head.keys }
    },

    async project(projection, known) {
      await retryConflicts(`the search rows of ${projection.fileTransferId}`, TRIES, async (number) => {
        const [head, ...others] = known && number === 1 ? headsOf(known.replaced) : await findHeads(projection)
        if (head && head.sequence >= projection.sequence) return
        return orConflict(submit(actionsOf(projection, head, others)))
      })
    },

    async remove(whose) {
      const partitionKey = partitionOf(whose)
      await retryConflicts(`the search rows of ${whose.fileTransferId}`, TRIES, async () => {
        const deleted = (await findHeads(whose)).flatMap(({ rowKey, keys }) => [rowKey, ...keys])
        // When another projection came first, a row that the head named is gone, and nothing is deleted.
        return orConflict(submit(deleted.map((rowKey) => removal(partitionKey, rowKey))))
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

/** The head that this projection has written. */
const headsOf = (projection: SearchProjection | undefined): Head[] =>
  projection ? [{ rowKey: headKey(projection), sequence: projection.sequence, keys: rowKeys(projection) }] : []

function actionsOf(projection: SearchProjection, before: Head | undefined, others: Head[]): Action[] {
  const { fileTransferId, sequence } = projection
  const partitionKey = partitionOf(projection)
  const keys = rowKeys(projection)
  const earlier = [before, ...others].flatMap((head) => head?.keys ?? [])
  const head = { partitionKey, rowKey: headKey(projection), sequence, keys: keys.join(' ') }
  const gone = earlier.filter((key) => !keys.includes(key))
  const added = keys.filter((key) => !earlier.includes(key))
  const heads: Action[] =
    before?.etag === undefined
      ? [...(before ? [removal(partitionKey, before.rowKey)] : []), ['create', head]]
      : [['update', { ...head, rowKey: before.rowKey }, 'Replace', { etag: before.etag }]]
  return [
    ...heads,
    ...others.map(({ rowKey }) => removal(partitionKey, rowKey)),
    ...gone.map((rowKey) => removal(partitionKey, rowKey)),
    ...added.map((rowKey): Action => ['create', { partitionKey, rowKey, fileTransferId }]),
  ]
}

const removal = (partitionKey: string, rowKey: string): Action => ['delete', { partitionKey, rowKey }]

const partitionOf = ({ actor }: Pick<SearchProjection, 'actor'>) => `${actor.organization}:${keyPart(actor.resourceId)}`

const headPrefix = ({ actor, fileTransferId }: Whose) => `head:${actor.role}:${fileTransferId}`
const headKey = (projection: SearchProjection) => `${headPrefix(projection)}:${projection.sequence}`

/** The ends (time and id) of the first keys of one role's range, in one call if the service answers with one page. */
async function firstKeys(
  table: Table,
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
