import { type FileTransfer, recipientsOf } from '../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../domain/organizationNumber.js'
import type { Actor } from '../domain/projections/altinnEvents.js'
import type { AccessPolicy, Caller } from './ports/access.js'

/** The policy, for callers who read only: cached decisions will do. */
export const readOnly = (access: AccessPolicy): AccessPolicy => ({
  ...access,
  isPermitted: (caller, asked) => access.isPermitted(caller, { ...asked, isReadOnly: true }),
})

/** May the caller send on behalf of the sender? */
export const canActAsSender = (access: AccessPolicy, caller: Caller, { resourceId, sender }: FileTransfer) =>
  access.isPermitted(caller, { actions: ['write'], resourceId, party: sender })

const mayActFor = (access: AccessPolicy, caller: Caller, { id, resourceId }: FileTransfer, party: OrganizationNumber) =>
  access.isPermitted(caller, { actions: ['read'], resourceId, party, fileTransferId: id })

/**
 * The recipient that the caller is; undefined when it is none of them, or is not permitted. No caller downloads
 * for another organisation.
 */
export async function recipientIs(
  access: AccessPolicy,
  caller: Caller,
  transfer: FileTransfer,
): Promise<OrganizationNumber | undefined> {
  const { organization } = caller
  if (!organization || !(organization in transfer.recipients)) return undefined
  return (await mayActFor(access, caller, transfer, organization)) ? organization : undefined
}

/** May the caller view the transfer? */
export const canView = async (access: AccessPolicy, caller: Caller, transfer: FileTransfer): Promise<boolean> =>
  (await viewerOf(access, caller, transfer)) !== undefined

/**
 * The actor as whom the caller may view the transfer; undefined: it may not. The policy decides for whom the caller
 * acts: it is asked about the caller's own organisation first, then about all others together.
 */
export async function viewerOf(
  policy: AccessPolicy,
  caller: Caller,
  transfer: FileTransfer,
): Promise<Actor | undefined> {
  const access = readOnly(policy)
  const own = caller.organization === transfer.sender ? undefined : await recipientIs(access, caller, transfer)
  if (own) return { role: 'Recipient', organization: own }
  if (await canActAsSender(access, caller, transfer)) return { role: 'Sender', organization: transfer.sender }
  const { id: fileTransferId, resourceId } = transfer
  const others = recipientsOf(transfer).filter((each) => each !== caller.organization || each === transfer.sender)
  const asked = { actions: ['read' as const], resourceId, fileTransferId }
  const [organization] = await access.permittedParties(caller, asked, others)
  return organization && { role: 'Recipient', organization }
}
