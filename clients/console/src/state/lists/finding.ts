import type { FileTransferSummary } from '../../../../typescript/src/index.js'
import type { Matching } from './matching.js'
import type { Reading } from './reading.js'

/** What a list has found so far. */
export type Found = {
  rows: FileTransferSummary[]
  /** How many file transfers it has looked at, and when the last of them was created. */
  searched: number
  searchedTo: string | undefined
  /** Whether there are others that it has not looked at. */
  isMore: boolean
}

/** Rows are reported at least this often. */
const REPORTED_ROWS = 20

/** Reads on until so many rows match, or so many were looked at. */
export async function find(
  reading: Reading,
  matches: Matching,
  limits: { rows: number; searched: number },
  onProgress: (found: Found) => void,
): Promise<Found> {
  const found: Found = { rows: [], searched: 0, searchedTo: undefined, isMore: true }
  while (found.rows.length < limits.rows && found.searched < limits.searched) {
    const summary = await reading.next()
    if (!summary) break
    if (await matches(summary)) found.rows.push(summary)
    found.searched += 1
    found.searchedTo = summary.created
    if (found.searched % REPORTED_ROWS === 0) onProgress({ ...found, rows: [...found.rows] })
  }
  return { ...found, isMore: reading.isMore() }
}
