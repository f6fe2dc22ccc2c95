import { odata } from '@azure/data-tables'
import { z } from 'zod'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Resource } from '../../domain/resource.js'
import { firstOf } from '../../lib/firstOf.js'
import type { ResourceStore, ServiceOwnerStore } from '../../usecases/ports/resources.js'
import { orConflict, unless } from '../azure/failures.js'
import { organization } from '../schemas.js'
import type { Table } from '../tableService/table.js'
import { fromJsonColumns, jsonColumns, keyPart, queryRows, readRow } from './rows.js'

const ONLY = 'state'

const storedResource: z.ZodType<Resource> = z.object({
  id: z.string(),
  owner: organization,
  maxFileTransferSize: z.number().exactOptional(),
  timeToLiveSeconds: z.number().exactOptional(),
  maxTimeToLiveSeconds: z.number().exactOptional(),
  purgeAfterAllConfirmed: z.boolean(),
  graceSeconds: z.number().exactOptional(),
  useManifestFileShim: z.boolean().exactOptional(),
  externalServiceCodeLegacy: z.string().exactOptional(),
  externalServiceEditionCodeLegacy: z.number().exactOptional(),
  requiredParty: z.string().exactOptional(),
  reminders: z.array(z.number()).exactOptional(),
  isApprovedForDisabledVirusScan: z.boolean(),
  searchPartitions: z.number().exactOptional(),
})

/** The partition of an owner's ids. Keys of resources have no space. */
const listOf = (owner: OrganizationNumber) => `owner ${owner}`

/** How resources are configured, a row each, and one in the list of the owner. */
export const tableResourceStore = (table: Table): Omit<ResourceStore, 'recent'> => ({
  async read(id) {
    const row = await readRow(table, keyPart(id), ONLY)
    return row && { resource: storedResource.parse(fromJsonColumns(row)), version: row.etag }
  },

  async save(resource, replaced) {
    // Before the resource: what is listed and not there is passed over.
    await table.upsertEntity({ partitionKey: listOf(resource.owner), rowKey: keyPart(resource.id) }, 'Replace')
    const row = { partitionKey: keyPart(resource.id), rowKey: ONLY, ...jsonColumns(resource) }
    const saving = replaced ? table.updateEntity(row, 'Replace', { etag: replaced }) : table.createEntity(row)
    return (await orConflict(saving)) === 'conflict' ? 'conflict' : 'saved'
  },

  async idsOf(owner, limit) {
    const rows = queryRows(table, odata`PartitionKey eq ${listOf(owner)}`, ['RowKey'])
    const { items } = await firstOf(rows, limit)
    return items.map(({ rowKey = '' }) => decodeURIComponent(rowKey))
  },
})

const storedOwner = z.object({ name: z.string() })
const storageReady = z.object({ storageReadyAt: z.date().optional() })

/** The registered service owners, a row each. */
export const tableServiceOwnerStore = (table: Table): ServiceOwnerStore => ({
  async read(organization) {
    const row = await readRow(table, organization, ONLY)
    if (!row) return undefined
    // Rows of earlier versions have a column for it.
    const { name } = storedOwner.parse('json0' in row ? fromJsonColumns(row) : row)
    return { organization, name, storageReadyAt: storageReady.parse(row).storageReadyAt }
  },

  async add({ organization, name }) {
    const added = await unless(
      409,
      table.createEntity({ partitionKey: organization, rowKey: ONLY, ...jsonColumns({ name }) }),
    )
    return added ? 'added' : 'exists'
  },

  async setStorageReady({ organization }, storageReadyAt) {
    await table.updateEntity({ partitionKey: organization, rowKey: ONLY, storageReadyAt }, 'Merge')
  },
})
