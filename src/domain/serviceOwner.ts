import type { OrganizationNumber } from './organizationNumber.js'

/** An organisation that owns resources. `storageReadyAt`: since when its files can be stored. */
export type ServiceOwner = { organization: OrganizationNumber; name: string; storageReadyAt: Date | undefined }
