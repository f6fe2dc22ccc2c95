import { z } from 'zod'
import { parseDate } from '../../input/dateInput.js'

const MAX_REASON = 500

/** Why a sender cancels or withdraws a file transfer: one line of plain text. */
export const cancellation = z
  .object({
    reason: z
      .string({ error: 'Reason must be text.' })
      .meta({ minLength: 1, maxLength: MAX_REASON })
      .transform((text) => text.trim())
      .refine((text) => /[^\p{C}\p{Z}\p{M}]/u.test(text), 'Reason must not be empty.')
      .refine((text) => text.length <= MAX_REASON, `Reason is at most ${MAX_REASON} characters.`)
      .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'Reason must be one line of plain text.')
      .nullish()
      .transform((text) => text ?? undefined),
  })
  .meta({ examples: [{ reason: 'The wrong file was sent.' }] })

/** When a file transfer is to expire. */
export const expiry = z
  .object({
    expirationTime: z
      .string({ error: 'The ExpirationTime field is required.' })
      .meta({ format: 'date-time' })
      .transform((text) => parseDate(text))
      .refine((time) => time !== undefined, 'ExpirationTime must be a time in ISO 8601, such as 2026-12-24T12:00:00Z.'),
  })
  .meta({ examples: [{ expirationTime: '2026-12-24T12:00:00Z' }] })
