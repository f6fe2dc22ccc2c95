import { z } from 'zod'
import { fileTransferStatus } from './responses.js'

// What a receipt is on the wire: docs/guide/recipients.md describes it.

const time = z.iso.datetime().meta({ examples: ['2024-04-19T07:22:19.438Z'] })
const organization = z.string().meta({ examples: ['0192:991825827'] })

/** What a recipient has done. */
export const receiptRecipient = z.object({
  organization,
  downloadStarted: time.nullable().describe('When its first download began, or it got its first link.'),
  confirmed: time.nullable(),
})

/** A status from Published on. */
export const receiptStatus = z.object({ status: fileTransferStatus, at: time })

/** The file that was sent. */
export const receiptFile = z.object({
  name: z.string(),
  sizeBytes: z.int().nonnegative(),
  md5: z.string().nullable().describe('In hex; null where Broker has not read the file.'),
  sha256: z.string().nullable().describe('In hex; null where Broker has not computed it.'),
})

/** What a receipt states. */
export const receiptStatement = z.object({
  iss: z.string().describe('The address of the API that issued it.'),
  sub: z.guid().describe('The id of the file transfer.'),
  iat: z.int().nonnegative().describe('When it was issued, in seconds since 1970.'),
  resourceId: z.string(),
  serviceOwner: organization,
  sender: organization,
  file: receiptFile,
  created: time,
  published: time,
  recipients: z.array(receiptRecipient),
  statuses: z.array(receiptStatus).describe('From Published on, oldest first.'),
})

/** A receipt: what it states, and its proof. */
export const signedReceipt = z.object({
  receipt: z
    .string()
    .describe(
      'A compact JWS (RFC 7515): ES256, typ altinn-broker-receipt+jwt; its payload is the statement, which nothing but this proves.',
    ),
  statement: receiptStatement,
})

/** A public key (RFC 7517). */
export const receiptKey = z.object({
  kty: z.enum(['EC']),
  crv: z.enum(['P-256']),
  x: z.string(),
  y: z.string(),
  kid: z.string().describe('Its thumbprint (RFC 7638).'),
  alg: z.enum(['ES256']),
  use: z.enum(['sig']),
})

/** The keys that receipts are verified by. */
export const receiptKeys = z.object({ keys: z.array(receiptKey).describe('The newest first.') })
