import type { OrganizationNumber } from './organizationNumber.js'

/** An organisation that owns resources, and whether there is a place for its files yet. */
export type ServiceOwner = { organization: OrganizationNumber; name: string; storageReadyAt: Date | undefined }
