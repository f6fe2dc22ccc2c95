import { parseArgs } from 'node:util'
import { DefaultAzureCredential } from '@azure/identity'
import { blobAccount, SCAN, scannedTables, withBackoff } from '../src/adapters/azure/clients.js'
import type { Endpoint } from '../src/adapters/azure/endpoint.js'
import { connectTables } from '../src/adapters/tableService/connection.js'
import { tableOf } from '../src/adapters/tableService/table.js'
import { type LogEvent, logEvents } from '../src/domain/projections/logEvents.js'
import type { Restored } from '../src/usecases/operating/restoreTables.js'
import { restoreWith } from './restoreWith.js'

/** `npm run restore`: the tables from their backups (docs/operations/restore.md). */

const USAGE = `npm run restore -- --from BACKUPS --to TABLES [--at TIME] [--into-existing]

  --from BACKUPS    the account of the backups: https://….blob.core.windows.net/, or a connection string
  --to TABLES       the account of the tables: https://….table.core.windows.net/, or a connection string
  --at TIME         as the tables were then, at the latest, such as 2026-11-27T12:00:00Z; default: as in the last backup
  --into-existing   the tables may have rows, which stay as they are: damaged tables, or a restore that was cut off

Addresses are reached with your own identity (az login). First stop the app: nothing may change the tables meanwhile.`

const REFUSALS = {
  NoBackup: 'There is no full backup before that time that is whole. Nothing was changed.',
  BackupMissing:
    'A backup between the full one and the last is missing: choose an earlier time by --at. Nothing was changed.',
  TablesHaveRows: `The tables have rows. A restore would add what is missing and change nothing that is there: if that is what you want, or to go on with a
restore that was cut off, say --into-existing. Nothing was changed.`,
}

const endpointOf = (text: string): Endpoint => (/^https?:/.test(text) ? { address: text } : { connectionString: text })

function log(event: LogEvent, details: Record<string, unknown> = {}) {
  const facts = Object.entries(details).map(([name, value]) => `${name} ${value}`)
  console.log([new Date().toISOString(), `${logEvents[event].message}:`, facts.join(', ')].join(' '))
}

function report({ asOf, added, fileTransfers, notWhole }: Restored): string {
  const tables = Object.entries(added).map(
    ([table, rows]) => `  ${table.padEnd(20)}${String(rows).padStart(12)} rows added`,
  )
  const flaws = notWhole.map((id) => `  not whole: ${id}`)
  const lines = [
    `Restored from the backup of ${asOf.toISOString()}: what was written since is not in it.`,
    ...tables,
    `  ${fileTransfers} file transfers, with their deadlines and search rows`,
    ...flaws,
  ]
  return lines.join('\n')
}

async function restore(): Promise<number> {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      at: { type: 'string' },
      'into-existing': { type: 'boolean', default: false },
    },
  })
  const at = values.at === undefined ? new Date() : new Date(values.at)
  if (!values.from || !values.to || Number.isNaN(at.getTime())) {
    console.error(USAGE)
    return 1
  }
  const credential = new DefaultAzureCredential()
  const account = withBackoff(connectTables(endpointOf(values.to), credential, SCAN.stallMs))
  const clients = {
    backups: blobAccount(endpointOf(values.from), credential, SCAN.stallMs),
    table: (name: string) => tableOf(account, name),
    scan: scannedTables(endpointOf(values.to), credential),
  }
  const result = await restoreWith(clients, log)({ at, isIntoExisting: values['into-existing'] })
  if (!result.ok) {
    console.error(REFUSALS[result.reason])
    return 1
  }
  console.log(report(result.value))
  return result.value.notWhole.length > 0 ? 2 : 0
}

process.exitCode = await restore().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  console.error('It was not finished. Begun again with --into-existing, it goes on where it was cut off.')
  return 1
})
