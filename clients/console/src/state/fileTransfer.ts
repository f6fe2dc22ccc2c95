import { useCallback, useEffect, useState } from 'preact/hooks'
import { undefinedIfNotFound } from '../../../typescript/src/calls/problem.js'
import { backoff, pause } from '../../../typescript/src/calls/wait.js'
import type { BrokerClient, FileTransferDetails, FileTransferEvents } from '../../../typescript/src/index.js'

export type DeliveredEvent = FileTransferEvents['events'][number]

type Followed = {
  details: FileTransferDetails | undefined
  /** Undefined where Broker does not tell. */
  events: DeliveredEvent[] | undefined
  error: unknown
}

const LONGEST_MS = 15_000

/** A file transfer as it is now, and as it becomes. `lookAgain` is for who has just changed it. */
export function useFollowing(broker: BrokerClient, id: string): Followed & { lookAgain(): void } {
  const [followed, setFollowed] = useState<Followed>({ details: undefined, events: undefined, error: undefined })
  const [round, setRound] = useState(0)

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    const put = (part: Partial<Followed>) => setFollowed((last) => ({ ...last, ...part }))
    const failed = (error: unknown) => {
      if (!signal.aborted) put({ error })
    }
    let deliveries = new AbortController()
    const follow = async () => {
      for await (const _ of broker.watch(id, { signal, longestMs: LONGEST_MS })) {
        put({ details: await broker.getFileTransferDetails(id, { signal }), error: undefined })
        deliveries.abort()
        deliveries = new AbortController()
        const until = AbortSignal.any([signal, deliveries.signal])
        void followDeliveries(broker, id, (events) => put({ events }), until).catch(() => undefined)
      }
    }
    follow().catch(failed)
    return () => stop.abort()
  }, [broker, id, round])

  return { ...followed, lookAgain: useCallback(() => setRound((last) => last + 1), []) }
}

/** Events are delivered after what they tell of: looks until none is waiting, less and less often. */
async function followDeliveries(
  broker: BrokerClient,
  id: string,
  put: (events: DeliveredEvent[] | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  const delays = backoff({ firstMs: 500, longestMs: LONGEST_MS })
  for (;;) {
    // Other Brokers do not have this operation.
    const found = await broker.getFileTransferEvents(id, { signal }).catch(undefinedIfNotFound)
    put(found?.events)
    if (!found?.events.some(({ status }) => status === 'Waiting')) return
    await pause(delays.nextMs(), signal)
  }
}
