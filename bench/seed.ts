import { randomUUID } from 'node:crypto'
import { initialize } from '../src/domain/fileTransfer/initialize.js'
import { type FileTransfer, recipientsOf } from '../src/domain/fileTransfer/state.js'
import { type OrganizationNumber, parseOrganizationNumber } from '../src/domain/organizationNumber.js'
import { searchProjections } from '../src/domain/projections/search.js'
import type { Resource } from '../src/domain/resource.js'
import type { FileTransferStore } from '../src/usecases/ports/fileTransfers.js'
import type { SearchIndex } from '../src/usecases/ports/search.js'

/** The organisation with this number. @throws when it is none. */
export function organization(text: string): OrganizationNumber {
  const parsed = parseOrganizationNumber(text)
  if (!parsed) throw new Error(`${text} is no organisation number.`)
  return parsed
}

type Stores = { transfers: FileTransferStore; searchIndex: SearchIndex }
type Seed = { resource: Resource; sender: OrganizationNumber; recipient: OrganizationNumber; at: Date }

/** Stores a transfer as it was initialized at this time, with its search rows; without due rows. */
export async function seedTransfer(
  { transfers, searchIndex }: Stores,
  { resource, sender, recipient, at }: Seed,
): Promise<FileTransfer> {
  const initialized = initialize(
    {
      fileName: 'a',
      resourceId: resource.id,
      sendersFileTransferReference: '1',
      sender,
      recipients: [recipient],
      propertyList: {},
      checksum: null,
      disableVirusScan: false,
    },
    {
      resource,
      owner: { organization: resource.owner, name: 'Owner', storageReadyAt: at },
      isRegistered: true,
      isOutsideAccessList: false,
      isProduction: false,
    },
    { id: randomUUID(), at, vendor: undefined },
  )
  if (!initialized.ok) throw new Error(JSON.stringify(initialized.reason))
  const { transfer, facts } = initialized.value
  await transfers.commit(transfer, facts, randomUUID(), undefined)
  for (const each of searchProjections(transfer, recipientsOf(transfer))) {
    await searchIndex.project(each, { replaced: undefined })
  }
  return transfer
}
