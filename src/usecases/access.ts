import type { Actor } from '../domain/altinnEvents.js'
import { type FileTransfer, recipientsOf } from '../domain/fileTransfer.js'
import type { OrganizationNumber } from '../domain/organizationNumber.js'
import type { AccessPolicy, Caller } from './ports.js'

/** Recipients that are asked about side by side, when the caller is none of them. */
const AT_ONCE = 8

/** The policy, for who only looks. */
export const toLook = (access: AccessPolicy): AccessPolicy => ({
  isPermitted: (caller, asked) => access.isPermitted(caller, { ...asked, isToLook: true }),
})

/** May the caller send on behalf of the sender? */
export const mayActAsSender = (access: AccessPolicy, caller: Caller, { resourceId, sender }: FileTransfer) =>
  access.isPermitted(caller, { actions: ['write'], resourceId, party: sender })

const mayActFor = (access: AccessPolicy, caller: Caller, { id, resourceId }: FileTransfer, party: OrganizationNumber) =>
  access.isPermitted(caller, { actions: ['read'], resourceId, party, fileTransferId: id })

/** The recipient that the caller is; undefined when it is none of them, or may not receive. Nobody downloads for another organisation. */
export async function recipientIs(
  access: AccessPolicy,
  caller: Caller,
  transfer: FileTransfer,
): Promise<OrganizationNumber | undefined> {
  const { organization } = caller
  if (!organization || !(organization in transfer.recipients)) return undefined
  return (await mayActFor(access, caller, transfer, organization)) ? organization : undefined
}

/** May the caller see the transfer? */
export const maySee = async (access: AccessPolicy, caller: Caller, transfer: FileTransfer): Promise<boolean> =>
  (await seenBy(access, caller, transfer)) !== undefined

/**
 * As whom the caller sees the transfer; undefined: as nobody. The policy decides, for whomever the caller acts: its own role is asked first, then
 * the others.
 */
export async function seenBy(policy: AccessPolicy, caller: Caller, transfer: FileTransfer): Promise<Actor | undefined> {
  const access = toLook(policy)
  const own = caller.organization === transfer.sender ? undefined : await recipientIs(access, caller, transfer)
  if (own) return { role: 'Recipient', organization: own }
  if (await mayActAsSender(access, caller, transfer)) return { role: 'Sender', organization: transfer.sender }
  const recipients = recipientsOf(transfer)
  const others = recipients.filter((each) => each !== caller.organization || each === transfer.sender)
  for (let at = 0; at < others.length; at += AT_ONCE) {
    const some = others.slice(at, at + AT_ONCE)
    const permitted = await Promise.all(some.map((party) => mayActFor(access, caller, transfer, party)))
    const organization = some.find((_, index) => permitted[index])
    if (organization) return { role: 'Recipient', organization }
  }
  return undefined
}
