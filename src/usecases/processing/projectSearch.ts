import { recipientsOf } from '../../domain/fileTransfer/state.js'
import { searchProjections } from '../../domain/projections/search.js'
import { projectAll } from '../commit/sideEffects.js'
import type { FileTransferReader } from '../ports/fileTransfers.js'
import type { FactPointer } from '../ports/messages.js'
import type { SearchIndex } from '../ports/search.js'

type Deps = { transfers: FileTransferReader; searchIndex: SearchIndex }

/**
 * Writes the search rows of all actors of a transfer with very many recipients. Throws to have the message redelivered.
 */
export const projectSearch =
  ({ transfers, searchIndex }: Deps) =>
  async ({ fileTransferId }: FactPointer): Promise<void> => {
    const found = await transfers.read(fileTransferId)
    if (found) await projectAll(searchIndex, searchProjections(found.transfer, recipientsOf(found.transfer)))
  }
