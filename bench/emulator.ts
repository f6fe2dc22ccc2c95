// What one call of a table costs in processor time: by Azure's SDK, by our own client, and for the storage emulator:
// nothing that calls it so often can be faster. How many calls of each kind: `node dist/bench/emulator.js 1000`.
import { TableClient, type TransactionAction } from '@azure/data-tables'
import { DefaultAzureCredential } from '@azure/identity'
import { startAzurite } from '../local/azurite/azurite.js'
import { freePorts } from '../local/ports.js'
import { freshSettings, onPorts } from '../local/settings.js'
import { connectTables } from '../src/adapters/tableService/connection.js'
import type { Action } from '../src/adapters/tableService/operations.js'
import { tableOf } from '../src/adapters/tableService/table.js'
import { forEachConcurrent } from '../src/lib/forEachConcurrent.js'
import { cpuSeconds } from './transferring.js'

const CALLS = Number(process.argv[2] ?? 1000)
const WARM_UP = 50
const AT_ONCE = 8
const STALL_MS = 5000
const NAME = 'calls'

const ports = await freePorts()
const settings = onPorts(await freshSettings(), ports)
const azurite = await startAzurite({ ports, settings, data: 'memory', log: () => {}, onBlobCommitted: () => {} })
const connectionString = settings.Tables ?? ''
const sdk = TableClient.fromConnectionString(connectionString, NAME, { allowInsecureConnection: true })
const own = tableOf(connectTables({ connectionString }, new DefaultAzureCredential(), STALL_MS), NAME)

let rows = 0
const row = (partitionKey: string) => ({ partitionKey, rowKey: String(++rows), text: 'x'.repeat(100) })
function creations(size: number): (TransactionAction & Action)[] {
  const partition = `transaction-${rows}`
  return Array.from({ length: size }, () => ['create', row(partition)])
}
const filter = `PartitionKey eq 'known' and RowKey ge '1' and RowKey le '1'`
const kinds: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
  ['read a row', () => sdk.getEntity('known', '1'), () => own.getEntity('known', '1')],
  [
    'read a range',
    () => Array.fromAsync(sdk.listEntities({ queryOptions: { filter } })),
    () => Array.fromAsync(own.listPages({ filter })),
  ],
  ['write a row', () => sdk.upsertEntity(row('any'), 'Replace'), () => own.upsertEntity(row('any'), 'Replace')],
  ['transaction of 2 rows', () => sdk.submitTransaction(creations(2)), () => own.submitTransaction(creations(2))],
  ['transaction of 7 rows', () => sdk.submitTransaction(creations(7)), () => own.submitTransaction(creations(7))],
]

/** Milliseconds of processor time for one call: of this process, and of the emulator. */
async function cost(call: () => Promise<unknown>) {
  const processes = [process.pid, azurite.process.pid]
  await forEachConcurrent(Array(WARM_UP).keys(), AT_ONCE, call)
  const before = await Promise.all(processes.map(cpuSeconds))
  await forEachConcurrent(Array(CALLS).keys(), AT_ONCE, call)
  const after = await Promise.all(processes.map(cpuSeconds))
  return after.map((seconds, index) => (1000 * (seconds - (before[index] ?? 0))) / CALLS)
}

try {
  await sdk.createTable()
  await sdk.createEntity(row('known'))
  console.log('ms of processor time per call      SDK      ours  emulator')
  for (const [name, bySdk, byOurs] of kinds) {
    const [sdkMs = 0] = await cost(bySdk)
    const [ownMs = 0, emulatorMs = 0] = await cost(byOurs)
    const cells = [sdkMs, ownMs, emulatorMs].map((ms) => ms.toFixed(2).padStart(10))
    console.log(name.padEnd(28) + cells.join(''))
  }
} finally {
  await azurite.stop()
}
