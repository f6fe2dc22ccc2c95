import { createHash, type Hash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { detailsOf } from '../../transfers/details.js'
import type { Answer, Client } from '../../transfers/retryingClient.js'
import type { Entry } from '../ledger/ledger.js'
import { OWNER, type Receiver } from '../mix.js'
import { note } from './send.js'

/** A download that a connection breaks is resumed so often. */
const TRIES = 40
const SLOW_MS = 3000
const HANG_MS = 8000

export const receiveAll = (client: Client, entry: Entry) =>
  Promise.all(entry.plan.receivers.map((receiver) => receive(client, entry, receiver)))

/** One recipient fetches the file, compares it, and confirms it. */
async function receive(client: Client, entry: Entry, receiver: Receiver): Promise<void> {
  const { organization, receives } = receiver
  if (receives === 'never') return
  const outcome = await download(client, entry, receiver).catch((error: unknown) => String(error))
  if (outcome === 'right') entry.verified.push(organization)
  else if (await isGone(client, entry)) {
    entry.missed.push(organization)
    return
  } else {
    entry.spoiled[organization] = outcome
    return
  }
  await confirm(client, entry, receiver)
}

/** Whether it is withdrawn, or its time is over: it may be there until its purge, but nobody can rely on that. */
export async function isGone(client: Client, { id }: Entry): Promise<boolean> {
  const { expirationTime, fileTransferStatus } = await detailsOf(client, OWNER, id)
  return fileTransferStatus === 'Cancelled' || Date.now() >= Date.parse(expirationTime)
}

/** `right`, or what is wrong with the file or its download. A broken one is resumed, as a good client does. */
async function download(client: Client, entry: Entry, receiver: Receiver): Promise<string> {
  const { plan, id, md5 } = entry
  const hash = createHash('md5')
  const path = `filetransfer/${id}/download`
  let done = 0
  let breaks = receiver.receives === 'breaks off' || receiver.receives === 'hangs'
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      const range = done > 0 ? { range: `bytes=${done}-` } : undefined
      const response =
        receiver.receives === 'link'
          ? await openLink(client, receiver.organization, id, range)
          : await client.download(receiver.organization, path, range)
      if (response.status === 503 || response.status === 429 || response.status >= 500) {
        await response.body?.cancel()
        await pause(1000)
        continue
      }
      if (response.status >= 400) return `${response.status} ${(await response.text()).slice(0, 200)}`
      if (done > 0 && response.status !== 206) return `${response.status} to a range`
      const stated = response.headers.get('repr-digest') ?? undefined
      const wrong = receiver.receives === 'link' ? undefined : wrongDigest(stated, entry)
      if (wrong !== undefined) {
        await response.body?.cancel()
        return wrong
      }
      const stopsAt = breaks ? Math.floor(plan.size / 2) : undefined
      const pauseMs = receiver.receives === 'slow' ? SLOW_MS / (1 + plan.size / 65_536) : 0
      for await (const chunk of chunksOf(response)) {
        done += chunk.length
        hash.update(chunk)
        if (pauseMs > 0) await pause(pauseMs)
        if (stopsAt !== undefined && done >= stopsAt) break
      }
      if (breaks && receiver.receives === 'hangs') await pause(HANG_MS)
      breaks = false
      if (done === plan.size) return verdictOf(hash, md5)
      if (done > plan.size) return `${done} bytes instead of ${plan.size}`
    } catch {
      // It broke off: after the last byte, or on the way, and is resumed then.
      if (done > 0 && done === plan.size) return verdictOf(hash, md5)
      await pause(500)
    }
  }
  return `not in ${TRIES} tries`
}

/** Undefined: it is right, or Broker need not know it. */
export function wrongDigest(stated: string | undefined, { plan, sha256 }: Pick<Entry, 'plan' | 'sha256'>) {
  if (stated === undefined) return plan.checksum === 'right SHA-256' ? 'no Repr-Digest' : undefined
  const own = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
  return stated === own ? undefined : `Repr-Digest ${stated} instead of ${own}`
}

const verdictOf = (hash: Hash, md5: string) => {
  const own = hash.digest('hex')
  return own === md5 ? 'right' : `MD5 ${own} instead of ${md5}`
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (!body) return
  for await (const chunk of body) yield chunk
}

/** The file by a link to the storage; none is given while the sender could still replace it. */
async function openLink(client: Client, org: string, id: string, range?: Record<string, string>): Promise<Response> {
  const answer = await client.call(org, `filetransfer/${id}/download/link`)
  if (answer.status === 409) return client.download(org, `filetransfer/${id}/download`, range)
  if (answer.status !== 200) return new Response(answer.bytes, { status: answer.status })
  const { url } = JSON.parse(answer.bytes.toString()) as { url: string }
  return fetch(url, { ...(range && { headers: range }) })
}

async function confirm(client: Client, entry: Entry, { organization, confirms }: Receiver): Promise<void> {
  const once = async () => {
    const answer = await client.call(organization, `filetransfer/${entry.id}/confirmdownload`, { method: 'POST' })
    if (answer.status === 204) entry.confirmedAt[organization] ??= Date.now()
    return answer
  }
  const answers: Answer[] = []
  if (confirms !== 'no') answers.push(await once())
  if (confirms === 'twice') answers.push(await once())
  if (confirms === 'twice at once') answers.push(...(await Promise.all([once(), once()])))
  const refused = answers.find(({ status }) => status !== 204)
  // A transfer may be over when the last recipient confirms again, or its file may have expired or been withdrawn.
  if (refused && !(await isOver(client, entry))) note(entry, 'confirm', refused)
}

const isOver = async (client: Client, { id }: Entry): Promise<boolean> =>
  ['AllConfirmedDownloaded', 'Cancelled', 'Purged'].includes((await detailsOf(client, OWNER, id)).fileTransferStatus)
