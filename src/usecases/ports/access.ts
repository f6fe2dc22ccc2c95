import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'

/** The holder of a token. `claims` are all claims of the token, for the policy; `vendor` acts for the organisation. */
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
  /** `isReadOnly`: nothing is sent or received, so that a decision of some seconds ago will do. */
  isPermitted(caller: Caller, asked: Access & { party: OrganizationNumber; isReadOnly?: true }): Promise<boolean>
  /** The permitted ones of these parties, in their order. A thousand take a few requests. */
  permittedParties(caller: Caller, asked: Access, parties: OrganizationNumber[]): Promise<OrganizationNumber[]>
}
