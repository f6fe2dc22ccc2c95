import { setTimeout as pause } from 'node:timers/promises'
import { type Client, retryAfterMs } from '../../transfers/retryingClient.js'
import type { ReceivedEvent } from '../ledger/ledger.js'
import { OWNER, RECIPIENTS } from '../mix.js'

type Changes = {
  changes: { eventId: string; type: string; fileTransferId: string; occurred: string }[]
  cursor: string
  hasMore: boolean
}
type Deps = {
  client: Client
  /** Takes each change of an inbox, also one that comes again. */
  take(transfer: string, change: ReceivedEvent): void
  /** Takes what is answered with neither success nor a reason. */
  notes: string[]
}

const POLL_MS = 3000
/** Between two calls that wait. */
const AGAIN_MS = 500
/** After a call that has failed in spite of its retries. */
const FAILED_MS = 30_000
const WAIT_SECONDS = 10
const VIEW_MS = 20_000
const VIEWS = ['activity', 'statistics', 'resources', 'dead-letters']

/** Reads the inbox of every recipient: half of them wait for changes, half of them poll. */
export function inboxReaders({ client, take, notes }: Deps) {
  const cursors = new Map<string, string>()

  /** Reads some. Resolves to how long to wait before the next call, in milliseconds; 0: more is there. */
  async function readOnce(organization: string, timeout?: number): Promise<number> {
    const after = cursors.get(organization)
    const query = new URLSearchParams({ ...(after && { after }), ...(timeout && { timeout: `${timeout}` }) })
    const answer = await client.call(organization, `inbox/changes?${query}`)
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.bytes.toString().slice(0, 300)}`)
    const { changes, cursor, hasMore } = JSON.parse(answer.bytes.toString()) as Changes
    for (const { eventId, type, fileTransferId, occurred } of changes) {
      const name = `${type.replace('no.altinn.broker.', '')} > ${organization} as Recipient`
      take(fileTransferId, { id: eventId, name, at: Date.parse(occurred), receivedAt: Date.now() })
    }
    cursors.set(organization, cursor)
    return hasMore ? 0 : Math.max(timeout ? AGAIN_MS : POLL_MS, retryAfterMs(answer))
  }

  async function follow(organization: string, timeout: number | undefined, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const ms = await readOnce(organization, timeout).catch((error: unknown) => {
        notes.push(`inbox of ${organization}: ${error}`)
        return FAILED_MS
      })
      await pause(ms, undefined, { signal: stop }).catch(() => {})
    }
  }

  return {
    follow: (stop: AbortSignal) =>
      Promise.all(RECIPIENTS.map((each, index) => follow(each, index % 2 === 0 ? WAIT_SECONDS : undefined, stop))),
    /** Reads what is there now. */
    async readToEnd(): Promise<void> {
      for (const each of RECIPIENTS) while ((await readOnce(each)) === 0);
    },
  }
}

/** Reads the service owner's view now and then: it must answer. */
export async function readOwnerView(
  { client, notes }: Pick<Deps, 'client' | 'notes'>,
  stop: AbortSignal,
): Promise<void> {
  while (await pause(VIEW_MS, true, { signal: stop }).catch(() => false)) {
    for (const each of VIEWS) {
      const failed = await client.json(OWNER, `serviceowner/${each}`).then(() => undefined, String)
      if (failed) notes.push(`the service owner's view: ${failed}`)
    }
  }
}
