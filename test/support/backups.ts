import type { TableClient } from '@azure/data-tables'
import { expect } from 'vitest'
import { azureBackups, BACKUPS_CONTAINER } from '../../src/adapters/blobs/azureBackups.js'
import { tables } from '../../src/config.js'
import type { LogEvent } from '../../src/domain/projections/logEvents.js'
import { forEachConcurrent } from '../../src/lib/forEachConcurrent.js'
import type { RestoreRequest } from '../../src/usecases/operating/restoreTables.js'
import { restoreWith } from '../../tools/restoreWith.js'
import { storedIn } from './crashInvariants.js'
import type { World } from './crashStack.js'
import { faultInjector } from './faultyClients.js'
import { all } from './samples.js'

const FOREVER = new Date('9999-01-01')

export const backupsOf = ({ clients }: World) => azureBackups(clients.backups)

/** Takes all backups away: worlds share the account. */
export async function withoutBackups({ clients }: World): Promise<void> {
  const container = clients.backups.getContainerClient(BACKUPS_CONTAINER)
  await forEachConcurrent(container.listBlobsFlat(), 16, ({ name }) => container.deleteBlob(name))
}

/** The tables are lost, all of them or these. */
export async function loseTables({ clients }: World, lost: string[] = Object.values(tables)): Promise<void> {
  for (const name of lost) await loseRows(clients.scan(name))
}

export const loseRows = (table: TableClient, filter = '') =>
  forEachConcurrent(table.listEntities({ queryOptions: { filter } }), 16, ({ partitionKey = '', rowKey = '' }) =>
    table.deleteEntity(partitionKey, rowKey),
  )

/** Restores a world, and returns what came of it with the log. */
export async function restored(world: World, request: Partial<RestoreRequest> = {}, injector = faultInjector()) {
  const lines: { event: LogEvent; details: Record<string, unknown> | undefined }[] = []
  const log = (event: LogEvent, details?: Record<string, unknown>) => void lines.push({ event, details })
  const restore = restoreWith(world.clientsFor(injector), log, () => world.clock.now)
  const result = await restore({ at: FOREVER, isIntoExisting: false, ...request })
  return { result, lines }
}

/** What callers and operators can read: transfers with their facts, resources, owners, statistics, the delivery log. */
export async function contentsOf(world: World) {
  const stored = (await storedIn(world)).toSorted((one, other) => (one.transfer.id < other.transfer.id ? -1 : 1))
  const others = [tables.resources, tables.serviceOwners, tables.monthlyStatistics, tables.eventDeliveries]
  const rows = await Promise.all(others.map((name) => all(world.clients.scan(name).listEntities())))
  return { stored, rows: rows.flat().map(({ timestamp, etag, ...row }) => row) }
}

/** @throws when a restore was refused. */
export function done<Value>(result: { ok: true; value: Value } | { ok: false; reason: unknown }): Value {
  if (!result.ok) expect.fail(JSON.stringify(result.reason))
  return result.value
}
