import { z } from 'zod'
import { parseEncryptionKey } from '../../input/encryptionKey.js'
import { someOrganizations } from './requests.js'

const MAX_KEYS = 1000

/** The key that a recipient publishes, or null. */
export const encryptionKeyChange = z
  .object({
    publicKey: z
      .string({ error: 'PublicKey must be text, or null.' })
      .max(100, 'PublicKey must be a public key of age: age1 and 58 characters.')
      .transform((text) => parseEncryptionKey(text))
      .refine((key) => key !== undefined, 'PublicKey must be a public key of age: age1 and 58 characters.')
      .nullable(),
  })
  .meta({ examples: [{ publicKey: 'age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z' }] })

/** Whose keys a sender wants. */
export const organizationsWithKeys = someOrganizations(MAX_KEYS)
