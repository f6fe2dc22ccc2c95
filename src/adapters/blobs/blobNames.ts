import type { BlobServiceClient } from '@azure/storage-blob'
import { type OrganizationNumber, parseOrganizationNumber } from '../../domain/organizationNumber.js'
import type { AttemptAddress, BlobLocation } from '../../usecases/ports/blobs.js'

/** What the name of a service owner's container begins with; the organisation number follows. */
export const CONTAINER = 'serviceowner-'
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const BLOB_PATH = new RegExp(`^${CONTAINER}(\\d{9})/(${UUID})/(${UUID})(?:\\.tails/([^/]+))?$`)

/** The container for the files of a service owner. */
export const containerOf = (account: BlobServiceClient, owner: OrganizationNumber) =>
  account.getContainerClient(CONTAINER + owner)

/** The name of the file of an attempt in its container. */
export const nameOf = ({ fileTransferId, attemptId }: BlobLocation): string => `${fileTransferId}/${attemptId}`

/** The prefix of the names of the tails of an attempt. */
export const tailPrefixOf = (location: BlobLocation): string => `${nameOf(location)}.tails/`

/**
 * The attempt that a blob at `{container}/{name}` belongs to, if it is one of ours; `tail`: it is that tail, not the
 * file.
 */
export function attemptIn(path: string): (AttemptAddress & { tail: string | undefined }) | undefined {
  const [, owner = '', fileTransferId = '', attemptId = '', tail] = BLOB_PATH.exec(path) ?? []
  const serviceOwner = parseOrganizationNumber(owner)
  return serviceOwner && { fileTransferId, attemptId, serviceOwner, tail }
}
