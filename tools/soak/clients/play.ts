import type { JSONWebKeySet } from 'jose'
import type { Answer, Client } from '../../transfers/retryingClient.js'
import { type Entry, newEntry } from '../ledger/ledger.js'
import { OWNER, type Plan } from '../mix.js'
import { acts } from './acts.js'
import { isPublished } from './awaiting.js'
import { contentOf, digestsOf, malware } from './content.js'
import { fetchReceipts } from './receipt.js'
import { receiveAll } from './receive.js'
import { initialize, leaveHalfSent, note, recordUpload, sendForm, upload } from './send.js'

type Deps = {
  client: Client
  seed: number
  /** What receipts are verified by. */
  keys: JSONWebKeySet
  /** Takes the entry as soon as it has an id. */
  begun(entry: Entry): void
  /** Fires when no more is played. */
  stop: AbortSignal
}

/** Runs a plan to its end; what its clients are told goes into the entry. */
export async function play({ client, seed, keys, begun, stop }: Deps, plan: Plan): Promise<Entry> {
  const content = plan.scan === 'malware' ? malware : contentOf(plan.contentSeed, plan.size)
  const entry = newEntry({ ...plan, size: content.size }, await digestsOf(content))
  const key = `soak-${seed}-${plan.number}`
  try {
    if (plan.way === 'form') {
      const answer = await sendForm(client, entry, content, key)
      entry.id = idIn(answer)
      begun(entry)
      await recordUpload(client, entry, answer)
    } else {
      const answer = await initialize(client, entry, key)
      entry.id = idIn(answer)
      begun(entry)
      if (answer.status !== 200) note(entry, 'initialize', answer)
      else await send(client, entry, content)
    }
    if (plan.cancels === 'after the upload') await cancel(client, entry)
    if (entry.acknowledgedAt !== undefined && (await isPublished(client, entry, stop))) {
      await (acts[plan.kind] ?? receiveAll)(client, entry)
      if (plan.hasReceipts) await fetchReceipts(client, entry, keys)
    }
  } catch (error) {
    entry.unexpected.push(String(error))
  }
  entry.isOver = true
  return entry
}

async function send(client: Client, entry: Entry, content: ReturnType<typeof contentOf>): Promise<void> {
  const { plan, id } = entry
  if (plan.cancels === 'before the upload') await cancel(client, entry)
  if (plan.isAbandoned) return leaveHalfSent(client, id, content, 'breaks off')
  await recordUpload(client, entry, await upload(client, entry, content))
}

const idIn = ({ bytes }: Answer): string => /"fileTransferId":\s*"([^"]+)"/.exec(bytes.toString())?.[1] ?? ''

async function cancel(client: Client, entry: Entry): Promise<void> {
  const answer = await client.call(OWNER, `filetransfer/${entry.id}/cancel`, { method: 'POST' })
  if (answer.status === 204) entry.cancelledAt = Date.now()
  else if (answer.status !== 409) note(entry, 'cancel', answer)
}
