import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { undefinedIfNotFound } from '../../../typescript/src/calls/problem.js'
import type { BrokerClient, FileTransferOverview } from '../../../typescript/src/index.js'
import { type Filters, searchOf } from './filters.js'
import type { Box } from './route.js'

export const PAGE_ROWS = 10
/** So many are counted; that there are more is told. */
const MOST_COUNTED = 100
const AT_ONCE = 4
const REFRESH_MS = 5000

/** One page of a list. */
export type Listed = { rows: FileTransferOverview[]; found: number; isMore: boolean }

/** Neither `listed` nor `error`: it is being asked for. */
type State = { listed?: Listed; error?: unknown }

/** A page of what is found, kept fresh while it is looked at. `onFresh` is told what was there before a refresh. */
export function useListing(
  broker: BrokerClient,
  box: Box,
  filters: Filters,
  onFresh: (before: Listed, now: Listed) => void,
): State & { refresh(): void } {
  const [round, setRound] = useState(0)
  const asked = JSON.stringify([box, filters, round])
  const [known, setKnown] = useState<State & { asked: string }>({ asked })
  const told = useRef(onFresh)
  told.current = onFresh

  useEffect(() => {
    const stop = new AbortController()
    let before: Listed | undefined
    let isAsking = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const load = async () => {
      clearTimeout(timer)
      if (isAsking || document.hidden) return
      isAsking = true
      const state = await pageOf(broker, box, filters, stop.signal).then(
        (listed) => ({ listed }),
        (error: unknown) => ({ error, ...(before && { listed: before }) }),
      )
      isAsking = false
      if (stop.signal.aborted) return
      if (before && !('error' in state)) told.current(before, state.listed)
      before = state.listed
      setKnown({ asked, ...state })
      timer = setTimeout(load, REFRESH_MS)
    }
    void load()
    document.addEventListener('visibilitychange', load)
    return () => {
      stop.abort()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', load)
    }
  }, [broker, asked])

  const state = known.asked === asked ? known : {}
  return { ...state, refresh: useCallback(() => setRound((last) => last + 1), []) }
}

async function pageOf(broker: BrokerClient, box: Box, filters: Filters, signal: AbortSignal): Promise<Listed> {
  if (!filters.resource) return { rows: [], found: 0, isMore: false }
  const end = filters.page * PAGE_ROWS
  const ids: string[] = []
  let isMore = false
  for await (const id of broker.searchFileTransfers(searchOf(filters, box), { signal })) {
    isMore = ids.length >= Math.max(MOST_COUNTED, end)
    if (isMore) break
    ids.push(id)
  }
  const rows = await overviewsOf(broker, ids.slice(end - PAGE_ROWS, end), signal)
  return { rows, found: ids.length, isMore }
}

/** The overviews in the order of the ids, a few asked for at a time, without those that are gone meanwhile. */
async function overviewsOf(broker: BrokerClient, ids: string[], signal: AbortSignal) {
  const found = new Map<string, FileTransferOverview>()
  const waiting = [...ids]
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const overview = await broker.getFileTransfer(id, { signal }).catch(undefinedIfNotFound)
      if (overview) found.set(id, overview)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return ids.flatMap((id) => found.get(id) ?? [])
}
