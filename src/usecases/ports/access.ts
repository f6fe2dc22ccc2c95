import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'

/** Whoever holds the token. `claims` are all that the token says, for the policy; `vendor` is who acts for the organisation. */
export type Caller = {
  organization: OrganizationNumber | undefined
  vendor: OrganizationNumber | undefined
  scopes: string[]
  claims: Record<string, unknown>
}

/** What a caller wants to do on a resource: one of these actions. */
export type Access = { actions: ('write' | 'read')[]; resourceId: string; fileTransferId?: FileTransferId }

/** Altinn Authorization: what the caller may do on behalf of a party. */
export type AccessPolicy = {
  /** `isToLook`: nothing is sent or received, so that an answer of some seconds ago will do. */
  isPermitted(caller: Caller, asked: Access & { party: OrganizationNumber; isReadOnly?: true }): Promise<boolean>
  /** Those of the parties, in their order. A thousand are asked about by some few requests. */
  permittedParties(caller: Caller, asked: Access, parties: OrganizationNumber[]): Promise<OrganizationNumber[]>
}
