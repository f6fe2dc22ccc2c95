import { setTimeout as pause } from 'node:timers/promises'
import type { TokenProvider } from '../../clients/typescript/src/index.js'
import { type callsTo, FailedCall, md5Of } from './calls.js'
import type { Measurements } from './measurements.js'
import type { Plan } from './plan.js'

type Deps = {
  call: ReturnType<typeof callsTo>
  measured: Measurements
  plan: Pick<Plan, 'resource' | 'sender' | 'recipients'>
  sender: TokenProvider
  recipients: TokenProvider[]
  /** Whether this transfer also searches and reads the delivery log, which the gateway limits. */
  isSample: () => boolean
}
/** `completed`, or the state that a failed transfer is left in; `left` expires later. */
export type Outcome = 'completed' | 'cancelled' | 'confirmed' | 'left'
type Event = { type: string; occurred: string; lastTried: string | null; status: string }

/** What is measured beside calls, by the clock of Broker. */
export const EVENT = 'event: from the fact to its delivery'
export const PUBLISHED = 'published: from the last byte'

/** Polls are rare, since the gateway limits them. How long publishing takes is measured by the delivery log. */
const POLLS_MS = [1000, 2000, 4000, 8000]
const PUBLISHED_WITHIN_MS = 15 * 60_000
const DELIVERED_WITHIN_MS = 5000
const CLEAN_UP_WITHIN_MS = 30_000

/**
 * One file from its sender to all its recipients. A transfer that fails is cancelled, or else confirmed, if possible.
 */
export function transferWith({ call, measured, plan, sender, recipients, isSample }: Deps) {
  const md5s = new Map<number, string>()
  const md5 = (size: number) => md5s.get(size) ?? md5s.set(size, md5Of(size)).get(size)

  const request = {
    fileName: 'load.bin',
    resourceId: plan.resource,
    sendersFileTransferReference: 'load',
    sender: `0192:${plan.sender}`,
    recipients: plan.recipients.map((each) => `0192:${each}`),
  }

  async function run(size: number, signal: AbortSignal): Promise<Outcome> {
    const from = { token: sender, signal }
    const { json } = await call('initializeFileTransfer', 'filetransfer', { ...from, method: 'POST', json: request })
    const id = (json as { fileTransferId: string }).fileTransferId
    const path = `filetransfer/${id}`
    try {
      await call('uploadFile', `${path}/upload`, { ...from, method: 'POST', size })
      await published(path, signal)
      for (const token of recipients) {
        const file = await call('downloadFile', `${path}/download`, { token, signal })
        if (file.md5 !== md5(size)) {
          measured.failed('downloadFile', 'another file')
          throw new FailedCall('downloadFile', 'another file')
        }
        await call('confirmDownload', `${path}/confirmdownload`, { token, signal, method: 'POST' })
      }
      if (isSample()) await sample(path, signal)
      return 'completed'
    } catch (error) {
      // Something else: an answer that is not as documented.
      if (!(error instanceof FailedCall)) measured.failed('transfer', String(error))
      return cleanUp(path)
    }
  }

  async function published(path: string, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + PUBLISHED_WITHIN_MS
    for (let poll = 0; Date.now() < deadline; poll++) {
      await pause(POLLS_MS[Math.min(poll, POLLS_MS.length - 1)], undefined, { signal }).catch(() => {})
      const { json } = await call('getFileTransfer', path, { token: sender, signal })
      const { fileTransferStatus } = json as { fileTransferStatus: string }
      if (fileTransferStatus === 'Published') return
      if (fileTransferStatus === 'Failed') break
    }
    measured.failed('getFileTransfer', 'not published')
    throw new FailedCall('getFileTransfer', 'not published')
  }

  /** How long publishing and the events took. */
  async function sample(path: string, signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ resourceId: plan.resource, status: 'Published' })
    await call('searchFileTransfers', `filetransfer?${query}`, { token: sender, signal })
    const log = async () => {
      const { json } = await call('getFileTransferEvents', `${path}/events`, { token: sender, signal })
      return (json as { events: Event[] }).events
    }
    const isDelivered = (event: Event) => event.status === 'Delivered'
    let events = await log()
    if (!events.every(isDelivered)) {
      await pause(DELIVERED_WITHIN_MS, undefined, { signal }).catch(() => {})
      events = await log()
    }
    for (const event of events) {
      if (!isDelivered(event)) measured.failed('event', `${event.status} after ${DELIVERED_WITHIN_MS / 1000} s`)
      else measured.took(EVENT, msBetween(event.occurred, event.lastTried))
    }
    const at = (type: string) => events.find((event) => event.type === `no.altinn.broker.${type}`)?.occurred
    const [uploaded, done] = [at('uploadprocessing'), at('published')]
    if (uploaded && done) measured.took(PUBLISHED, msBetween(uploaded, done))
  }

  async function cleanUp(path: string): Promise<Outcome> {
    const signal = AbortSignal.timeout(CLEAN_UP_WITHIN_MS)
    const succeeds = (action: string, token: TokenProvider) =>
      call(action, `${path}/${action}`, { token, signal, method: 'POST', isUnmeasured: true }).then(
        () => true,
        () => false,
      )
    if (await succeeds('cancel', sender)) return 'cancelled'
    const confirmed = await Promise.all(recipients.map((token) => succeeds('confirmdownload', token)))
    return confirmed.every(Boolean) ? 'confirmed' : 'left'
  }

  return run
}

const msBetween = (from: string, to: string | null) => Math.max(0, Date.parse(to ?? from) - Date.parse(from))
