import { z } from 'zod'
import type { EncryptionKey } from '../../domain/encryptionKey.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { EncryptionKeys } from '../../usecases/ports/resources.js'
import { unless } from '../azure/failures.js'
import type { Table } from '../tableService/table.js'
import { keyPart, readRow } from '../tables/rows.js'

const CONCURRENT_READS = 32

const storedKey = z.object({
  publicKey: z.custom<EncryptionKey>((value) => typeof value === 'string'),
  publishedAt: z.date(),
})

/** The keys of recipients: a partition for each resource, a row for each organisation. */
export const tableEncryptionKeys = (table: Table): EncryptionKeys => ({
  async of(resourceId, organizations) {
    const found: Awaited<ReturnType<EncryptionKeys['of']>> = []
    await forEachConcurrent(organizations, CONCURRENT_READS, async (organization) => {
      const row = await readRow(table, keyPart(resourceId), organization)
      if (row) found.push({ organization, ...storedKey.parse(row) })
    })
    return found
  },

  async publish(resourceId, { organization, publicKey, publishedAt }) {
    const row = { partitionKey: keyPart(resourceId), rowKey: organization, publicKey, publishedAt }
    await table.upsertEntity(row, 'Replace')
  },

  async withdraw(resourceId, organization) {
    await unless(404, table.deleteEntity(keyPart(resourceId), organization))
  },
})
