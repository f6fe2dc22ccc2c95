import type { TableRequest } from './connection.js'

export type Key = { partitionKey: string; rowKey: string }
/** What is written: strings, numbers, booleans and Dates; an undefined column is not written. */
export type NewRow = Key & Record<string, unknown>
/** What is read. Keys are missing where a query has not selected them. */
export type Row = { etag: string; partitionKey?: string; rowKey?: string; [column: string]: unknown }

/** Merge keeps the columns that are not given, Replace drops them. */
export type Mode = 'Merge' | 'Replace'
/** Without an ETag the row is changed, or deleted, whatever it is. */
export type Condition = { etag: string }

/** A change of one row, by itself or in a transaction. */
export type Action =
  | ['create', NewRow]
  | ['update', NewRow, Mode, (Condition | undefined)?]
  | ['upsert', NewRow, Mode]
  | ['delete', Key, (Condition | undefined)?]

const METHODS = { Merge: 'PATCH', Replace: 'PUT' } as const
// The headers of each operation are those of the SDK.
/** With the types of times. Columns without a type are texts, numbers and booleans. */
export const READ = { Accept: 'application/json;odata=minimalmetadata' }
const CREATE = { ...READ, 'Content-Type': 'application/json;odata=nometadata', Prefer: 'return-no-content' }
const WRITE = { Accept: 'application/json', 'Content-Type': 'application/json' }

/** The request that makes a change. */
export function requestOf(table: string, action: Action): TableRequest {
  switch (action[0]) {
    case 'create':
      return { method: 'POST', table, path: `/${table}`, headers: CREATE, body: bodyOf(action[1]) }
    case 'update': {
      const [, row, mode, { etag } = { etag: '*' }] = action
      const headers = { ...WRITE, 'If-Match': etag }
      return { method: METHODS[mode], table, path: rowPath(table, row), headers, body: bodyOf(row) }
    }
    case 'upsert': {
      const [, row, mode] = action
      return { method: METHODS[mode], table, path: rowPath(table, row), headers: WRITE, body: bodyOf(row) }
    }
    case 'delete': {
      const [, key, { etag } = { etag: '*' }] = action
      return { method: 'DELETE', table, path: rowPath(table, key), headers: { ...READ, 'If-Match': etag } }
    }
  }
}

/** The path of a row. */
export const rowPath = (table: string, { partitionKey, rowKey }: Key): string =>
  `/${table}(PartitionKey='${literal(partitionKey)}',RowKey='${literal(rowKey)}')`

const literal = (key: string) => encodeURIComponent(key.replaceAll("'", "''"))

const NAMES = new Map([
  ['PartitionKey', 'partitionKey'],
  ['RowKey', 'rowKey'],
  ['Timestamp', 'timestamp'],
  ['odata.etag', 'etag'],
])
const TYPE = '@odata.type'

function bodyOf({ partitionKey, rowKey, ...columns }: NewRow): string {
  const entity: Record<string, unknown> = { PartitionKey: partitionKey, RowKey: rowKey }
  for (const [name, value] of Object.entries(columns)) {
    entity[name] = value
    if (value instanceof Date) entity[name + TYPE] = 'Edm.DateTime'
  }
  // In a transaction these two would be read as ends of lines.
  return JSON.stringify(entity).replace(/[\u2028\u2029]/g, (each) => `\\u${each.charCodeAt(0).toString(16)}`)
}

/** A row in an answer. Times are Dates; 64-bit numbers, GUIDs and bytes, which no row of ours has, are texts. */
export function rowOf(entity: Record<string, unknown>): Row {
  const row: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(entity)) {
    if (name.endsWith(TYPE)) continue
    row[NAMES.get(name) ?? name] = entity[name + TYPE] === 'Edm.DateTime' ? new Date(String(value)) : value
  }
  return row as Row
}
