import { randomUUID } from 'node:crypto'
import type { Clients } from '../src/adapters/azure/clients.js'
import { azureBackups } from '../src/adapters/blobs/azureBackups.js'
import { tableFileTransferStore } from '../src/adapters/tables/tableFileTransferStore.js'
import { tableNightlyRuns } from '../src/adapters/tables/tableNightlyRuns.js'
import { tablePending } from '../src/adapters/tables/tablePending.js'
import { tableResourceStore } from '../src/adapters/tables/tableResourceStore.js'
import { tableRows } from '../src/adapters/tables/tableRows.js'
import { tableSearchIndex } from '../src/adapters/tables/tableSearchIndex.js'
import { tables } from '../src/config.js'
import { restoreTables } from '../src/usecases/operating/restoreTables.js'
import type { Log } from '../src/usecases/ports/telemetry.js'

/** The restore of these tables from these backups. */
export function restoreWith(
  { table, scan, backups }: Pick<Clients, 'table' | 'scan' | 'backups'>,
  log: Log,
  now = () => new Date(),
) {
  const { parties, ...restored } = tables
  return restoreTables({
    tables: Object.values(restored),
    rows: tableRows(scan, tables.fileTransfers),
    backups: azureBackups(backups),
    transfers: tableFileTransferStore(table(tables.fileTransfers)),
    ...tablePending({ due: table(tables.due), before020: table(tables.outboxBefore020) }, now, log),
    searchIndex: tableSearchIndex(table(tables.transfersByActor)),
    resources: tableResourceStore(table(tables.resources)),
    nightlyRuns: tableNightlyRuns(table(tables.nightlyRuns)),
    newId: randomUUID,
    now,
    log,
  })
}
