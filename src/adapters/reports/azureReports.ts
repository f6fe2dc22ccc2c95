import type { BlobServiceClient } from '@azure/storage-blob'
import { z } from 'zod'
import type { Month } from '../../domain/projections/statistics.js'
import type { ClosedMonths, ReportFiles } from '../../usecases/ports/statistics.js'
import { statusOf, unless } from '../azure/failures.js'
import { organization, time } from '../schemas.js'

const CONTAINER = 'reports'

const closedMonth = z.object({
  readFrom: time,
  days: z.array(
    z.object({
      date: z.string(),
      serviceOwner: organization,
      sender: organization,
      recipient: organization,
      resourceId: z.string(),
      isStatusMessage: z.boolean(),
      fileTransfers: z.int(),
      sizeBytes: z.number(),
    }),
  ),
})

/** The totals of closed months, as blobs beside the reports. A blob is replaced as a whole. */
export function azureClosedMonths(account: BlobServiceClient): ClosedMonths {
  const nameOf = (month: Month) => `closed-months/${month}.json`
  return {
    async read(month) {
      const blob = account.getContainerClient(CONTAINER).getBlobClient(nameOf(month))
      const text = await unless(404, blob.downloadToBuffer())
      return text && closedMonth.parse(JSON.parse(text.toString()))
    },
    async save(month, closed) {
      await put(account, nameOf(month), Buffer.from(JSON.stringify(closed)), 'application/json')
    },
  }
}

/** Reports as blobs in a container of their own. */
export const azureReportFiles = (account: BlobServiceClient): ReportFiles => ({
  save: (name, bytes) => put(account, name, bytes, 'application/vnd.apache.parquet'),
})

/** Stores a blob, in a container that is created when it is first needed. */
async function put(account: BlobServiceClient, name: string, bytes: Uint8Array, blobContentType: string) {
  const container = account.getContainerClient(CONTAINER)
  const blob = container.getBlockBlobClient(name)
  const upload = () => blob.uploadData(bytes, { blobHTTPHeaders: { blobContentType } })
  await upload().catch(async (error: unknown) => {
    if (statusOf(error) !== 404) throw error
    await container.createIfNotExists()
    await upload()
  })
  return blob.url
}
