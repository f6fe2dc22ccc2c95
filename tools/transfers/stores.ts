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

/** A stack whose stores are looked into. */
type Checked = Pick<Stack, 'settings' | 'busCounts'>

/** What is wrong, and what is left behind with a reason. */
export type Findings = { wrong: string[]; explained: string[] }

/** How long an outbox entry without a commit is kept. */
const COMMIT_MAY_COME_MS = 10 * 60_000

const STALL_MS = 60_000

/** The stores behind the app. */
function storesOf({ settings }: Checked, owner: string) {
  const { Tables = '', ScannedBlobs = '', UnscannedBlobs = '' } = settings
  const account = connectTables({ connectionString: Tables }, new DefaultAzureCredential(), STALL_MS)
  const table = (name: string) => tableOf(account, name)
  const now = () => new Date()
  const containers = [ScannedBlobs, UnscannedBlobs].map((each) =>
    BlobServiceClient.fromConnectionString(each).getContainerClient(`serviceowner-${owner}`),
  )
  return {
    transfers: tableFileTransferStore(table(tables.fileTransfers)),
    ...tablePending({ due: table(tables.due), before020: table(tables.outboxBefore020) }, now),
    blobs: async () => (await Promise.all(containers.map((each) => Array.fromAsync(each.listBlobsFlat())))).flat(),
  }
}

/** Outbox entries that are not resumed: their commits never came, and they are removed after ten minutes. */
export async function checkOutbox(stack: Checked, owner: string): Promise<Findings> {
  const { outbox, transfers } = storesOf(stack, owner)
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
export async function checkStores(stack: Checked, owner: string, ids: Iterable<string>): Promise<Findings> {
  const { transfers, due, blobs } = storesOf(stack, owner)
  const { wrong, explained } = await checkOutbox(stack, owner)
  const stored = new Set((await blobs()).map(({ name }) => name))
  const waiting = new Set<string>()
  const endOfTime = new Date(Date.now() + 400 * 86_400_000)
  for await (const { fileTransferId, kind, sequence } of due.dueBy(endOfTime))
    waiting.add(`${fileTransferId} ${kind} ${sequence}`)

  for (const id of ids) {
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
