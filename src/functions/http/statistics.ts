import { app } from '@azure/functions'
import { admitStatistics, broker, hostingEnvironment, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { attachment } from '../../http/serving/attachment.js'
import { generated } from '../../http/serving/reply.js'

app.http(
  'getMonthlyStatistics',
  serve(contract.getMonthlyStatistics, async ({ caller, query }) => {
    const { year, month, resourceId, includeEndUser, includeVendor } = query
    const shown = { endUser: includeEndUser, vendor: includeVendor }
    const counted = await broker.getMonthlyStatistics(caller, { year, month, resourceId, shown })
    if (!counted.ok) return counted
    const { csv, fileName } = counted.value
    return ok({ text: csv, headers: { 'content-type': 'text/csv', 'content-disposition': attachment(fileName) } })
  }),
)

app.http(
  'generateDailySummary',
  serve(
    contract.generateDailySummary,
    async () => {
      const made = await broker.makeDailySummary()
      if (!made.ok) return made
      const { name, bytes, hash, serviceOwners, fileTransfers, generatedAt } = made.value
      return ok({
        json: {
          filePath: await broker.keepReport(name, bytes),
          ...{ fileHash: hash, fileSizeBytes: bytes.length },
          ...{ serviceOwnerCount: serviceOwners, totalFileTransferCount: fileTransfers },
          ...{ generatedAt: generatedAt.toISOString(), environment: hostingEnvironment, altinn2Included: false },
        },
      })
    },
    admitStatistics,
  ),
)

app.http(
  'downloadDailySummary',
  serve(
    contract.downloadDailySummary,
    async () => {
      const made = await broker.makeDailySummary()
      if (!made.ok) return made
      const { name, bytes, hash, serviceOwners, fileTransfers, generatedAt } = made.value
      const headers = {
        ...{ 'content-type': 'application/octet-stream', 'content-disposition': attachment(name) },
        ...{ 'x-file-hash': hash, 'x-file-size': String(bytes.length), 'x-environment': hostingEnvironment },
        ...{ 'x-service-owner-count': String(serviceOwners), 'x-total-filetransfer-count': String(fileTransfers) },
        ...{ 'x-generated-at': generatedAt.toISOString(), 'x-altinn2-included': 'False' },
      }
      return ok({ headers, bytes: generated(once(bytes)) })
    },
    admitStatistics,
  ),
)

async function* once(bytes: Uint8Array) {
  yield bytes
}
