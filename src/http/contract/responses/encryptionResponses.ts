import { z } from 'zod'
import { party, time } from './values.js'

/** The key of a recipient. */
export const encryptionKey = z.object({
  organization: party,
  publicKey: z
    .string()
    .nullable()
    .describe('Null: it has published none.')
    .meta({ examples: ['age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z'] }),
  published: time.nullable(),
})

/** The keys in the order of the request. */
export const encryptionKeys = z.object({ keys: z.array(encryptionKey) })
