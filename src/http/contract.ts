// Longer than 250 lines: THE route table is one table, with the schemas of its rows.
import { z } from 'zod'
import { type OrganizationNumber, parseOrganizationNumber } from '../domain/organizationNumber.js'
import type { Problem } from '../domain/problems.js'
import { bareResourceId } from '../domain/resource.js'
import { parseDate } from './dateInput.js'
import type { FormNames } from './multipart.js'
import { message, useCaseTestsCleanedUp, webhookConfirmation } from './operatorResponses.js'
import {
  fileTransferCreated,
  fileTransferDetails,
  fileTransferOverview,
  fileTransferStatus,
  foundFileTransfers,
  openApiDocument,
  recipientStatus,
  resourceConfiguration,
  serviceOwnerOverview,
} from './responses.js'

/** A good answer. */
export type Success = {
  status: 200 | 204
  /** Its JSON. What a handler answers must fit. */
  json?: z.ZodType
  /** The media type of a body that is not JSON. Neither: there is no body. */
  content?: string
  /** Headers of its own, which openApi.ts describes. */
  headers?: readonly string[]
  /** Other statuses with such a body, why they are answered, and the headers that come in addition. */
  also?: Record<number, { description: string; headers?: readonly string[] }>
}

/** One operation of the API. What is not here is not served. */
export type Operation = {
  /** What it does, in one line. */
  summary: string
  /** For those who run the service, or for the service itself: not in the public document (spec 1). */
  isInternal?: boolean
  method: 'GET' | 'POST' | 'PUT'
  /** The whole path, with `{parameters}`. */
  path: string
  /** One of these in the token; none: open to everybody. */
  scopes: readonly string[]
  /** Who is let in, where it is not the scopes that tell. */
  guard?: string
  params?: z.ZodObject
  /** Parameters of the query. Empty ones count as not given. */
  query?: z.ZodObject
  /** Headers of the operation's own. */
  headers?: z.ZodObject
  /**
   * A JSON body, what errors call it, and the member that it must have, if only as null; a form of fields and a file, by their names; the bytes
   * of a file, which are handed on as they come; or any JSON, undefined where the body is none.
   */
  body?:
    | { schema: z.ZodObject; parameter: string; demanded?: string }
    | { schema: z.ZodObject; form: FormNames }
    | 'file'
    | 'json'
  /** The one media type that a request may declare; another is refused before anything else is looked at. Undefined: see `body`. */
  consumes?: 'application/json' | 'application/octet-stream' | 'multipart/form-data'
  /** The media type that an `Accept` header must allow. Undefined: any will do. */
  produces?: 'application/json'
  success: Success
  problems: readonly Problem[]
}

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
const SERVICE_OWNER = 'altinn:serviceowner'
const MAINTENANCE = 'altinn:broker.maintenance'

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

const RESOURCE_ID = /^(urn:altinn:resource:)?[^:]+$/
const resourceId = z
  .string({ error: 'The ResourceId field is required.' })
  .min(1, 'The ResourceId field is required.')
  .max(255, 'ResourceId is at most 255 characters.')
  .regex(RESOURCE_ID, 'ResourceId must be the id of a resource, bare or after urn:altinn:resource:.')
  .transform(bareResourceId)

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
const initialize = z
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

const resourceChange = z
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

const ofFileTransfer = z.object({ fileTransferId })
const ofResource = z.object({ resourceId: z.string().min(1).transform(bareResourceId) })

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

const POSITION = /^(\d{1,16})\.([0-9a-f-]{36})$/
/** Where a page of search results ended, as the `Link` header writes it. */
const searchPosition = z
  .string()
  .regex(POSITION, 'It must be taken from the Link header of a search.')
  .transform((text) => {
    const [, time, id = ''] = POSITION.exec(text) ?? []
    return { at: new Date(Number(time)), fileTransferId: id }
  })

const search = z.object({
  resourceId: z.string({ error: 'The resourceId field is required.' }).transform(bareResourceId),
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
const idempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'Idempotency-Key is 1 to 255 visible ASCII characters.')
    .optional(),
})

const minAgeDays = z
  .string()
  .regex(/^\d{1,3}$/, 'minAgeDays is a whole number of days, from 0 to 365.')
  .transform(Number)
  .refine((days) => days <= 365, 'minAgeDays is at most 365.')
  .default(0)

const byteRange = z.object({
  Range: z
    .string()
    .meta({ examples: ['bytes=0-1023'] })
    .optional(),
})

const JSON_BODY = 'application/json'

/** Why a file transfer cannot begin. */
const REFUSED_INITIALIZE = [
  'NoAccessToResource',
  'ResourceHasNotBeenConfigured',
  'ServiceOwnerNotConfigured',
  'NotApprovedForDisabledVirusScan',
  'StorageProviderNotReady',
  'InvalidResourceDefinition',
  'RecipientNotInAccessList',
  'RequiredPartyInvalidRecipientConfiguration',
  'RequiredPartyNotSpecified',
  'IdempotencyKeyReused',
] as const satisfies Problem[]

/** THE route table. */
export const contract = {
  initializeFileTransfer: {
    summary: 'Announces a file to its recipients, and gives the id to upload it to',
    method: 'POST',
    path: 'broker/api/v1/filetransfer',
    scopes: [WRITE],
    headers: idempotencyKey,
    body: { schema: initialize, parameter: 'initializeExt' },
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferCreated },
    problems: [...REFUSED_INITIALIZE, 'FileTransferBusy'],
  },
  uploadFile: {
    summary: 'Uploads the file of a file transfer',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/upload',
    scopes: [WRITE],
    params: ofFileTransfer,
    body: 'file',
    consumes: 'application/octet-stream',
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferCreated },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'FileTransferAlreadyUploaded',
      'InvalidResourceDefinition',
      'FileSizeTooBig',
      'ChecksumMismatch',
      'UploadFailed',
      'FileTransferBusy',
    ],
  },
  initializeAndUpload: {
    summary: 'Announces a file and uploads it, in one form',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/upload',
    scopes: [WRITE],
    headers: idempotencyKey,
    body: { schema: initialize, form: { metadata: 'Metadata', file: 'FileTransfer' } },
    consumes: 'multipart/form-data',
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferCreated },
    problems: [
      ...REFUSED_INITIALIZE,
      'FileTransferNotFound',
      'FileTransferAlreadyUploaded',
      'FileSizeTooBig',
      'ChecksumMismatch',
      'UploadFailed',
      'FileTransferBusy',
    ],
  },
  searchFileTransfers: {
    summary: 'Finds the file transfers that the caller sends or receives',
    method: 'GET',
    path: 'broker/api/v1/filetransfer',
    scopes: [WRITE, READ],
    query: search,
    produces: JSON_BODY,
    success: { status: 200, json: foundFileTransfers, headers: ['Link'] },
    problems: ['NoAccessToResource'],
  },
  getFileTransfer: {
    summary: 'Tells how a file transfer stands',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}',
    scopes: [WRITE, READ],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferOverview },
    problems: ['FileTransferNotFound', 'NoAccessToResource'],
  },
  getFileTransferDetails: {
    summary: 'Tells how a file transfer stands, and every status on the way there',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/details',
    scopes: [WRITE, READ],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 200, json: fileTransferDetails },
    problems: ['FileTransferNotFound', 'NoAccessToResource'],
  },
  downloadFile: {
    summary: 'Downloads the file, or a part of it',
    method: 'GET',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/download',
    scopes: [READ],
    params: ofFileTransfer,
    headers: byteRange,
    success: {
      status: 200,
      content: 'application/octet-stream',
      headers: ['Content-Disposition', 'Accept-Ranges'],
      also: { 206: { description: 'The part that was asked for.', headers: ['Content-Range'] } },
    },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'FileTransferNotAvailable',
      'InvalidByteRange',
      'FileTransferBusy',
    ],
  },
  confirmDownload: {
    summary: 'Confirms that the recipient has the file',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/confirmdownload',
    scopes: [READ],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 204 },
    problems: [
      'FileTransferNotFound',
      'NoAccessToResource',
      'NoFileUploaded',
      'FileTransferNotPublished',
      'ConfirmDownloadBeforeDownloadStarted',
      'FileTransferBusy',
    ],
  },
  cancelFileTransfer: {
    summary: 'Calls off a file transfer that has not been published',
    method: 'POST',
    path: 'broker/api/v1/filetransfer/{fileTransferId}/cancel',
    scopes: [WRITE],
    params: ofFileTransfer,
    produces: JSON_BODY,
    success: { status: 204 },
    problems: ['FileTransferNotFound', 'NoAccessToResource', 'FileTransferAlreadyEnded', 'FileTransferBusy'],
  },
  configureResource: {
    summary: 'Configures a resource of the service owner; what is not given stays as it is',
    method: 'PUT',
    path: 'broker/api/v1/resource/{resourceId}',
    scopes: [SERVICE_OWNER],
    params: ofResource,
    body: { schema: resourceChange, parameter: 'resourceExt' },
    consumes: JSON_BODY,
    produces: JSON_BODY,
    success: { status: 204 },
    problems: [
      'InvalidResourceDefinition',
      'NoAccessToResource',
      'ServiceOwnerHasNotBeenConfigured',
      'MaxUploadSizeCannotBeNegative',
      'MaxUploadSizeCannotBeZero',
      'MaxUploadSizeForVirusScan',
      'MaxUploadSizeOverGlobal',
      'InvalidTimeToLiveFormat',
      'TimeToLiveCannotExceed365Days',
      'InvalidGracePeriodFormat',
      'GracePeriodCannotExceed24Hours',
    ],
  },
  getResource: {
    summary: 'Tells how a resource is configured',
    method: 'GET',
    path: 'broker/api/v1/resource/{resourceId}',
    scopes: [SERVICE_OWNER],
    params: ofResource,
    consumes: JSON_BODY,
    produces: JSON_BODY,
    success: { status: 200, json: resourceConfiguration },
    problems: ['ResourceHasNotBeenConfigured', 'NoAccessToResource'],
  },
  registerServiceOwner: {
    summary: 'Registers the caller as a service owner',
    method: 'POST',
    path: 'broker/api/v1/serviceowner',
    scopes: [SERVICE_OWNER],
    body: {
      schema: z
        .object({ name: z.string({ error: 'The Name field is required.' }).max(4096) })
        .meta({ examples: [{ name: 'Digitaliseringsdirektoratet' }] }),
      parameter: 'serviceOwnerInitializeExt',
      demanded: 'name',
    },
    consumes: JSON_BODY,
    success: { status: 200 },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerAlreadyExists', 'ServiceOwnerInitializationFailed'],
  },
  getServiceOwner: {
    summary: 'Tells what is known of the caller as a service owner',
    method: 'GET',
    path: 'broker/api/v1/serviceowner',
    scopes: [SERVICE_OWNER],
    produces: JSON_BODY,
    success: { status: 200, json: serviceOwnerOverview },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerNotFound'],
  },
  cleanUpUseCaseTests: {
    summary: 'Removes the file transfers of use-case tests',
    isInternal: true,
    method: 'POST',
    path: 'broker/api/v1/maintenance/cleanup-usecasetests',
    scopes: [MAINTENANCE],
    query: z.object({ minAgeDays }),
    produces: JSON_BODY,
    success: { status: 200, json: useCaseTestsCleanedUp },
    problems: [],
  },
  rotateMaskinportenKey: {
    summary: 'Says that the key for Maskinporten is rotated by hand',
    isInternal: true,
    method: 'POST',
    path: 'broker/api/v1/maintenance/maskinporten-jwk-rotation',
    scopes: [MAINTENANCE],
    body: 'json',
    produces: JSON_BODY,
    success: {
      status: 200,
      json: message,
      also: { 400: { description: 'The body does not confirm a rotation.' } },
    },
    problems: ['MaskinportenKeyIsRotatedByHand'],
  },
  receiveScanResults: {
    summary: 'Takes the results of malware scans from Event Grid',
    isInternal: true,
    guard: 'Whoever knows the secret of the webhook, where one is set.',
    method: 'POST',
    path: 'broker/api/v1/webhooks/malwarescanresults',
    scopes: [],
    body: 'json',
    consumes: JSON_BODY,
    success: { status: 200, json: webhookConfirmation },
    problems: [],
  },
  getHealth: {
    summary: 'Tells whether Broker and what it depends on are up',
    method: 'GET',
    path: 'health',
    scopes: [],
    success: {
      status: 200,
      content: 'text/plain',
      also: { 503: { description: 'Something that Broker depends on is down.' } },
    },
    problems: [],
  },
  getOpenApi: {
    summary: 'This document',
    method: 'GET',
    path: 'broker/api/v1/openapi.json',
    scopes: [],
    success: { status: 200, json: openApiDocument },
    problems: [],
  },
  getDocs: {
    summary: 'A page to read this document and to try the operations',
    method: 'GET',
    path: 'broker/api/v1/docs',
    scopes: [],
    success: { status: 200, content: 'text/html' },
    problems: [],
  },
  getDocsScript: {
    summary: 'The script of that page',
    isInternal: true,
    method: 'GET',
    path: 'broker/api/v1/docs/swagger-ui-bundle.js',
    scopes: [],
    success: { status: 200, content: 'text/javascript' },
    problems: [],
  },
  getDocsStyle: {
    summary: 'The style of that page',
    isInternal: true,
    method: 'GET',
    path: 'broker/api/v1/docs/swagger-ui.css',
    scopes: [],
    success: { status: 200, content: 'text/css' },
    problems: [],
  },
} as const satisfies Record<string, Operation>
