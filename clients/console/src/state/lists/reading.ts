import { BrokerProblem } from '../../../../typescript/src/calls/problem.js'
import type { BrokerClient, FileTransferSummary, ListPage, ListSearch } from '../../../../typescript/src/index.js'

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

type Listeners = {
  /** Gets the rows of each call before any of them is returned. */
  onRows(rows: FileTransferSummary[]): Promise<void>
  /** One of several resources may not be used. */
  onRefused(resourceId: string): void
}

/** Reads the results of the searches. */
export function readingOf(
  broker: BrokerClient,
  searches: ListSearch[],
  { onRows, onRefused, signal }: Listeners & { signal: AbortSignal },
): Reading {
  const rests: Rest[] = searches.map((search) => ({ search, rows: [], isRead: false }))
  const refusals: BrokerProblem[] = []

  const fill = async (rest: Rest) => {
    const found = await broker
      .listFileTransfers({ ...rest.search, limit: CALL_ROWS }, { signal })
      .catch(refused(rest.search.resourceId))
    rest.rows = found.fileTransfers
    rest.isRead = found.continuation === undefined
    if (found.continuation) rest.search = { ...rest.search, continuation: found.continuation }
    await onRows(rest.rows)
  }
  /** A resource that the organisation may not use leaves the others. @throws when it may use none. */
  const refused =
    (resourceId: string) =>
    (error: unknown): ListPage => {
      if (!(error instanceof BrokerProblem) || ![401, 403].includes(error.status)) throw error
      refusals.push(error)
      if (refusals.length === searches.length) throw error
      onRefused(resourceId)
      return { fileTransfers: [], continuation: undefined }
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
