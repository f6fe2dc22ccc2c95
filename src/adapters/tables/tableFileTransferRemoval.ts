import { odata } from '@azure/data-tables'
import type { FileTransferRemoval } from '../../usecases/ports/fileTransfers.js'
import { statusOf } from '../azure/failures.js'
import type { Table } from '../tableService/table.js'
import { queryRows, readRow, removeRows } from './rows.js'
import { STATE } from './tableFileTransferStore.js'

/**
 * Removes file transfers from their table. The state goes first, under the version that was read, so that no reader
 * sees half a transfer; then all other rows of the partition, which a repeated removal finds without a state.
 */
export const tableFileTransferRemoval = (table: Table): FileTransferRemoval => ({
  async *ofResource(resourceId, createdBefore) {
    const filter = odata`RowKey eq ${STATE} and resourceId eq ${resourceId} and createdAt lt ${createdBefore}`
    for await (const { partitionKey } of queryRows(table, filter, ['PartitionKey'])) {
      if (partitionKey !== undefined) yield partitionKey
    }
  },

  async remove(id, read) {
    if (!(await isStateGone(table, id, read))) return 'conflict'
    await removeRows(table, id)
    return 'removed'
  },
})

/** Whether there is no state any more. Without a version that was read there must be none. */
async function isStateGone(table: Table, id: string, read: string | undefined): Promise<boolean> {
  try {
    if (read === undefined) return (await readRow(table, id, STATE)) === undefined
    await table.deleteEntity(id, STATE, { etag: read })
    return true
  } catch (error) {
    if (statusOf(error) === 404) return true
    if (statusOf(error) === 412) return false
    throw error
  }
}
