import type { TableAccount, TableResponse } from './connection.js'
import {
  type Action,
  type Condition,
  type Mode,
  type NewRow,
  READ,
  type Row,
  requestOf,
  rowOf,
  rowPath,
} from './operations.js'
import { etagsOf, transactionOf } from './transaction.js'

/** Which rows, which of their columns, and how many rows a page has; all rows, all columns, 1,000 by default. */
export type Query = { filter?: string; select?: string[]; pageSize?: number }
type Written = { etag: string | undefined }

/**
 * A table of Azure Table Storage. A call that the service refuses throws an error with its `statusCode`: 404 when the
 * row is not there, 409 when it is there already, 412 when it was changed since it was read.
 */
export type Table = {
  getEntity(partitionKey: string, rowKey: string): Promise<Row>
  /** A page may have fewer rows than asked for, or none, although more follow. */
  listPages(query?: Query): AsyncGenerator<Row[]>
  createEntity(row: NewRow): Promise<Written>
  updateEntity(row: NewRow, mode: Mode, condition?: Condition): Promise<Written>
  upsertEntity(row: NewRow, mode: Mode): Promise<Written>
  deleteEntity(partitionKey: string, rowKey: string, condition?: Condition): Promise<Written>
  /** Changes rows of one partition, at most 100 and none twice, as one or not at all; answers in the same order. */
  submitTransaction(actions: Action[]): Promise<Written[]>
}

/** A table of this account. */
export function tableOf({ address, send }: TableAccount, name: string): Table {
  async function write(action: Action): Promise<Written> {
    const { headers } = await send(requestOf(name, action))
    return { etag: textOf(headers.etag) }
  }

  return {
    async getEntity(partitionKey, rowKey) {
      const path = rowPath(name, { partitionKey, rowKey })
      return rowOf(parsed(await send({ method: 'GET', table: name, path, headers: READ })))
    },

    async *listPages({ filter, select, pageSize } = {}) {
      let next: Record<string, string | undefined> = {}
      do {
        const query = { $top: pageSize?.toString(), $select: select?.join(','), $filter: filter, ...next }
        const path = `/${name}()${queryString(query)}`
        const answer = await send({ method: 'GET', table: name, path, headers: READ })
        const { headers } = answer
        yield parsed<{ value: Record<string, unknown>[] }>(answer).value.map(rowOf)
        next = {
          NextPartitionKey: textOf(headers['x-ms-continuation-nextpartitionkey']),
          NextRowKey: textOf(headers['x-ms-continuation-nextrowkey']),
        }
      } while (next.NextPartitionKey || next.NextRowKey)
    },

    createEntity: (row) => write(['create', row]),
    updateEntity: (row, mode, condition) => write(['update', row, mode, condition]),
    upsertEntity: (row, mode) => write(['upsert', row, mode]),
    deleteEntity: (partitionKey, rowKey, condition) => write(['delete', { partitionKey, rowKey }, condition]),

    async submitTransaction(actions) {
      const [action, ...more] = actions
      // A single change needs no transaction, which costs more.
      if (action && more.length === 0) return [await write(action)]
      const answer = await send(transactionOf(address, name, actions))
      return etagsOf(answer, actions.length).map((etag) => ({ etag }))
    },
  }
}

/** The JSON of an answer. @throws an outage for another body, which a proxy on the way may have written. */
function parsed<Json = Record<string, unknown>>({ text }: TableResponse): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw Object.assign(new Error('The table service answered without JSON.'), { isUpstream: true })
  }
}

const textOf = (header: string | string[] | undefined) => (typeof header === 'string' ? header : header?.[0])

function queryString(query: Record<string, string | undefined>): string {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    value ? [`${name}=${encodeURIComponent(value)}`] : [],
  )
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}
