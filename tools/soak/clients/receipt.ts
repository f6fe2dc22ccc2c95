import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import type { Client } from '../../transfers/retryingClient.js'
import type { Entry } from '../ledger/ledger.js'
import { OWNER } from '../mix.js'
import { note } from './send.js'

type Statement = {
  sub: string
  sender: string
  file: { sizeBytes: number; md5: string | null; sha256: string | null }
  recipients: { organization: string; downloadStarted: string | null; confirmed: string | null }[]
  statuses: { status: string }[]
}

/** The keys that receipts are verified by, offline. */
export const receiptKeys = (client: Client) => client.json<JSONWebKeySet>(OWNER, 'receipts/keys')

/** Sender and recipients fetch receipts, and verify them by keys that they have. */
export async function fetchReceipts(client: Client, entry: Entry, keys: JSONWebKeySet): Promise<void> {
  const organizations = entry.plan.receivers.map(({ organization }) => organization)
  for (const organization of [OWNER, ...organizations]) {
    const confirmed = Object.keys(entry.confirmedAt)
    const answer = await client.call(organization, `filetransfer/${entry.id}/receipt`)
    if (answer.status !== 200) {
      note(entry, 'receipt', answer)
      continue
    }
    const { receipt } = JSON.parse(answer.bytes.toString()) as { receipt: string }
    const wrong = await whyRefused(receipt, keys, entry, confirmed)
    if (wrong === undefined) entry.receipts++
    else entry.badReceipts[organization] = wrong
  }
}

/** Undefined: it is signed by one of the keys, and states what the clients know. */
export async function whyRefused(receipt: string, keys: JSONWebKeySet, entry: Entry, confirmed: string[]) {
  const typ = 'altinn-broker-receipt+jwt'
  const verified = await compactVerify(receipt, createLocalJWKSet(keys), { algorithms: ['ES256'] }).catch(String)
  if (typeof verified === 'string') return verified
  if (verified.protectedHeader.typ !== typ) return `it is of the type ${verified.protectedHeader.typ}`
  const { sub, sender, file, recipients, statuses } = JSON.parse(`${Buffer.from(verified.payload)}`) as Statement
  if (sub !== entry.id || sender !== `0192:${OWNER}`) return `it is of ${sub} by ${sender}`
  if (file.sizeBytes !== entry.plan.size) return `${file.sizeBytes} bytes instead of ${entry.plan.size}`
  if ((file.md5 ?? entry.md5) !== entry.md5) return `MD5 ${file.md5} instead of ${entry.md5}`
  const sha256 = entry.plan.checksum === 'right SHA-256' ? file.sha256 : (file.sha256 ?? entry.sha256)
  if (sha256 !== entry.sha256) return `SHA-256 ${file.sha256} instead of ${entry.sha256}`
  if (statuses[0]?.status !== 'Published') return 'it is not published'
  for (const { organization } of entry.plan.receivers) {
    const own = recipients.find((each) => each.organization === `0192:${organization}`)
    if (!own) return `${organization} is no recipient`
    if (confirmed.includes(organization) && !own.confirmed) return `${organization} has not confirmed`
    if (entry.verified.includes(organization) && !own.downloadStarted) return `${organization} has not downloaded`
  }
  return recipients.length === entry.plan.receivers.length ? undefined : `${recipients.length} recipients`
}
