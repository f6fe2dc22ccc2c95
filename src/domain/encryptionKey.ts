import type { OrganizationNumber } from './organizationNumber.js'

/** A public key of X25519 as age writes it (https://age-encryption.org/v1): 62 characters of Bech32. */
export type EncryptionKey = string & { readonly __brand: 'EncryptionKey' }

/** The key that a recipient has published for a resource, and when. */
export type PublishedKey = { organization: OrganizationNumber; publicKey: EncryptionKey; publishedAt: Date }
