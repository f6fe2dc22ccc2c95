import { createHash } from 'node:crypto'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { ReportLine } from '../../usecases/ports/statistics.js'

/**
 * The daily report as a Parquet file, and its MD5 in base64. The columns are the original's (spec 9.2), with their
 * oddities.
 */
export function toParquet(lines: ReportLine[]): { bytes: Uint8Array; hash: string } {
  const texts = (of: (line: ReportLine) => string) => ({ data: lines.map(of), type: 'STRING' as const })
  const numbers = (of: (line: ReportLine) => number) => ({ data: lines.map(of), type: 'INT32' as const })
  const bytesOf = (of: (line: ReportLine) => number) => ({
    data: lines.map((line) => BigInt(of(line))),
    type: 'INT64' as const,
  })
  const part = (at: number) => numbers(({ date }) => Number(date.split('-')[at]))
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'date', ...texts(({ date }) => date) },
      { name: 'year', ...part(0) },
      { name: 'month', ...part(1) },
      { name: 'day', ...part(2) },
      { name: 'service_owner_id_pk', ...texts(({ serviceOwner }) => `0192:${serviceOwner}`) },
      { name: 'service_owner_name', ...texts(({ serviceOwnerName }) => serviceOwnerName) },
      { name: 'file_sender_id', ...texts(({ sender }) => sender) },
      { name: 'resource_id', ...texts(({ resourceId }) => resourceId) },
      { name: 'altinn_resource_service', ...texts(({ serviceOwnerName }) => serviceOwnerName) },
      { name: 'recipient_type', ...texts(() => 'Organization') },
      { name: 'altinn_version', ...texts(() => 'Altinn3') },
      { name: 'filetransfercount', ...numbers(({ fileTransfers }) => fileTransfers) },
      { name: 'databasestoragebytes', ...bytesOf(() => 0) },
      { name: 'filestoragebytes', ...bytesOf(({ sizeBytes }) => sizeBytes) },
    ],
  })
  const bytes = new Uint8Array(buffer)
  return { bytes, hash: createHash('md5').update(bytes).digest('base64') }
}
