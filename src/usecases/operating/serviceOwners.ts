import { authorFields, authorOf } from '../../domain/author.js'
import { isOutage } from '../../domain/outage.js'
import { err, ok } from '../../domain/result.js'
import type { Caller } from '../ports/access.js'
import type { FileBlobs } from '../ports/blobs.js'
import type { ServiceOwnerStore } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'

type Deps = { serviceOwners: ServiceOwnerStore; blobs: FileBlobs; now: () => Date; log: Log }

/**
 * Registers the caller as a service owner, with containers for the files. Repeated, it finishes a registration that was
 * cut off.
 */
export const registerServiceOwner =
  ({ serviceOwners, blobs, now, log }: Deps) =>
  async (caller: Caller, name: string) => {
    const { organization } = caller
    if (!organization) return err('CallerOrganizationIdNotFound')
    const owner = { organization, name, storageReadyAt: undefined }
    const isNew = (await serviceOwners.add(owner)) === 'added'
    const stored = isNew ? owner : await serviceOwners.read(organization)
    if (stored?.storageReadyAt) return err('ServiceOwnerAlreadyExists')
    try {
      await blobs.provision(organization)
      await serviceOwners.setStorageReady(stored ?? owner, now())
    } catch (error) {
      log('serviceOwner.storageFailed', { organization, error: String(error) })
      if (isOutage(error)) throw error
      return err('ServiceOwnerInitializationFailed')
    }
    log('serviceOwner.registered', { organization, ...authorFields(authorOf(caller)) })
    return ok(undefined)
  }

/** The caller as a service owner. */
export const getServiceOwner =
  ({ serviceOwners }: Pick<Deps, 'serviceOwners'>) =>
  async ({ organization }: Caller) => {
    if (!organization) return err('CallerOrganizationIdNotFound')
    const owner = await serviceOwners.read(organization)
    return owner ? ok(owner) : err('ServiceOwnerNotFound')
  }
