import { BrokerProblem } from '../../../../typescript/src/calls/problem.js'
import type { BrokerClient, FileTransferSummary, ListSearch } from '../../../../typescript/src/index.js'

/** The calls of one look: at most this many file transfers each. */
const CALL_ROWS = 100

/** File transfers of several resources as one list, newest first, read when they are needed. */
export type Reading = {
  /** Undefined at the end. */
  next(): Promise<FileTransferSummary | undefined>
  /** Whether there is another one. Knowing it costs no call. */
  isMore(): boolean
}

/** The unread rest of one resource. */
type Rest = { search: ListSearch; rows: FileTransferSummary[]; isRead: boolean }

/** Reads the results of the searches. `onRows` gets those of each call before any of them is returned. */
export function readingOf(
  broker: BrokerClient,
  searches: ListSearch[],
  { onRows, signal }: { onRows(rows: FileTransferSummary[]): Promise<void>; signal: AbortSignal },
): Reading {
  const rests: Rest[] = searches.map((search) => ({ search, rows: [], isRead: false }))
  const refusals: BrokerProblem[] = []

  const fill = async (rest: Rest) => {
    const found = await broker.listFileTransfers({ ...rest.search, limit: CALL_ROWS }, { signal }).catch(refused)
    rest.rows = found.fileTransfers
    rest.isRead = found.continuation === undefined
    if (found.continuation) rest.search = { ...rest.search, continuation: found.continuation }
    await onRows(rest.rows)
  }
  /** One of several resources that the organisation may not use leaves the others. @throws when it may use none. */
  const refused = (error: unknown): { fileTransfers: FileTransferSummary[]; continuation?: undefined } => {
    if (!(error instanceof BrokerProblem) || ![401, 403].includes(error.status)) throw error
    refusals.push(error)
    if (refusals.length === searches.length) throw error
    return { fileTransfers: [] }
  }

  return {
    async next() {
      for (let due = rests.filter(isDue); due.length > 0; due = rests.filter(isDue)) await Promise.all(due.map(fill))
      const [newest] = rests.filter(({ rows }) => rows.length > 0).sort((a, b) => createdAt(b) - createdAt(a))
      return newest?.rows.shift()
    },
    isMore: () => rests.some(({ rows, isRead }) => rows.length > 0 || !isRead),
  }
}

const isDue = ({ rows, isRead }: Rest) => rows.length === 0 && !isRead
const createdAt = ({ rows: [first] }: Rest) => Date.parse(first?.created ?? '')
