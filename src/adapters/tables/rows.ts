import { odata } from '@azure/data-tables'
import { retryOnConflict } from '../../lib/retryOnConflict.js'
import { unless } from '../azure/failures.js'
import type { Action, Row } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'

/** A part of a key: what a table key may not have (`/ \ # ?`), and what separates the parts, is percent-encoded. */
export const keyPart = (text: string): string => encodeURIComponent(text)

// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model: 1 KiB, in UTF-16
/** The most characters of a key. */
export const MAX_KEY_LENGTH = 512

/** A number as a text: texts sort as the numbers do. */
export const fixedWidth = (value: number, digits: number): string => String(value).padStart(digits, '0')

/** A time in milliseconds as a text: texts sort as the times do, for the next 200,000 years. */
export const timeKey = (at: Date): string => fixedWidth(at.getTime(), TIME_DIGITS)
/** The same, newest first. */
export const newestFirst = (at: Date): string => fixedWidth(LATEST - at.getTime(), TIME_DIGITS)

/** The time of such a text. */
export const timeOfKey = (text: string): Date => new Date(Number(text))
/** The time of a text that sorts newest first. */
export const timeOfNewestFirst = (text: string): Date => new Date(LATEST - Number(text))

const TIME_DIGITS = 16
const LATEST = 8_640_000_000_000_000 // ECMA-262 §21.4.1.1: the last time a Date can hold

// A string property holds 64 KiB in UTF-16, that is 32,768 characters.
const COLUMN_LENGTH = 32_000

/** JSON may contain these as they are, but on the way to a table they may be read as ends of lines. */
const escaped = (separator: string) => `\\u${separator.charCodeAt(0).toString(16)}`

/** A value as JSON, in columns `json0 json1 …`. */
export function jsonColumns(value: unknown): Record<string, string> {
  const text = JSON.stringify(value).replace(/[\u2028\u2029]/g, escaped)
  const columns: Record<string, string> = {}
  for (let at = 0, i = 0; at < text.length; i++) {
    let end = at + COLUMN_LENGTH
    if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end-- // a pair of surrogates stays together
    columns[`json${i}`] = text.slice(at, end)
    at = end
  }
  return columns
}

/** What `jsonColumns` has stored. */
export function fromJsonColumns(row: Record<string, unknown>): unknown {
  let text = ''
  for (let i = 0; typeof row[`json${i}`] === 'string'; i++) text += row[`json${i}`]
  return JSON.parse(text)
}

/** The row, or undefined when there is none. */
export async function readRow(table: Table, partitionKey: string, rowKey: string): Promise<Row | undefined> {
  return unless(404, table.getEntity(partitionKey, rowKey))
}

/** All rows of a query, with all columns or these, read page by page. */
export async function* queryRows(table: Table, filter: string, select?: string[]): AsyncGenerator<Row> {
  for await (const page of table.listPages({ filter, ...(select && { select }) })) yield* page
}

// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
/** The most rows of a transaction. */
export const MAX_ACTIONS = 100

/** Removes all rows of a partition. */
export async function removeRows(table: Table, partitionKey: string): Promise<void> {
  const rows = await Array.fromAsync(queryRows(table, odata`PartitionKey eq ${partitionKey}`, ['RowKey']))
  for (let at = 0; at < rows.length; at += MAX_ACTIONS) {
    const some = rows.slice(at, at + MAX_ACTIONS)
    await table.submitTransaction(some.map(({ rowKey = '' }): Action => ['delete', { partitionKey, rowKey }]))
  }
}

/** Reads and writes under an ETag, again after a conflict. @throws when `tries` have met one. */
export async function retryConflicts<Value>(
  what: string,
  tries: number,
  readAndWrite: (number: number) => Promise<Value | 'conflict'>,
): Promise<Value> {
  const outcome = await retryOnConflict(readAndWrite, (attempts) => attempts < tries)
  if (outcome === 'conflict') throw new Error(`There are too many concurrent writers of ${what}.`)
  return outcome
}

/** @throws for an answer without the ETag that the version of a row is. */
export const missingEtag = (what: string): never => {
  throw new Error(`The table answered without the ETag of ${what}.`)
}
