import { useCallback, useEffect, useState } from 'preact/hooks'
import { undefinedIfNotFound } from '../../../typescript/src/calls/problem.js'
import { isTransient } from '../../../typescript/src/calls/retry.js'
import type {
  BrokerClient,
  FileTransferDetails,
  FileTransferEvents,
  FileTransferOverview,
} from '../../../typescript/src/index.js'
import { awaitStatus } from './polling/awaitStatus.js'
import { page } from './polling/page.js'
import { poll } from './polling/poll.js'

export type DeliveredEvent = FileTransferEvents['events'][number]

type Polled = {
  details: FileTransferDetails | undefined
  /** Undefined when Broker does not have this operation. */
  events: DeliveredEvent[] | undefined
  error: unknown
}

const FIRST_MS = 500

/** A file transfer and its events, updated while they change. Call `refresh` after a change of one's own. */
export function useFileTransfer(broker: BrokerClient, id: string): Polled & { refresh(): void } {
  const [polled, setPolled] = useState<Polled>({ details: undefined, events: undefined, error: undefined })
  const [round, setRound] = useState(0)

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    const update = (part: Partial<Polled>) => {
      if (!signal.aborted) setPolled((last) => ({ ...last, ...part }))
    }
    let lastState = ''
    let lastEvents: DeliveredEvent[] | undefined
    let hasWaiting = true
    let status: FileTransferOverview['fileTransferStatus'] | undefined
    const look = async () => {
      try {
        const overview = await broker.getFileTransfer(id, { signal })
        status = overview.fileTransferStatus
        const state = stateOf(overview)
        update({ error: undefined })
        const isChanged = state !== lastState
        if (isChanged) update({ details: await broker.getFileTransferDetails(id, { signal }) })
        lastState = state
        // Events are delivered after the change that they describe.
        if (!isChanged && !hasWaiting) return 'same'
        const events = (await broker.getFileTransferEvents(id, { signal }).catch(undefinedIfNotFound))?.events
        update({ events })
        hasWaiting = events?.some(({ status }) => status === 'Waiting') ?? false
        const isDelivered = JSON.stringify(events) !== JSON.stringify(lastEvents)
        lastEvents = events
        return isChanged || isDelivered ? 'changed' : 'same'
      } catch (error) {
        update({ error })
        return isTransient(error) ? 'same' : 'ended'
      }
    }
    const awaitChange = async (ms: number, signal: AbortSignal) =>
      status !== undefined && awaitStatus(broker, { id, status }, ms, signal)
    poll(look, { firstMs: FIRST_MS, page, signal, awaitChange }).catch(() => undefined)
    return () => stop.abort()
  }, [broker, id, round])

  return { ...polled, refresh: useCallback(() => setRound((last) => last + 1), []) }
}

const stateOf = ({ fileTransferStatus, expirationTime, recipients, reminders, nextReminder }: FileTransferOverview) =>
  JSON.stringify([
    ...[fileTransferStatus, expirationTime, reminders, nextReminder],
    ...recipients.map((each) => each.currentRecipientFileTransferStatusCode),
  ])
