// What one call of a table costs in processor time, for Azure's SDK and for the storage emulator: nothing that calls
// them so often can be faster. How many calls of each kind: `node dist/bench/emulator.js 1000`.
import { TableClient, type TransactionAction } from '@azure/data-tables'
import { startAzurite } from '../local/azurite/azurite.js'
import { freePorts } from '../local/ports.js'
import { freshSettings, onPorts } from '../local/settings.js'
import { forEachConcurrent } from '../src/lib/forEachConcurrent.js'
import { cpuSeconds } from './transferring.js'

const CALLS = Number(process.argv[2] ?? 1000)
const WARM_UP = 50
const AT_ONCE = 8

const ports = await freePorts()
const settings = onPorts(await freshSettings(), ports)
const azurite = await startAzurite({ ports, settings, data: 'memory', log: () => {}, onBlobCommitted: () => {} })
const table = TableClient.fromConnectionString(settings.Tables ?? '', 'calls', { allowInsecureConnection: true })

let rows = 0
const row = (partitionKey: string) => ({ partitionKey, rowKey: String(++rows), text: 'x'.repeat(100) })
const transaction = (size: number) => () => {
  const partition = `transaction-${rows}`
  return table.submitTransaction(Array.from({ length: size }, (): TransactionAction => ['create', row(partition)]))
}
const filter = `PartitionKey eq 'known' and RowKey ge '1' and RowKey le '1'`
const kinds: [string, () => Promise<unknown>][] = [
  ['read a row', () => table.getEntity('known', '1')],
  ['read a range', () => Array.fromAsync(table.listEntities({ queryOptions: { filter } }))],
  ['write a row', () => table.upsertEntity(row('any'), 'Replace')],
  ['transaction of 2 rows', transaction(2)],
  ['transaction of 7 rows', transaction(7)],
]

try {
  await table.createTable()
  await table.createEntity(row('known'))
  console.log('ms of processor time per call      SDK  emulator')
  for (const [name, run] of kinds) {
    await forEachConcurrent(Array(WARM_UP).keys(), AT_ONCE, run)
    const before = [await cpuSeconds(process.pid), await cpuSeconds(azurite.process.pid)] as const
    await forEachConcurrent(Array(CALLS).keys(), AT_ONCE, run)
    const used = [await cpuSeconds(process.pid), await cpuSeconds(azurite.process.pid)] as const
    const [sdk, emulator] = [used[0] - before[0], used[1] - before[1]].map((seconds) => (1000 * seconds) / CALLS)
    console.log(`${name.padEnd(30)}${sdk?.toFixed(2).padStart(8)}${emulator?.toFixed(2).padStart(10)}`)
  }
} finally {
  await azurite.stop()
}
