import { odata } from '@azure/data-tables'
import { z } from 'zod'
import type { BlockRun, TusUpload } from '../../domain/tus/upload.js'
import type { TusUploads } from '../../usecases/ports/tus.js'
import { orConflict, statusOf } from '../azure/failures.js'
import { organization, time } from '../schemas.js'
import type { Table } from '../tableService/table.js'
import { fromJsonColumns, jsonColumns, missingEtag, queryRows, readRow } from './rows.js'

const PREFIX = 'tus-'

/** Runs of blocks as `lease*count`, since there may be thousands. */
const runs = z.string().transform((text): BlockRun[] =>
  text === ''
    ? []
    : text.split(' ').map((run) => {
        const [lease, count] = run.split('*')
        return { lease: Number(lease), count: Number(count) }
      }),
)

const storedUpload: z.ZodType<TusUpload> = z
  .object({
    id: z.string(),
    attemptId: z.string(),
    lengthBytes: z.number(),
    metadata: z.string().optional(),
    uploader: z.object({
      organization: organization.optional(),
      subject: z.string().optional(),
      clientId: z.string().exactOptional(),
    }),
    beganAt: time.exactOptional(),
    lastByteAt: time,
    blockBytes: z.number(),
    offset: z.number(),
    blocks: runs,
    tail: z.object({ name: z.string(), sizeBytes: z.number() }).exactOptional(),
    md5State: z.string().exactOptional(),
    md5: z.string().exactOptional(),
    sha256: z.string().exactOptional(),
    parts: z.array(z.string()).exactOptional(),
    lease: z.number(),
    leasedUntil: time.exactOptional(),
  })
  .transform(({ metadata, uploader: { organization, subject, ...client }, ...rest }) => ({
    ...rest,
    metadata,
    uploader: { organization, subject, ...client },
  }))

/**
 * TUS uploads as rows `tus-{id}` in the partition of their transfer: they sort after its state, beyond reads of facts.
 */
export const tableTusUploads = (table: Table): TusUploads => ({
  async read(transfer, id) {
    const row = await readRow(table, transfer, PREFIX + id)
    return row && { upload: uploadOf(row), version: row.etag }
  },

  async ofFileTransfer(transfer) {
    const filter = odata`PartitionKey eq ${transfer} and RowKey ge ${PREFIX} and RowKey lt ${`${PREFIX}~`}`
    const rows = await Array.fromAsync(queryRows(table, filter))
    return rows.map((row) => ({ upload: uploadOf(row), version: row.etag }))
  },

  async save(transfer, upload, replaced) {
    const blocks = upload.blocks.map(({ lease, count }) => `${lease}*${count}`).join(' ')
    const row = {
      partitionKey: transfer,
      rowKey: PREFIX + upload.id,
      offset: String(upload.offset), // for people who read the table
      ...jsonColumns({ ...upload, blocks }),
    }
    const saved = await orConflict(
      replaced === undefined ? table.createEntity(row) : table.updateEntity(row, 'Replace', { etag: replaced }),
    )
    if (saved === 'conflict') return saved
    return saved.etag ?? missingEtag(`an upload of ${transfer}`)
  },

  async remove(transfer, id, read) {
    try {
      await table.deleteEntity(transfer, PREFIX + id, { etag: read })
      return 'removed'
    } catch (error) {
      if (statusOf(error) === 404) return 'removed'
      if (statusOf(error) === 412) return 'conflict'
      throw error
    }
  },
})

const uploadOf = (row: Record<string, unknown>) => storedUpload.parse(fromJsonColumns(row))
