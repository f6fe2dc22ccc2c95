import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { isTransient } from '../../../../typescript/src/calls/retry.js'
import { namesOf } from '../names/names.js'
import { page as watched } from '../polling/page.js'
import { poll } from '../polling/poll.js'
import type { Box } from '../route.js'
import type { Session } from '../session.js'
import { awaitNews } from './awaitNews.js'
import { type Filters, searchOf } from './filters.js'
import { type Found, find } from './finding.js'
import { matchingOf, othersIn } from './matching.js'
import { readingOf } from './reading.js'

/** Rows are counted up to this number. */
const COUNTED_ROWS = 100
/** A search looks at so many file transfers, and then asks whether to go on. */
export const SEARCH_STEP = 400

/** Broker answers 30 of these calls a minute. */
const CALL_MS = 2500
const FIRST_MS = 5000
/** A search with words takes several calls for each resource. */
const SEARCH_MS = 30_000

/** A list while it is read, and after it. Neither `found` nor `error`: nothing is there yet. */
export type Listing = {
  found: Found | undefined
  error: unknown
  isReading: boolean
  /** It has ended before the end, since it has looked at enough. */
  isCutOff: boolean
  refresh(): void
  /** Looks at more file transfers than the step that has ended. */
  searchFurther(): void
  /** Leaves it at what is found so far. */
  stop(): void
}

type State = { key: string; found?: Found; error?: unknown; isReading: boolean }

/** The rows that fit the filters, from the first page to the wanted one, refreshed while the page is visible. */
export function useListing(
  session: Session,
  { box, filters, resources }: { box: Box; filters: Filters; resources: string[] },
  onRefresh: (before: Found, now: Found) => void,
): Listing {
  const { page, size, ...rest } = filters
  const key = JSON.stringify([box, rest, resources])
  const wantedRows = Math.max(COUNTED_ROWS, page * size)
  const [round, setRound] = useState(0)
  const [limit, setLimit] = useState({ key, searched: SEARCH_STEP })
  const searched = limit.key === key ? limit.searched : SEARCH_STEP
  const [state, setState] = useState<State>({ key, isReading: true })
  const listener = useRef(onRefresh)
  listener.current = onRefresh

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    let before: Found | undefined
    // They are not asked again until the list is another.
    const refused = new Set<string>()
    const show = (next: Omit<State, 'key'>) => {
      if (!signal.aborted)
        setState((last) => ({ key, ...(last.key === key && { found: last.found }), ...next }) as State)
    }
    /** While it is read for the first time, what was found before stays if it is more. */
    const showProgress = (found: Found) => {
      if (before || signal.aborted) return
      setState((last) => {
        const isLess = last.key === key && last.found && last.found.searched >= found.searched
        return isLess ? last : { key, found, isReading: true }
      })
    }
    const look = async () => {
      if (!before) show({ isReading: true, error: undefined })
      try {
        const found = await read(
          session,
          { box, filters, resources, refused, wantedRows, searched },
          showProgress,
          signal,
        )
        if (before) listener.current(before, found)
        const isSame = JSON.stringify(before?.rows) === JSON.stringify(found.rows)
        before = found
        show({ found, isReading: false, error: undefined })
        return isSame ? 'same' : 'changed'
      } catch (error) {
        if (signal.aborted) throw error
        show({ error, isReading: false })
        return isTransient(error) ? 'same' : 'ended'
      }
    }
    poll(look, {
      firstMs: filters.text ? SEARCH_MS : Math.max(FIRST_MS, resources.length * CALL_MS),
      page: watched,
      signal,
      awaitChange: box === 'inbox' ? awaitNews(session.broker) : undefined,
    }).catch(() => undefined)
    return () => stop.abort()
  }, [session, key, wantedRows, searched, round])

  const { found, error, isReading } =
    state.key === key ? state : { found: undefined, error: undefined, isReading: true }
  return {
    found,
    error,
    isReading,
    isCutOff: found !== undefined && !isReading && found.isMore && found.searched >= searched,
    refresh: useCallback(() => setRound((last) => last + 1), []),
    searchFurther: () => setLimit({ key, searched: searched + SEARCH_STEP }),
    stop: () => setLimit({ key, searched: Math.max(found?.searched ?? 0, 1) }),
  }
}

type Wanted = {
  box: Box
  filters: Filters
  resources: string[]
  refused: Set<string>
  wantedRows: number
  searched: number
}

async function read(
  session: Session,
  { box, filters, resources, refused, wantedRows, searched }: Wanted,
  onProgress: (found: Found) => void,
  signal: AbortSignal,
): Promise<Found> {
  const names = namesOf(session)
  const reading = readingOf(
    session.broker,
    resources.filter((id) => !refused.has(id)).map((resourceId) => searchOf(filters, box, resourceId)),
    {
      signal,
      onRefused: (resourceId) => refused.add(resourceId),
      async onRows(rows) {
        if (filters.text) await names.load(rows.flatMap((row) => othersIn(row, box)))
      },
    },
  )
  const matching = matchingOf(filters.text, box, session, signal)
  return find(reading, matching, { rows: wantedRows, searched }, onProgress)
}
