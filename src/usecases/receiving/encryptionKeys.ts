import { authorFields, authorOf } from '../../domain/author.js'
import type { EncryptionKey } from '../../domain/encryptionKey.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { err, ok } from '../../domain/result.js'
import { readOnly } from '../access.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { EncryptionKeys, ResourceStore } from '../ports/resources.js'
import type { Log } from '../ports/telemetry.js'

type Deps = { access: AccessPolicy; resources: ResourceStore; encryptionKeys: EncryptionKeys }

/** A recipient publishes the key to encrypt its files of a resource for, or withdraws it (undefined). */
export const publishEncryptionKey =
  ({ access, resources, encryptionKeys, log, now }: Deps & { log: Log; now: () => Date }) =>
  async (caller: Caller, resourceId: string, publicKey: EncryptionKey | undefined) => {
    const { organization } = caller
    if (!organization) return err('NoAccessToResource')
    const [isPermitted, stored] = await Promise.all([
      access.isPermitted(caller, { actions: ['read'], resourceId, party: organization }),
      resources.recent(resourceId),
    ])
    if (!isPermitted || !stored) return err('NoAccessToResource')

    const key = publicKey && { organization, publicKey, publishedAt: now() }
    await (key ? encryptionKeys.publish(resourceId, key) : encryptionKeys.withdraw(resourceId, organization))
    const by = authorFields(authorOf(caller))
    log(key ? 'encryptionKey.published' : 'encryptionKey.withdrawn', { resourceId, ...by })
    return ok({ organization, key })
  }

/** The keys of organisations, for those who send or receive by the resource; undefined for those without. */
export const getEncryptionKeys =
  ({ access, resources, encryptionKeys }: Deps) =>
  async (caller: Caller, resourceId: string, organizations: OrganizationNumber[]) => {
    const { organization: party } = caller
    if (!party) return err('NoAccessToResource')
    const [isPermitted, stored] = await Promise.all([
      readOnly(access).isPermitted(caller, { actions: ['write', 'read'], resourceId, party }),
      resources.recent(resourceId),
    ])
    if (!isPermitted || !stored) return err('NoAccessToResource')
    const keys = await encryptionKeys.of(resourceId, organizations)
    const byOrganization = new Map(keys.map((key) => [key.organization, key]))
    return ok(organizations.map((organization) => ({ organization, key: byOrganization.get(organization) })))
  }
