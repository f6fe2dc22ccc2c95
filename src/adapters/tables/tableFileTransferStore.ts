import { odata } from '@azure/data-tables'
import type { FileTransfer } from '../../domain/fileTransfer/state.js'
import type { FileTransferStore } from '../../usecases/ports/fileTransfers.js'
import { orConflict } from '../azure/failures.js'
import type { Action } from '../tableService/operations.js'
import type { Table } from '../tableService/table.js'
import { storedFact, storedFileTransfer } from './fileTransferRow.js'
import { fixedWidth, fromJsonColumns, jsonColumns, missingEtag, queryRows, readRow } from './rows.js'

/** The row key of the state. */
export const STATE = 'state'
/** The row key of a fact. It sorts before `state`, so that facts and state are one range of the partition. */
export const factKey = (sequence: number) => `event-${fixedWidth(sequence, 8)}`

/** File transfers in a table: one partition each, with the state and every fact, written in one transaction. */
export const tableFileTransferStore = (table: Table): FileTransferStore => ({
  async read(id) {
    const row = await readRow(table, id, STATE)
    return row && { transfer: stateOf(row), version: row.etag }
  },

  async readFacts(id, first) {
    const filter = odata`PartitionKey eq ${id} and RowKey ge ${factKey(first)} and RowKey le ${STATE}`
    const rows = await Array.fromAsync(queryRows(table, filter))
    const state = rows.find(({ rowKey }) => rowKey === STATE)
    if (!state) return undefined
    const facts = rows.flatMap((row) => (row === state ? [] : [recorded(row)]))
    return { transfer: stateOf(state), facts }
  },

  async readThese(id, sequences) {
    const [first, last] = [factKey(Math.min(...sequences)), factKey(Math.max(...sequences))]
    const filter = odata`PartitionKey eq ${id} and RowKey ge ${first} and RowKey le ${last}`
    const [state, rows] = await Promise.all([readRow(table, id, STATE), Array.fromAsync(queryRows(table, filter))])
    const facts = rows.map(recorded).filter(({ sequence }) => sequences.includes(sequence))
    return state && facts.length === sequences.length ? { transfer: stateOf(state), facts } : undefined
  },

  async *facts(id) {
    const filter = odata`PartitionKey eq ${id} and RowKey ge ${factKey(1)} and RowKey lt ${STATE}`
    for await (const row of queryRows(table, filter)) yield recorded(row)
  },

  async commit(next, facts, changeId, replaced) {
    const first = next.sequence - facts.length + 1
    const state = { partitionKey: next.id, rowKey: STATE, ...readableColumns(next), ...jsonColumns(next) }
    const actions: Action[] = [
      replaced === undefined ? ['create', state] : ['update', state, 'Replace', { etag: replaced }],
      ...facts.map((fact, index): Action => {
        const key = { partitionKey: next.id, rowKey: factKey(first + index) }
        return ['create', { ...key, changeId, type: fact.type, at: fact.at, ...jsonColumns(fact) }]
      }),
    ]
    const answer = await orConflict(table.submitTransaction(actions))
    if (answer === 'conflict') return answer
    return answer[0]?.etag ?? missingEtag(next.id) // in the order of the actions
  },

  async changeIdAt(id, sequence) {
    const row = await readRow(table, id, factKey(sequence))
    return row && String(row.changeId)
  },
})

/** For people who read the table, and for maintenance. */
const readableColumns = ({ status, resourceId, sender, sequence, createdAt }: FileTransfer) => ({
  status,
  resourceId,
  sender,
  sequence,
  createdAt,
})

/** The transfer in a row with the key `STATE`. */
export const stateOf = (row: Record<string, unknown>) => storedFileTransfer.parse(fromJsonColumns(row))

/** The fact in a row with a `factKey`. */
export const recorded = (row: { rowKey?: string; changeId?: unknown }) => ({
  sequence: Number(row.rowKey?.slice('event-'.length)),
  changeId: String(row.changeId),
  fact: storedFact.parse(fromJsonColumns(row as Record<string, unknown>)),
})
