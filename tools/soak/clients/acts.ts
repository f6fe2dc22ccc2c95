import { setTimeout as pause } from 'node:timers/promises'
import { type Details, detailsOf } from '../../transfers/details.js'
import type { Client } from '../../transfers/retryingClient.js'
import type { Entry } from '../ledger/ledger.js'
import { OWNER, REASON } from '../mix.js'
import { isGone, receiveAll } from './receive.js'
import { note } from './send.js'

const WITHDRAWN_WITHIN_MS = 2000

/** What happens when the file has been published, by kind; else all receivers come. */
export const acts: Record<string, (client: Client, entry: Entry) => Promise<void>> = {
  withdrawn: async (client, entry) => {
    await Promise.all([receiveAll(client, entry), withdraw(client, entry)])
    await fetchWithdrawn(client, entry)
  },
  'expiry moved': async (client, entry) => {
    const [first, second] = entry.plan.moves
    await moveExpiry(client, entry, first)
    await receiveAll(client, entry)
    await moveExpiry(client, entry, second)
  },
}

/** Withdraws the file while its recipients are about to download it. */
async function withdraw(client: Client, entry: Entry): Promise<void> {
  await pause(entry.plan.contentSeed % WITHDRAWN_WITHIN_MS)
  const answer = await client.call(OWNER, `filetransfer/${entry.id}/cancel`, client.post({ reason: REASON }))
  if (answer.status === 204) entry.withdrawnAt = Date.now()
  else if (answer.status !== 409 || !(await isGone(client, entry))) note(entry, 'withdraw', answer)
}

/** One who has not come yet gets nothing any more. */
async function fetchWithdrawn(client: Client, entry: Entry): Promise<void> {
  const late = entry.plan.receivers.find(({ receives }) => receives === 'never')
  if (!late || entry.withdrawnAt === undefined) return
  const answer = await client.call(late.organization, `filetransfer/${entry.id}/download`)
  if (answer.status < 400) entry.spoiled[late.organization] = `${answer.status} after the withdrawal`
}

/** Moves the expiry to a quarter of the time that is left, or makes the whole time half as long again. */
async function moveExpiry(client: Client, entry: Entry, how: Entry['plan']['moves'][number] | undefined) {
  const { expirationTime, fileTransferStatusHistory } = await detailsOf(client, OWNER, entry.id)
  const [now, end] = [Date.now(), Date.parse(expirationTime)]
  const created = Date.parse(fileTransferStatusHistory[0]?.fileTransferStatusChanged ?? '')
  const time = new Date(how === 'earlier' ? now + (end - now) / 4 : end + (end - created) / 2)
  const change = { ...client.post({ expirationTime: time.toISOString() }), method: 'PUT' }
  const answer = await client.call(OWNER, `filetransfer/${entry.id}/expiry`, change)
  if (answer.status === 200) entry.expiresAt = Date.parse((JSON.parse(`${answer.bytes}`) as Details).expirationTime)
  else if (!(await isGone(client, entry))) note(entry, 'change the expiry', answer)
}
