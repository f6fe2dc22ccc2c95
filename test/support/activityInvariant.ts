import { tableActivity } from '../../src/adapters/reports/tableActivity.js'
import { tables } from '../../src/config.js'
import { activityOf, dayOf, isKept } from '../../src/domain/projections/activity.js'
import type { Stored } from './crashInvariants.js'
import type { World } from './crashStack.js'

/** The service owner sees every transfer that is still shown as the facts of the process say. */
export async function flawsOfActivity(
  { clients, clock, owner, told, lost }: World,
  stored: Stored[],
): Promise<string[]> {
  const expected = stored
    .map(({ transfer, facts }) => {
      const known = Math.max(told.get(transfer.id) ?? 0, lost.get(transfer.id) ?? 0)
      return activityOf(transfer, facts.slice(known))
    })
    .filter((row) => row !== undefined)
    .filter((row) => isKept(row, clock.now))
  const activity = tableActivity(clients.table(tables.activity))
  const days = [...new Set(expected.map(({ createdAt }) => dayOf(createdAt)))]
  const rows = await Promise.all(days.map((day) => Array.fromAsync(activity.ofDay(day, owner))))
  const found = new Map(rows.flat().map((row) => [row.fileTransferId, entriesOf(row)]))
  return expected.flatMap((row) => {
    const seen = found.get(row.fileTransferId) ?? []
    const missing = entriesOf(row).filter((entry) => !seen.includes(entry))
    return missing.length > 0 ? [`the service owner does not see ${missing} of ${row.fileTransferId}`] : []
  })
}

const entriesOf = (row: object): string[] => Object.entries(row).map((entry) => JSON.stringify(entry))
