// How fast this machine is now: the SDK alone reads a row of a table. What was measured at another time, or on another
// machine of the kind, is compared by the ratio.
import { setTimeout as pause } from 'node:timers/promises'
import { TableClient } from '@azure/data-tables'

const AT_ONCE = 16
const SECONDS = 3

/** Rows read in a second, by the SDK in this process, from a new table of this account. */
export async function sdkReadsPerSecond(connectionString: string): Promise<number> {
  const table = TableClient.fromConnectionString(connectionString, `calibration${Date.now()}`, {
    allowInsecureConnection: true,
  })
  await table.createTable()
  await table.createEntity({ partitionKey: 'p', rowKey: 'r', text: 'x'.repeat(1000) })
  let reads = 0
  let isOver = false
  const readers = Array.from({ length: AT_ONCE }, async () => {
    while (!isOver) {
      await table.getEntity('p', 'r')
      reads++
    }
  })
  await pause(1000) // warm
  const before = reads
  await pause(SECONDS * 1000)
  const after = reads
  isOver = true
  await Promise.all(readers)
  await table.deleteTable()
  return (after - before) / SECONDS
}
