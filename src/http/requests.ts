import { z } from 'zod'
import { type OrganizationNumber, parseOrganizationNumber } from '../domain/organizationNumber.js'
import { bareResourceId } from '../domain/resource.js'
import { parseDate } from './dateInput.js'
import { fileTransferStatus, recipientStatus } from './responses.js'

// What callers give: bodies, parameters, queries and headers.

const MAX_RECIPIENTS = 1000

// .NET's Guid.Parse takes 32 digits with or without hyphens, in braces or parentheses too (spec 3.3).
const HEX = '([0-9a-fA-F]'
const GUID = new RegExp(`^[{(]?${HEX}{8})-?${HEX}{4})-?${HEX}{4})-?${HEX}{4})-?${HEX}{12})[)}]?$`)
const fileTransferId = z
  .string()
  .regex(GUID, 'It must be a GUID, such as 4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11.')
  .transform((text) => text.replace(GUID, '$1-$2-$3-$4-$5').toLowerCase())

const PARTY = /^(\d{4}:|urn:altinn:organization:identifier-no:)\d{9}$/
const party = z
  .string({ error: 'An organisation is required, as text: 0192: and nine digits.' })
  .regex(PARTY, 'It must be 0192: and nine digits, or urn:altinn:organization:identifier-no: and nine digits.')
  .transform((text) => parseOrganizationNumber(text) as OrganizationNumber)

/** A table key has room for this much of an id, percent-encoded. */
const MAX_ENCODED_ID = 900

/** An id that can be a part of a key and of a path. */
const isUsableId = (id: string) =>
  id.isWellFormed() &&
  !/\p{Cc}/u.test(id) &&
  id !== '.' &&
  id !== '..' &&
  encodeURIComponent(id).length <= MAX_ENCODED_ID

/** The id of a resource, bare or as a URN; `name` is what errors call it. */
const resourceIdOf = (name: string, pattern = /^/) =>
  z
    .string({ error: `The ${name} field is required.` })
    .min(1, `The ${name} field is required.`)
    .max(255, `${name} is at most 255 characters.`)
    .regex(pattern, `${name} must be the id of a resource, bare or after urn:altinn:resource:.`)
    .transform(bareResourceId)
    .refine(isUsableId, `${name} must be the id of a resource.`)

const resourceId = resourceIdOf('ResourceId', /^(urn:altinn:resource:)?[^:]+$/)

/** It works on the local stack. */
const EXAMPLE_TRANSFER = {
  fileName: 'hello.txt',
  resourceId: 'altinn-broker-test-resource-1',
  sendersFileTransferReference: 'my-1',
  sender: '0192:991825827',
  recipients: ['0192:986252932'],
  propertyList: { color: 'blue' },
}

/** What a sender gives when it initializes a file transfer (spec 4.1). */
export const initialize = z
  .object({
    fileName: z
      .string({ error: 'The FileName field is required.' })
      .max(255, 'FileName is at most 255 characters.')
      .refine((text) => text.trim() !== '', 'The FileName field is required.'),
    resourceId,
    sendersFileTransferReference: z
      .string({ error: 'The SendersFileTransferReference field is required.' })
      .min(1, 'SendersFileTransferReference is at least 1 character.')
      .max(4096, 'SendersFileTransferReference is at most 4096 characters.'),
    sender: party,
    recipients: z
      .array(party, { error: 'Recipients must be a list of at least one organisation.' })
      .min(1, 'Recipients must be a list of at least one organisation.')
      .transform((recipients) => [...new Set(recipients)])
      .refine((recipients) => recipients.length <= MAX_RECIPIENTS, `There are at most ${MAX_RECIPIENTS} recipients.`),
    propertyList: z
      .record(
        z.string().max(50, 'A key in PropertyList is at most 50 characters.'),
        z
          .string('A value in PropertyList must be text.')
          .max(3000, 'A value in PropertyList is at most 3000 characters.'),
        { error: ({ code }) => (code === 'invalid_type' ? 'PropertyList must be an object of texts.' : undefined) },
      )
      .refine((properties) => Object.keys(properties).length <= 10, 'PropertyList has at most 10 entries.')
      .default({}),
    checksum: z
      .string({ error: 'Checksum must be text.' })
      .refine(
        (text) => text.trim() === '' || /^[^A-Z]{32}$/.test(text),
        'Checksum must be an MD5 of 32 lower-case hex digits.',
      )
      .nullable()
      .default(''),
    disableVirusScan: z
      .boolean({ error: 'DisableVirusScan must be true or false.' })
      .nullish()
      .transform((flag) => flag ?? false),
  })
  .meta({ examples: [EXAMPLE_TRANSFER] })

/** A number; the original takes its text too (spec 3.3). */
const number = z.union(
  [
    z.number(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ],
  { error: 'It must be a whole number.' },
)
/** A member that is left as it is when it is absent or null. */
const unlessGiven = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined)

export const resourceChange = z
  .object({
    maxFileTransferSize: unlessGiven(number.pipe(z.int())),
    fileTransferTimeToLive: unlessGiven(z.string()),
    purgeFileTransferAfterAllRecipientsConfirmed: unlessGiven(z.boolean()),
    purgeFileTransferGracePeriod: unlessGiven(z.string()),
    useManifestFileShim: unlessGiven(z.boolean()),
    externalServiceCodeLegacy: unlessGiven(z.string()),
    externalServiceEditionCodeLegacy: unlessGiven(number.pipe(z.int32())),
    requiredParty: unlessGiven(z.string()),
  })
  .refine(
    ({ useManifestFileShim, externalServiceCodeLegacy, externalServiceEditionCodeLegacy }) =>
      !useManifestFileShim || (externalServiceCodeLegacy && externalServiceEditionCodeLegacy),
    'With useManifestFileShim both externalServiceCodeLegacy and externalServiceEditionCodeLegacy are required.',
  )
  .meta({ examples: [{ maxFileTransferSize: 1_000_000_000, fileTransferTimeToLive: 'P30D' }] })

/** What an operator says of transfers without a virus scan. */
export const unscannedApproval = z.object({ approved: z.boolean({ error: 'It must be true or false.' }) })

export const ofFileTransfer = z.object({ fileTransferId })
export const ofResource = z.object({ resourceId: resourceIdOf('resourceId') })

/** One of these names, in any case, or its number (spec 4.4). */
const oneOf = <Name extends string>(names: Name[]) =>
  z
    .string()
    .meta({ enum: names })
    .transform((text, context) => {
      const found = names.find(
        (name, number) => name.toLowerCase() === text.trim().toLowerCase() || String(number) === text,
      )
      if (found === undefined) context.addIssue(`It must be one of ${names.join(', ')}.`)
      return found ?? z.NEVER
    })

const dateTime = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    const at = parseDate(text)
    if (at === undefined) context.addIssue('It must be a date and time, such as 2024-04-19T07:22:19Z.')
    return at ?? z.NEVER
  })

const POSITION = /^(\d{1,15})\.([0-9a-f-]{36})$/
/** Where a page of search results ended, as the `Link` header writes it. */
const searchPosition = z
  .string()
  .regex(POSITION, 'It must be taken from the Link header of a search.')
  .transform((text) => {
    const [, time, id = ''] = POSITION.exec(text) ?? []
    return { at: new Date(Number(time)), fileTransferId: id }
  })

export const search = z.object({
  resourceId: resourceIdOf('resourceId'),
  status: oneOf(fileTransferStatus.options).optional(),
  recipientStatus: oneOf(recipientStatus.options).optional(),
  from: dateTime.optional(),
  to: dateTime.optional(),
  orderAscending: oneOf(['false', 'true'])
    .transform((text) => text === 'true')
    .optional(),
  role: oneOf<'Recipient' | 'Sender'>(['Recipient', 'Sender']).optional(),
  continuation: searchPosition.optional(),
})

/** Visible ASCII, so that it can be a header. */
export const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'Idempotency-Key is 1 to 255 visible ASCII characters.')
    .optional(),
})

export const minAgeDays = z
  .string()
  .regex(/^\d{1,3}$/, 'minAgeDays is a whole number of days, from 0 to 365.')
  .transform(Number)
  .refine((days) => days <= 365, 'minAgeDays is at most 365.')
  .default(0)

const wholeNumber = (name: string) =>
  z
    .string()
    .regex(/^[+-]?\d{1,9}$/, `${name} is a whole number.`)
    .transform(Number)
    .default(0)

const flag = (name: string, otherwise: boolean) =>
  z
    .string()
    .regex(/^(true|false)$/i, `${name} is true or false.`)
    .transform((text) => text.toLowerCase() === 'true')
    .default(otherwise)

/** What a service owner asks to be counted (spec 9.1). */
export const monthlyStatistics = z.object({
  year: wholeNumber('year'),
  month: wholeNumber('month'),
  resourceId: z.string().trim().transform(bareResourceId).optional(),
  includeEndUser: flag('includeEndUser', true),
  includeVendor: flag('includeVendor', false),
})

/** What a report is to be made of: there is but one answer (spec 9.2). */
export const dailySummary = z.object({ altinn2Included: z.boolean().optional() })

export const byteRange = z.object({
  Range: z
    .string()
    .meta({ examples: ['bytes=0-1023'] })
    .optional(),
  'If-Range': z
    .string()
    .meta({ examples: ['"0x8DCE54A1B2C3D40"'] })
    .optional(),
})
