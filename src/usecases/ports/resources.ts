import type { PublishedKey } from '../../domain/encryptionKey.js'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Resource } from '../../domain/resource.js'
import type { ServiceOwner } from '../../domain/serviceOwner.js'
import type { Version } from './fileTransfers.js'

export type StoredResource = { resource: Resource; version: Version }

/** Broker's own configuration of resources; who owns one is known to the Resource Registry. */
export type ResourceStore = {
  /** Undefined until the resource has been configured. */
  read(id: string): Promise<StoredResource | undefined>
  /** The same, as it was some seconds ago at the earliest: another process may have changed it since. */
  recent(id: string): Promise<StoredResource | undefined>
  /** Replaces what was read at `replaced`; undefined: there must be none yet. Lists it under its owner. */
  save(resource: Resource, replaced: Version | undefined): Promise<'saved' | 'conflict'>
  /** The ids of the resources that are listed under an owner, up to `limit`: of some there may be no resource. */
  idsOf(owner: OrganizationNumber, limit: number): Promise<string[]>
}

/** The registered service owners. */
export type ServiceOwnerStore = {
  /** Undefined when it is not registered. */
  read(organization: OrganizationNumber): Promise<ServiceOwner | undefined>
  /** 'exists' when another was first. */
  add(owner: ServiceOwner): Promise<'added' | 'exists'>
  /** Records that the containers for the files of a registered service owner exist. */
  setStorageReady(owner: ServiceOwner, at: Date): Promise<void>
}

/** The request that an organisation has sent with an idempotency key, and the transfer of it. */
export type IdempotencyEntry = { fileTransferId: FileTransferId; requestHash: string; at: Date }

/** The idempotency keys of organisations. Of concurrent claims for one key, one wins. */
export type IdempotencyKeys = {
  /** The entry in force for the key: the given one, or an earlier one that is not older than `expired`. */
  claim(
    organization: OrganizationNumber,
    key: string,
    entry: IdempotencyEntry,
    expired: Date,
  ): Promise<IdempotencyEntry>
  /** Removes the entries that are older; returns how many there were. It reads all entries. */
  removeOlder(than: Date): Promise<number>
}

/** The keys that recipients have published to have files encrypted for them, by resource. */
export type EncryptionKeys = {
  /** Those of these organisations that there are, in no order. */
  of(resourceId: string, organizations: OrganizationNumber[]): Promise<PublishedKey[]>
  /** Replaces the one before. */
  publish(resourceId: string, key: PublishedKey): Promise<void>
  withdraw(resourceId: string, organization: OrganizationNumber): Promise<void>
}

/** Altinn Resource Registry. */
export type ResourceRegistry = {
  /**
   * Who owns the resource, and whether it has an access list; undefined when it is not registered, or without an owner.
   */
  find(resourceId: string): Promise<{ owner: OrganizationNumber; hasAccessList: boolean } | undefined>
  /** Whether all of these are on the access list of the resource. */
  areOnAccessList(resourceId: string, parties: OrganizationNumber[]): Promise<boolean>
}
