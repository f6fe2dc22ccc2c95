import { setTimeout as pause } from 'node:timers/promises'
import { type Client, retryAfterMs } from '../../transfers/retryingClient.js'
import type { Entry } from '../ledger/ledger.js'
import { OWNER } from '../mix.js'

const ENDED = ['Failed', 'Cancelled', 'Purged', 'AllConfirmedDownloaded']
const WAIT_SECONDS = 20
const LEAVES_AFTER_MS = 700

/**
 * Polls or waits, as the plan says, until the file is published or cannot be any more. Recipients have missed a file
 * that has come and gone meanwhile.
 */
export async function isPublished(client: Client, entry: Entry, stop: AbortSignal): Promise<boolean> {
  const { plan, id } = entry
  const isWaiting = plan.awaits !== 'polls'
  const path = `filetransfer/${id}${isWaiting ? `?waitFor=Published&timeout=${WAIT_SECONDS}` : ''}`
  if (plan.awaits === 'leaves')
    await client.callOnce(OWNER, path, { signal: AbortSignal.timeout(LEAVES_AFTER_MS) }).catch(() => {})
  for (let wait = 200; !stop.aborted; wait = Math.min(3000, wait * 1.5)) {
    const from = Date.now()
    const answer = await client.call(OWNER, path)
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.bytes}`)
    const { fileTransferStatus: status } = JSON.parse(answer.bytes.toString()) as { fileTransferStatus: string }
    if (status === 'Published' && isWaiting) entry.awaited = { from, to: Date.now() }
    if (status === 'Published') return true
    if (status === 'Purged') entry.missed.push(...plan.receivers.map(({ organization }) => organization))
    if (ENDED.includes(status)) return false
    await pause(Math.max(isWaiting ? 1000 : wait, retryAfterMs(answer)))
  }
  return false
}
