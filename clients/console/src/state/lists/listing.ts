import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { undefinedIfNotFound } from '../../../../typescript/src/calls/problem.js'
import type { BrokerClient, FileTransferOverview } from '../../../../typescript/src/index.js'
import type { Box } from '../route.js'
import { type Filters, searchOf } from './filters.js'

export const PAGE_ROWS = 10
/** Results are counted up to this number. */
const MAX_COUNTED = 100
const CONCURRENCY = 4
const REFRESH_MS = 5000

/** One page of a list. */
export type Listed = { rows: FileTransferOverview[]; found: number; isMore: boolean }

/** Neither `listed` nor `error`: it is loading. */
type State = { listed?: Listed; error?: unknown }

/** A page of search results, refreshed while the page is visible. `onRefresh` gets the results before and after. */
export function useListing(
  broker: BrokerClient,
  box: Box,
  filters: Filters,
  onRefresh: (before: Listed, now: Listed) => void,
): State & { refresh(): void } {
  const [round, setRound] = useState(0)
  const query = JSON.stringify([box, filters, round])
  const [loaded, setLoaded] = useState<State & { query: string }>({ query })
  const listener = useRef(onRefresh)
  listener.current = onRefresh

  useEffect(() => {
    const stop = new AbortController()
    let before: Listed | undefined
    let isLoading = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const load = async () => {
      clearTimeout(timer)
      if (isLoading || document.hidden) return
      isLoading = true
      const state = await pageOf(broker, box, filters, stop.signal).then(
        (listed) => ({ listed }),
        (error: unknown) => ({ error, ...(before && { listed: before }) }),
      )
      isLoading = false
      if (stop.signal.aborted) return
      if (before && !('error' in state)) listener.current(before, state.listed)
      before = state.listed
      setLoaded({ query, ...state })
      timer = setTimeout(load, REFRESH_MS)
    }
    void load()
    document.addEventListener('visibilitychange', load)
    return () => {
      stop.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', load)
    }
  }, [broker, query])

  const state = loaded.query === query ? loaded : {}
  return { ...state, refresh: useCallback(() => setRound((last) => last + 1), []) }
}

async function pageOf(broker: BrokerClient, box: Box, filters: Filters, signal: AbortSignal): Promise<Listed> {
  if (!filters.resource) return { rows: [], found: 0, isMore: false }
  const end = filters.page * PAGE_ROWS
  const ids: string[] = []
  let isMore = false
  for await (const id of broker.searchFileTransfers(searchOf(filters, box), { signal })) {
    isMore = ids.length >= Math.max(MAX_COUNTED, end)
    if (isMore) break
    ids.push(id)
  }
  const rows = await overviewsOf(broker, ids.slice(end - PAGE_ROWS, end), signal)
  return { rows, found: ids.length, isMore }
}

/** The overviews in the order of the ids, a few requests at a time, without file transfers that are gone meanwhile. */
async function overviewsOf(broker: BrokerClient, ids: string[], signal: AbortSignal) {
  const found = new Map<string, FileTransferOverview>()
  const waiting = [...ids]
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const overview = await broker.getFileTransfer(id, { signal }).catch(undefinedIfNotFound)
      if (overview) found.set(id, overview)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
  return ids.flatMap((id) => found.get(id) ?? [])
}
