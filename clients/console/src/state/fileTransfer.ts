import { useCallback, useEffect, useState } from 'preact/hooks'
import { undefinedIfNotFound } from '../../../typescript/src/calls/problem.js'
import { backoff, pause } from '../../../typescript/src/calls/wait.js'
import type { BrokerClient, FileTransferDetails, FileTransferEvents } from '../../../typescript/src/index.js'

export type DeliveredEvent = FileTransferEvents['events'][number]

type Polled = {
  details: FileTransferDetails | undefined
  /** Undefined when Broker does not have this operation. */
  events: DeliveredEvent[] | undefined
  error: unknown
}

const LONGEST_MS = 15_000

/** A file transfer and its events, updated while they change. Call `refresh` after a change of one's own. */
export function useFileTransfer(broker: BrokerClient, id: string): Polled & { refresh(): void } {
  const [polled, setPolled] = useState<Polled>({ details: undefined, events: undefined, error: undefined })
  const [round, setRound] = useState(0)

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    const update = (part: Partial<Polled>) => setPolled((last) => ({ ...last, ...part }))
    const failed = (error: unknown) => {
      if (!signal.aborted) update({ error })
    }
    let deliveries = new AbortController()
    const poll = async () => {
      for await (const _ of broker.watch(id, { signal, longestMs: LONGEST_MS })) {
        update({ details: await broker.getFileTransferDetails(id, { signal }), error: undefined })
        deliveries.abort()
        deliveries = new AbortController()
        const until = AbortSignal.any([signal, deliveries.signal])
        void pollDeliveries(broker, id, (events) => update({ events }), until).catch(() => undefined)
      }
    }
    poll().catch(failed)
    return () => stop.abort()
  }, [broker, id, round])

  return { ...polled, refresh: useCallback(() => setRound((last) => last + 1), []) }
}

/** Events are delivered after the change that they describe: polls with back-off until none is waiting. */
async function pollDeliveries(
  broker: BrokerClient,
  id: string,
  update: (events: DeliveredEvent[] | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  const delays = backoff({ firstMs: 500, longestMs: LONGEST_MS })
  for (;;) {
    // Other Brokers do not have this operation.
    const found = await broker.getFileTransferEvents(id, { signal }).catch(undefinedIfNotFound)
    update(found?.events)
    if (!found?.events.some(({ status }) => status === 'Waiting')) return
    await pause(delays.nextMs(), signal)
  }
}
