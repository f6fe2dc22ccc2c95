import { z } from 'zod'
import { parseDuration } from '../../../domain/duration.js'
import { type OrganizationNumber, parseOrganizationNumber } from '../../../domain/organizationNumber.js'
import { MAX_REMINDER_SECONDS, MAX_REMINDERS, sortedReminders } from '../../../domain/reminders.js'
import { bareResourceId } from '../../../domain/resource.js'

// What callers give: bodies, parameters of the route and headers. Queries are in queries.ts.

const MAX_RECIPIENTS = 1000
/** A recipient that is named twice counts once; a longer list is refused before they are counted. */
const MAX_LISTED_RECIPIENTS = 2 * MAX_RECIPIENTS
const TOO_MANY_RECIPIENTS = `There are at most ${MAX_RECIPIENTS} recipients.`
const MAX_PROPERTIES = 10

// .NET's Guid.Parse takes 32 digits with or without hyphens, in braces or parentheses too (spec 3.3).
const HEX = '([0-9a-fA-F]'
const GUID = new RegExp(`^[{(]?${HEX}{8})-?${HEX}{4})-?${HEX}{4})-?${HEX}{4})-?${HEX}{12})[)}]?$`)
const guid = z
  .string()
  .regex(GUID, 'It must be a GUID, such as 4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11.')
  .meta({ format: 'uuid' })
  .transform((text) => text.replace(GUID, '$1-$2-$3-$4-$5').toLowerCase())

const PARTY = /^(\d{4}:|urn:altinn:organization:identifier-no:)\d{9}$/
const party = z
  .string({ error: 'An organisation is required, as text: 0192: and nine digits.' })
  .regex(PARTY, 'It must be 0192: and nine digits, or urn:altinn:organization:identifier-no: and nine digits.')
  .transform((text) => parseOrganizationNumber(text) as OrganizationNumber)

/** A table key has room for 1 KiB in UTF-16: for this much of an id, percent-encoded, with what else is in the key. */
const MAX_ENCODED_ID = 480

/** An id that can be a part of a key and of a path. */
export const isUsableId = (id: string) =>
  id.isWellFormed() &&
  !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(id) &&
  id !== '.' &&
  id !== '..' &&
  encodeURIComponent(id).length <= MAX_ENCODED_ID

/** The id of a resource, bare or as a URN; `name` is what errors call it. */
export const resourceIdOf = (name: string, pattern = /^/) =>
  z
    .string({ error: `The ${name} field is required.` })
    .min(1, `The ${name} field is required.`)
    .max(255, `${name} is at most 255 characters.`)
    .regex(pattern, `${name} must be the id of a resource, bare or after urn:altinn:resource:.`)
    .transform(bareResourceId)
    .refine(isUsableId, `${name} must be the id of a resource.`)

const resourceId = resourceIdOf('ResourceId', /^(urn:altinn:resource:)?[^:]+$/)

/** The value, if there is not too much in it. A schema by itself reads each element before it counts them. */
export const atMost = <Schema extends z.ZodType>(max: number, message: string, schema: Schema) =>
  z.preprocess((value, context) => {
    const elements = typeof value === 'object' ? Object.keys(value ?? {}) : []
    if (elements.length > max) context.addIssue(message)
    return value
  }, schema)

/** A member that is left as it is when it is absent or null. */
const unlessGiven = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined)

const NO_REMINDER = 'A reminder is an ISO 8601 duration, such as P7D after the publication or -P2D before the expiry.'
/** When recipients are reminded. */
const reminders = (about: string) =>
  unlessGiven(
    atMost(
      MAX_REMINDERS,
      `There are at most ${MAX_REMINDERS} reminders.`,
      z
        .array(
          z
            .string(NO_REMINDER)
            .transform((text) => parseDuration(text) ?? 0)
            .refine((seconds) => seconds !== 0, NO_REMINDER)
            .refine((seconds) => Math.abs(seconds) <= MAX_REMINDER_SECONDS, 'A reminder is at most 365 days.'),
          'Reminders must be a list of durations.',
        )
        .meta({ maxItems: MAX_REMINDERS, description: about, examples: [['P7D', '-P2D']] })
        .transform(sortedReminders),
    ),
  )

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
    recipients: atMost(
      MAX_LISTED_RECIPIENTS,
      TOO_MANY_RECIPIENTS,
      z
        .array(party, { error: 'Recipients must be a list of at least one organisation.' })
        .min(1, 'Recipients must be a list of at least one organisation.')
        .meta({ maxItems: MAX_RECIPIENTS })
        .transform((recipients) => [...new Set(recipients)])
        .refine((recipients) => recipients.length <= MAX_RECIPIENTS, TOO_MANY_RECIPIENTS),
    ),
    propertyList: atMost(
      MAX_PROPERTIES,
      `PropertyList has at most ${MAX_PROPERTIES} entries.`,
      z
        .record(
          z.string().max(50, 'A key in PropertyList is at most 50 characters.'),
          z
            .string('A value in PropertyList must be text.')
            .max(3000, 'A value in PropertyList is at most 3000 characters.'),
          { error: ({ code }) => (code === 'invalid_type' ? 'PropertyList must be an object of texts.' : undefined) },
        )
        .meta({ maxProperties: MAX_PROPERTIES, default: {} }),
    ).default({}),
    checksum: z
      .string({ error: 'Checksum must be text.' })
      .refine((text) => /^(\s{0,32}|[0-9a-f]{32})$/.test(text), 'Checksum must be an MD5 of 32 lower-case hex digits.')
      .nullable()
      .default(''),
    checksumSha256: z
      .string({ error: 'ChecksumSha256 must be text.' })
      .regex(/^[0-9a-fA-F]{64}$/, 'ChecksumSha256 must be a SHA-256 of 64 hex digits.')
      .nullish()
      .transform((text) => text?.toLowerCase()),
    disableVirusScan: z
      .boolean({ error: 'DisableVirusScan must be true or false.' })
      .nullish()
      .transform((flag) => flag ?? false),
    encryption: z
      .enum(['age'], 'Encryption must be age.')
      .nullish()
      .transform((format) => format ?? undefined)
      .describe('The file is encrypted for its recipients in this format. It takes disableVirusScan.'),
    reminders: reminders(
      'Which reminders of the resource recipients who have not confirmed get; [] is none, and without it they get all of them.',
    ),
  })
  .meta({ examples: [EXAMPLE_TRANSFER] })

const MAX_NAMES = 100

/** Organisations to be asked about, so many at most. */
export const someOrganizations = (most: number) =>
  z
    .object({
      organizations: atMost(
        most,
        `There are at most ${most} organisations.`,
        z
          .array(party, { error: 'Organizations must be a list of at least one organisation.' })
          .min(1, 'Organizations must be a list of at least one organisation.')
          .meta({ maxItems: most }),
      ),
    })
    .meta({ examples: [{ organizations: ['0192:986252932'] }] })

/** Whose names a sender wants to see. */
export const organizationsToName = someOrganizations(MAX_NAMES)

const textUpTo = (max: number, name: string) => z.string().max(max, `${name} is at most ${max} characters.`)

/** The name of a service owner. */
export const serviceOwner = z
  .object({ name: z.string({ error: 'The Name field is required.' }).max(4096, 'Name is at most 4096 characters.') })
  .meta({ examples: [{ name: 'Digitaliseringsdirektoratet' }] })

/** A whole number; the original takes its text too (spec 3.3). */
const wholeNumberIn = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((given) => (typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given), schema)
const NOT_WHOLE = 'It must be a whole number.'

/** A change of a resource. Durations are ISO 8601, or as in Broker's answers. */
export const resourceChange = z
  .object({
    maxFileTransferSize: unlessGiven(wholeNumberIn(z.int(NOT_WHOLE))),
    fileTransferTimeToLive: unlessGiven(z.string()),
    fileTransferMaxTimeToLive: unlessGiven(z.string()),
    purgeFileTransferAfterAllRecipientsConfirmed: unlessGiven(z.boolean()),
    purgeFileTransferGracePeriod: unlessGiven(z.string()),
    useManifestFileShim: unlessGiven(z.boolean()),
    externalServiceCodeLegacy: unlessGiven(textUpTo(7, 'ExternalServiceCodeLegacy')), // processing 1.1
    externalServiceEditionCodeLegacy: unlessGiven(wholeNumberIn(z.int32(NOT_WHOLE))),
    requiredParty: unlessGiven(textUpTo(100, 'RequiredParty')),
    reminders: reminders(
      'When recipients who have not confirmed are reminded: the time after the publication, or with a minus before the expiry. [] is never.',
    ),
  })
  .refine(
    ({ useManifestFileShim, externalServiceCodeLegacy, externalServiceEditionCodeLegacy }) =>
      !useManifestFileShim || (externalServiceCodeLegacy && externalServiceEditionCodeLegacy),
    'With useManifestFileShim both externalServiceCodeLegacy and externalServiceEditionCodeLegacy are required.',
  )
  .meta({ examples: [{ maxFileTransferSize: 1_000_000_000, fileTransferTimeToLive: 'P30D' }] })

/** What an operator says of transfers without a virus scan. */
export const unscannedApproval = z.object({ approved: z.boolean({ error: 'It must be true or false.' }) })

export const ofFileTransfer = z.object({ fileTransferId: guid })
export const ofFileTransferGroup = z.object({ fileTransferGroupId: guid })
export const ofResource = z.object({ resourceId: resourceIdOf('resourceId') })

/** Visible ASCII, so that it can be a header. */
const key = z
  .string({ error: 'The header Idempotency-Key is required: any text of your own, such as a UUID.' })
  .regex(/^[\x21-\x7e]{1,255}$/, 'Idempotency-Key is 1 to 255 visible ASCII characters.')
export const idempotencyKey = z.object({ 'Idempotency-Key': key.optional() })
export const requiredIdempotencyKey = z.object({ 'Idempotency-Key': key })

/** What a report is to be made of: there is but one answer (spec 9.2). */
export const dailySummary = z.object({ altinn2Included: z.boolean().optional() })

/** The range of a download (RFC 9110 §14.2, §13.1.5). */
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
