import type { Stack } from '../../local/stack.js'
import { fileTransferStatus } from '../../src/http/contract/responses/responses.js'
import { type Details, detailsOf, eventsFor } from '../transfers/details.js'
import type { Client } from '../transfers/retryingClient.js'
import type { Findings } from '../transfers/stores.js'
import { OWNER, RECIPIENTS, RESOURCES } from './plan.js'
import { download, md5, type TransferRecord } from './transfer.js'

/** The status that a transfer must end in, given the answers that its clients got. */
export function expectedStatus({ plan, isStored, isCancelled, confirmed }: TransferRecord): string {
  const haveAllConfirmed = confirmed.length === plan.recipients.length
  // Processing 9: the grace period after the last confirmation replaces the expiry.
  if (haveAllConfirmed) return plan.resource === 'going' ? 'Purged' : 'AllConfirmedDownloaded'
  if (plan.resource === 'expiring') return 'Purged'
  if (isCancelled) return 'Cancelled'
  if (plan.isMistaken || plan.isMalware) return 'Failed'
  return isStored ? 'Published' : 'UploadStarted'
}

type Received = { event: { id: string; type: string; subject: string; data: { Role: string } } }

/** The events that Altinn received about a transfer, each id once. */
async function eventsOf({ urls }: Stack, id: string): Promise<string[]> {
  const answer = await fetch(`${urls.altinn}/events?resourceinstance=${id}`)
  const received = (await answer.json()) as Received[]
  const once = new Map(received.map(({ event }) => [event.id, event]))
  const organization = (subject: string) => subject.replace('urn:altinn:organization:identifier-no:', '')
  return [...once.values()]
    .map(
      ({ type, subject, data }) =>
        `${type.replace('no.altinn.broker.', '')} > ${organization(subject)} as ${data.Role}`,
    )
    .toSorted()
}

/** Checks what clients can see: each transfer's status, its file, its events, and all searches. */
export async function checkTransfers(stack: Stack, client: Client, records: TransferRecord[]): Promise<Findings> {
  const wrong: string[] = []
  const seen: (TransferRecord & { now: Details })[] = []
  for (const record of records) {
    const name = `${record.plan.number} (${record.id})`
    wrong.push(...record.unexpected.map((each) => `${name}: ${each}`))
    if (record.id === '') continue
    const now = await detailsOf(client, OWNER, record.id)
    seen.push({ ...record, now })
    const status = expectedStatus(record)
    if (now.fileTransferStatus !== status) wrong.push(`${name} is ${now.fileTransferStatus}, not ${status}`)
    const [got, expected] = [await eventsOf(stack, record.id), eventsFor(OWNER, now)]
    if (got.join() !== expected.join()) wrong.push(`${name}: events ${difference(got, expected)}`)
    for (const each of record.confirmed) {
      const own = now.recipients.find(({ recipient }) => recipient === `0192:${each}`)
      if (own?.currentRecipientFileTransferStatusCode !== 'DownloadConfirmed')
        wrong.push(`${name}: ${each} has confirmed`)
    }
  }
  wrong.push(...(await checkSearches(client, seen)))
  for (const { plan, id, now } of seen) {
    if (!['Published', 'AllConfirmedDownloaded'].includes(now.fileTransferStatus)) continue
    const file = await download(client, plan.recipients[0] ?? '', id)
    if (file.status !== 200 || md5(file.bytes) !== md5(plan.content)) wrong.push(`${plan.number} (${id}): another file`)
  }
  const late = records.filter(({ timedOut }) => timedOut).map(({ plan }) => plan.number)
  const explained = late.map((number) => `${number} was not downloaded: it was published late, between kills`)
  return { wrong, explained }
}

function difference(got: string[], expected: string[]): string {
  const count = (events: string[], event: string) => events.filter((each) => each === event).length
  return [...new Set([...got, ...expected])]
    .filter((each) => count(got, each) !== count(expected, each))
    .map((each) => `${each}: ${count(got, each)} instead of ${count(expected, each)}`)
    .join('; ')
}

/** Every actor finds every transfer of its own in the one status that it has, and in no other. */
async function checkSearches(client: Client, seen: (TransferRecord & { now: Details })[]): Promise<string[]> {
  const wrong: string[] = []
  for (const { id: resourceId } of Object.values(RESOURCES)) {
    const own = seen.filter(({ plan }) => RESOURCES[plan.resource].id === resourceId)
    for (const organization of [OWNER, ...RECIPIENTS]) {
      for (const status of fileTransferStatus.options) {
        const found = await searchAll(client, organization, resourceId, status)
        const expected = own
          .filter(({ plan, now }) =>
            organization === OWNER || plan.recipients.includes(organization)
              ? now.fileTransferStatus === status
              : false,
          )
          .map(({ id }) => id)
        const missing = expected.filter((id) => !found.includes(id))
        const stale = found.filter((id) => !expected.includes(id))
        if (missing.length + stale.length > 0) {
          wrong.push(`search of ${organization} for ${status}: not found ${missing}, found wrongly ${stale}`)
        }
      }
    }
  }
  return wrong
}

async function searchAll(client: Client, organization: string, resourceId: string, status: string): Promise<string[]> {
  const found: string[] = []
  let path: string | undefined = `filetransfer?${new URLSearchParams({ resourceId, status })}`
  while (path) {
    const answer = await client.call(organization, path)
    found.push(...(JSON.parse(answer.bytes.toString()) as string[]))
    const next = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1]
    path = next?.replace(/^.*\/broker\/api\/v1\//, '')
  }
  return found
}
