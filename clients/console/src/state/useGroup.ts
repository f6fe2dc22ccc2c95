import { useCallback, useMemo } from 'preact/hooks'
import type { BrokerClient } from '../../../typescript/src/index.js'
import { type Group, nextToChange } from './group.js'
import { awaitStatus } from './polling/awaitStatus.js'
import { usePolled } from './polling/usePolled.js'

const FIRST_MS = 2000

/** A group and its files, updated while they change. Call `refresh` after a change of one's own. */
export function useGroup(broker: BrokerClient, id: string) {
  const ask = useCallback((options: { signal: AbortSignal }) => broker.getGroup(id, options), [broker, id])
  const following = useMemo(
    () => ({
      firstMs: FIRST_MS,
      hasChanged: (before: Group, now: Group) => JSON.stringify(before) !== JSON.stringify(now),
      awaitChange: async (group: Group, ms: number, signal: AbortSignal) => {
        const file = nextToChange(group)
        if (!file) return false
        return awaitStatus(broker, { id: file.fileTransferId, status: file.fileTransferStatus }, ms, signal)
      },
    }),
    [broker],
  )
  return usePolled(ask, following)
}
