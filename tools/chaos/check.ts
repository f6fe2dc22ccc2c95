import { DefaultAzureCredential } from '@azure/identity'
import { BlobServiceClient } from '@azure/storage-blob'
import type { Stack } from '../../local/stack.js'
import { connectTables } from '../../src/adapters/tableService/connection.js'
import { tableOf } from '../../src/adapters/tableService/table.js'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { tablePending } from '../../src/adapters/tables/tablePending.js'
import { tables } from '../../src/config.js'
import { deadlinesWithRow } from '../../src/domain/fileTransfer/deadlines.js'
import { attemptsInUse } from '../../src/domain/fileTransfer/state.js'
import { fileTransferStatus } from '../../src/http/contract/responses/responses.js'
import { OWNER, RECIPIENTS, RESOURCES } from './plan.js'
import type { Client } from './retryingClient.js'
import { type Details, detailsOf, download, md5, type TransferRecord } from './transfer.js'

/** What is wrong, and what is left behind with a reason. */
export type Findings = { wrong: string[]; explained: string[] }

/** How long an outbox entry without a commit is kept. */
const COMMIT_MAY_COME_MS = 10 * 60_000

const STALL_MS = 60_000

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

/** The events that this history requires (processing 11.1), as `type > organisation as role`. */
export function eventsFor({ fileTransferStatusHistory, recipients }: Details): string[] {
  const has = (status: string) => fileTransferStatusHistory.some((each) => each.fileTransferStatus === status)
  const all = recipients.map(({ recipient, currentRecipientFileTransferStatusCode: status }) => ({
    organization: recipient.replace('0192:', ''),
    hasConfirmed: status === 'DownloadConfirmed',
  }))
  const toSender = (type: string, isOwed = true) => (isOwed ? [`${type} > ${OWNER} as Sender`] : [])
  const to = (type: string, some: typeof all) =>
    some.map(({ organization }) => `${type} > ${organization} as Recipient`)
  const confirmed = all.filter(({ hasConfirmed }) => hasConfirmed)
  const reminded = has('Purged') && has('Published') ? all.filter(({ hasConfirmed }) => !hasConfirmed) : []
  return [
    ...toSender('filetransferinitialized'),
    ...toSender('uploadprocessing', has('UploadProcessing')),
    ...toSender('uploadfailed', has('Failed')),
    ...toSender('published', has('Published')),
    ...to('published', has('Published') ? all : []),
    ...confirmed.flatMap(() => toSender('downloadconfirmed')),
    ...to('downloadconfirmed', confirmed),
    ...toSender('allconfirmeddownloaded', has('AllConfirmedDownloaded')),
    ...toSender('filepurged', has('Purged')),
    ...to('fileneverconfirmeddownloaded', reminded),
    ...toSender('fileneverconfirmeddownloaded', reminded.length > 0),
  ].toSorted()
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
    const now = await detailsOf(client, record.id)
    seen.push({ ...record, now })
    const status = expectedStatus(record)
    if (now.fileTransferStatus !== status) wrong.push(`${name} is ${now.fileTransferStatus}, not ${status}`)
    const [got, expected] = [await eventsOf(stack, record.id), eventsFor(now)]
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

/** The stores behind the app. */
function storesOf({ settings }: Stack) {
  const { Tables = '', ScannedBlobs = '', UnscannedBlobs = '' } = settings
  const account = connectTables({ connectionString: Tables }, new DefaultAzureCredential(), STALL_MS)
  const table = (name: string) => tableOf(account, name)
  const now = () => new Date()
  const containers = [ScannedBlobs, UnscannedBlobs].map((each) =>
    BlobServiceClient.fromConnectionString(each).getContainerClient(`serviceowner-${OWNER}`),
  )
  return {
    transfers: tableFileTransferStore(table(tables.fileTransfers)),
    ...tablePending({ due: table(tables.due), before020: table(tables.outboxBefore020) }, now),
    blobs: async () => (await Promise.all(containers.map((each) => Array.fromAsync(each.listBlobsFlat())))).flat(),
  }
}

/** Outbox entries that are not resumed: their commits never came, and they are removed after ten minutes. */
export async function checkOutbox(stack: Stack): Promise<Findings> {
  const { outbox, transfers } = storesOf(stack)
  const findings: Findings = { wrong: [], explained: [] }
  for await (const { fileTransferId, changeId, first, since } of outbox.all()) {
    const isCommitted = (await transfers.changeIdAt(fileTransferId, first)) === changeId
    const name = `the outbox entry for fact ${first} of ${fileTransferId}`
    if (isCommitted) findings.wrong.push(`${name} is left although its change was committed`)
    else if (Date.now() - since.getTime() > COMMIT_MAY_COME_MS) findings.wrong.push(`${name} is too old`)
    else findings.explained.push(`${name}: its process died before the commit; it is removed after ten minutes`)
  }
  return findings
}

/** Blobs and deadlines against the states, and queues without messages and dead letters. */
export async function checkStores(stack: Stack, records: TransferRecord[]): Promise<Findings> {
  const { transfers, due, blobs } = storesOf(stack)
  const { wrong, explained } = await checkOutbox(stack)
  const stored = new Set((await blobs()).map(({ name }) => name))
  const waiting = new Set<string>()
  const endOfTime = new Date(Date.now() + 400 * 86_400_000)
  for await (const { fileTransferId, kind, sequence } of due.dueBy(endOfTime))
    waiting.add(`${fileTransferId} ${kind} ${sequence}`)

  for (const { id } of records) {
    const found = await transfers.readFacts(id, 1)
    if (!found) continue
    const held = attemptsInUse(found.transfer)
    if ('file' in found.transfer)
      for (const each of held) if (!stored.has(`${id}/${each}`)) wrong.push(`the file ${id}/${each} is gone`)
    for (const each of held) stored.delete(`${id}/${each}`)
    for (const { kind, sequence } of deadlinesWithRow(found.transfer.deadlines, new Date())) {
      if (!waiting.has(`${id} ${kind} ${sequence}`)) wrong.push(`nothing waits for ${kind} of ${id}`)
    }
    for (const { fact } of found.facts) {
      const orphan = fact.type === 'UploadStarted' ? `${id}/${fact.attemptId}` : ''
      const left = [...stored].filter(
        (name) => name === orphan || (orphan !== '' && name.startsWith(`${orphan}.tails/`)),
      )
      for (const name of left) {
        stored.delete(name)
        explained.push(`the blob ${name}: its process died before it could delete it; the sweep takes it`)
      }
    }
  }
  for (const orphan of stored) wrong.push(`the blob ${orphan} was never an attempt of its transfer`)
  for (const [name, { active, deadLettered }] of Object.entries(await stack.busCounts())) {
    if (active > 0) wrong.push(`${name} has ${active} messages left`)
    if (deadLettered > 0) wrong.push(`${name} has ${deadLettered} dead letters`)
  }
  return { wrong, explained }
}
