import { isFinal, isSent, nextStatus } from '../wire/statuses.js'
import type { FileTransferOverview } from '../wire/types.js'
import type { Operations } from './operations.js'
import { TransferEnded } from './problem.js'
import { backoff, pause } from './wait.js'
import { pauseUnlessWaited } from './waitForStatus.js'

/** What a watch needs of an event of Altinn (a CloudEvent in JSON). */
export type FileTransferEvent = {
  /** The id of the file transfer. */
  resourceinstance?: string | undefined
}

/** How often to look, and what wakes it up. */
export type WatchOptions = {
  /**
   * The events that your webhook receives: after one about the file transfer it polls immediately. Polling goes on
   * beside them, so none is missed when they are late, end or fail.
   */
  events?: AsyncIterable<FileTransferEvent> | undefined
  /** The longest time between two looks, default 500 ms. It grows while nothing changes, up to `longestMs`, default 30 s. */
  firstMs?: number | undefined
  longestMs?: number | undefined
  signal?: AbortSignal | undefined
}

const GROWTH = 1.5
/** The longest wait that Broker takes. */
const LONGEST_WAIT_SECONDS = 60

/**
 * Each call waits in Broker for the next status; recipients, whose steps are no status, are looked at when its time is
 * over. With events, and where Broker does not wait, it polls.
 */
async function look(
  operations: Operations,
  id: string,
  last: FileTransferOverview,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<FileTransferOverview> {
  const timeout = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, Math.round(ms / 1000)))
  const begunMs = performance.now()
  const waitFor = nextStatus(last.fileTransferStatus)
  const now = await operations.getFileTransfer(id, { waitFor, timeout, signal })
  if (statusesOf(now) === statusesOf(last)) await pauseUnlessWaited(begunMs, timeout * 1000, ms, signal)
  return now
}

/** The state of a file transfer now and after each change of its status or a recipient's, until its final status. */
export async function* watch(operations: Operations, id: string, options: WatchOptions = {}) {
  const { firstMs = 500, longestMs = 30_000, events, signal } = options
  const delays = backoff({ firstMs, longestMs }, GROWTH)
  const waiting = waitingFor(events, id)
  let lastStatuses = ''
  try {
    for (let now = await operations.getFileTransfer(id, { signal }); ; ) {
      const statuses = statusesOf(now)
      if (statuses !== lastStatuses) {
        lastStatuses = statuses
        delays.reset()
        yield now
      }
      if (isFinal(now.fileTransferStatus)) return
      if (!events) now = await look(operations, id, now, delays.nextMs(), signal)
      else {
        await waiting.pause(delays.nextMs(), signal)
        now = await operations.getFileTransfer(id, { signal })
      }
    }
  } finally {
    waiting.end()
  }
}

/** Pauses that an event about the file transfer ends, also one that came since the last pause. */
function waitingFor(events: AsyncIterable<FileTransferEvent> | undefined, id: string) {
  const iterator = events?.[Symbol.asyncIterator]()
  let hasNews = false
  let wake = () => {}
  const listen = async () => {
    for (let next = await iterator?.next(); next && !next.done; next = await iterator?.next()) {
      if (next.value.resourceinstance?.toLowerCase() !== id.toLowerCase()) continue
      hasNews = true
      wake()
    }
  }
  listen().catch(() => undefined)
  return {
    async pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
      const early = new AbortController()
      wake = () => early.abort()
      if (hasNews) wake()
      await pause(ms, signal ? AbortSignal.any([early.signal, signal]) : early.signal).catch(() => undefined)
      signal?.throwIfAborted()
      hasNews = false
    },
    end() {
      // It may never end when it waits for an event by then.
      Promise.resolve(iterator?.return?.()).catch(() => undefined)
    },
  }
}

/** Waits until the file is published. @throws TransferEnded when it has another final status. */
export async function published(
  operations: Operations,
  id: string,
  options: WatchOptions,
): Promise<FileTransferOverview> {
  for await (const now of watch(operations, id, options)) {
    const { fileTransferStatus: status } = now
    if (status !== 'UploadProcessing' && isSent(now)) return now
    if (isFinal(status)) throw new TransferEnded(id, status, now.fileTransferStatusText)
  }
  throw new Error('A watch ends with a final status.')
}

const statusesOf = ({ fileTransferStatus, recipients }: FileTransferOverview) =>
  JSON.stringify([fileTransferStatus, recipients.map((each) => each.currentRecipientFileTransferStatusCode)])
