// Longer than 250 lines: every setting of the app, its default and how it is read, in one place.
import { z } from 'zod'

/** The Service Bus entities by what they are for. Bicep and the local Service Bus declare the same names. */
export const queues = {
  uploadProcessing: 'upload-processing',
  eventDelivery: 'event-delivery',
  due: 'due',
  malwareScanResults: 'malware-scan-results',
} as const

/** The topic of change notifications, and its subscriptions. */
export const fileTransferEvents = {
  topic: 'filetransfer-events',
  subscriptions: { altinnEvents: 'altinn-events', statistics: 'statistics' },
} as const

/** The tables. The app expects them to exist: Bicep creates them in Azure, the local stack on a machine. */
export const tables = {
  fileTransfers: 'FileTransfers',
  transfersByActor: 'TransfersByActor',
  due: 'Due',
  outboxBefore020: 'Pending',
  resources: 'Resources',
  serviceOwners: 'ServiceOwners',
  parties: 'Parties',
  idempotencyKeys: 'IdempotencyKeys',
  monthlyStatistics: 'MonthlyStatistics',
  activity: 'Activity',
  eventDeliveries: 'EventDeliveries',
  nightlyRuns: 'NightlyRuns',
  inboxChanges: 'InboxChanges',
  encryptionKeys: 'EncryptionKeys',
} as const

/** A service to reach: by a connection string (emulators), or at an address with the managed identity (Azure). */
type Endpoint = { connectionString: string } | { address: string }

const url = z.url({ protocol: /^https?$/ })
const list = z.string().transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
const seconds = (fallback: number) => z.coerce.number().int().positive().default(fallback)
/** A number of days; 0 is for ever. */
const days = (fallback: number) =>
  z.coerce
    .number()
    .int()
    .nonnegative()
    .max(36_500)
    .default(fallback)
    .transform((count) => count || undefined)
/** The host's setting for a function, and Broker's for a timer task. App Service on Linux replaces its dots. */
const DISABLED = /^AzureWebJobs[._](\w+)[._]Disabled$/
/** A number of minutes, a day at most. */
const minutes = (fallback: number) => z.coerce.number().int().positive().max(1440).default(fallback)
const optional = z
  .string()
  .default('')
  .transform((text) => (text === '' ? undefined : text))

/** `getFileTransfer=120 confirmDownload=60`: calls in a minute, by operation. */
const rateLimits = list
  .pipe(z.array(z.string().regex(/^\w+=[1-9]\d{0,5}$/, 'it must be an operation, = and a number of calls')))
  .transform((entries) => entries.map((entry) => entry.split('=')))
  .transform((pairs) => Object.fromEntries(pairs.map(([name = '', calls]): [string, number] => [name, Number(calls)])))
const sha256 = z.string().regex(/^[0-9a-f]{64}$/i, 'it must be the SHA-256 of a key, in hex')

/** Each setting, how it is read, and its text in docs/operations/settings.md (`npm run settings`). */
export const environment = z.object({
  HOSTING_ENVIRONMENT: z
    .string()
    .min(1)
    .default('Production')
    .describe('In `Production` a resource needs an approval to send without a virus scan.'),
  ALTINN_PLATFORM_URL: url.transform((text) => text.replace(/\/*$/, '/')).describe('Address of Altinn’s platform.'),
  ALTINN_SUBSCRIPTION_KEY: optional.describe('Broker’s subscription key to the platform.'),
  ALTINN_EVENT_FORM: z
    .enum(['party', 'urn'])
    .default('party')
    .describe(
      '`party`: events name their receiver as the published guide says. `urn`: as the original has done since 2025.',
    ),
  TOKEN_ISSUERS: list
    .pipe(z.array(url).min(1))
    .describe('Addresses of the metadata documents of the issuers whose tokens are accepted.'),
  TOKEN_AUDIENCES: list.default([]).describe('If set, a token must be issued for one of these audiences.'),
  SUBSCRIPTION_KEYS: list
    .pipe(z.array(sha256))
    .default([])
    .describe(
      'SHA-256 hashes (hex) of the keys that callers must send as `Ocp-Apim-Subscription-Key`. Empty: the gateway in front checks them.',
    ),
  RATE_LIMITS: rateLimits
    .default({})
    .describe(
      'Calls per minute, per organisation (else per address) and instance, such as `initializeFileTransfer=120 getFileTransferDetails=15`. Operations that are not listed have no limit.',
    ),
  MASKINPORTEN_METADATA_URL: url.describe(
    'Address of Maskinporten’s metadata document. Broker gets its own token there.',
  ),
  MASKINPORTEN_CLIENT_ID: z.string().min(1).describe('Id of Broker’s client in Maskinporten.'),
  MASKINPORTEN_JWK: z.string().min(1).describe('Private key of that client: a JWK in base64. Secret.'),
  RECEIPT_KEY: optional.describe(
    'What signs [receipts](../guide/recipients.md#receipt): the address of an EC key of the curve P-256 in Key Vault, without a version, or on a machine a private JWK in base64, which is secret. Empty: there are no receipts ([decision 52](../decisions/0052-receipts.md)).',
  ),
  STATISTICS_API_KEY_HASH: optional
    .pipe(sha256.optional())
    .describe('SHA-256 (hex) of the key that makes daily reports, sent as `X-API-Key`. Empty: nobody can make them.'),
  REPORT_RESOURCE_ID_FILTER: list
    .default([])
    .describe(
      'Resources whose transfers with the property `statusMessage` = `true` are left out of the daily reports.',
    ),
  UPLOAD_IDLE_SECONDS: seconds(24 * 3600).describe('An upload that has received no byte for this long fails.'),
  PROCESSING_OVERDUE_SECONDS: seconds(5 * 60).describe(
    'An upload that has not been checked after this time is put on the queue again.',
  ),
  SCAN_WARNING_SECONDS: seconds(15 * 60).describe('A scan without a verdict after this time is logged as slow.'),
  SCAN_OVERDUE_SECONDS: seconds(3600).describe('A scan without a verdict after this time fails the file transfer.'),
  SEARCH_RETENTION_DAYS: days(365).describe(
    'Days after its purge until a file transfer is removed from the searches. `0`: never.',
  ),
  METADATA_RETENTION_DAYS: days(0).describe(
    'Days after its purge until all that is stored of a file transfer is removed. `0`: never.',
  ),
  SWEEP_UNKNOWN_TRANSFERS: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(100)
    .describe(
      'The sweep of orphaned blobs stops where files belong to more than this number of transfers that no table has: then it is more likely that rows are lost.',
    ),
  PATIENCE_SECONDS: seconds(5).describe(
    'Time-out for each dependency, before the caller gets 503 ([decision 15](../decisions/0015-timeouts-and-retries.md)).',
  ),
  ACCESS_REMEMBERED_SECONDS: z.coerce
    .number()
    .int()
    .nonnegative()
    .max(300)
    .default(10)
    .describe(
      'How long a decision of Altinn Authorization is cached for overviews and searches with the same token. `0`: each call asks ([decision 20](../decisions/0020-cached-access-decisions.md)).',
    ),
  TUS_WHOLE_PATCH_BYTES: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(16 * 2 ** 20)
    .describe(
      'A TUS request that declares at most this size counts whole or not at all. `0`: each byte that arrived counts ([decision 26](../decisions/0026-atomic-small-patches.md)).',
    ),
  UPLOAD_LINKS: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      '`on` or `off`: whether upload links to the storage are given. Senders must be able to reach the storage accounts.',
    ),
  UPLOAD_LINK_MINUTES: minutes(60).describe('How long an upload link is valid, 1,440 at most.'),
  DOWNLOAD_LINKS: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      '`on` or `off`: whether download links to the storage are given. Recipients must be able to reach the storage accounts.',
    ),
  DOWNLOAD_LINK_MINUTES: minutes(10).describe('How long a download link is valid, 1,440 at most.'),
  TASKS_BY_NAME: z
    .enum(['on', 'off'])
    .default('off')
    .describe(
      '`on`: each task of the timer can also be run by its name, `POST /admin/functions/expireDue`. In Azure each would be a function group of its own, and cost instances ([decision 37](../decisions/0037-function-groups.md)).',
    ),
  CORS_ORIGINS: list
    .pipe(z.array(z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin)))
    .default([])
    .describe('Origins of the pages that may call from a browser, such as `https://portal.example`. Empty: none.'),
  WEBHOOK_SECRET_HASH: optional
    .pipe(
      z
        .string()
        .regex(/^[0-9a-f]{64}$/i, 'It is a SHA-256, in 64 hex digits.')
        .optional(),
    )
    .describe(
      'SHA-256 (hex) of the secret with which the webhook for scan results may be called, as `?code=` or header `X-Webhook-Secret` ([decision 10](../decisions/0010-webhook-authentication.md)).',
    ),
  WEBHOOK_ENTRA_ISSUER: optional
    .pipe(url.optional())
    .describe(
      'Address of the metadata document of the issuer whose tokens the webhook takes. The secret or a token is enough; with neither configured the webhook is open.',
    ),
  WEBHOOK_ENTRA_AUDIENCE: optional.describe('Audience of those tokens. Set both, or neither.'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: optional.describe('Where traces and metrics are sent. Empty: nowhere.'),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: optional.describe('If set, they are sent with the managed identity.'),
})

/** The names of all settings but those of the services below. */
export const settingNames: string[] = Object.keys(environment.shape)

/** What is reached by the setting of this name, or by `{name}__{address}`, and its text in the same page. */
export const services = {
  Tables: { address: 'tableServiceUri', description: 'The storage account of the tables.' },
  ScannedBlobs: { address: 'blobServiceUri', description: 'The storage account of the files that Defender scans.' },
  UnscannedBlobs: { address: 'blobServiceUri', description: 'The storage account of the files that are not scanned.' },
  Backups: {
    address: 'blobServiceUri',
    description:
      'The storage account of the nightly backups ([decision 34](../decisions/0034-backup.md)). Without it: that of `UnscannedBlobs`.',
  },
  ServiceBus: { address: 'fullyQualifiedNamespace', description: 'The Service Bus namespace.' },
} as const

/** Time-outs of what Broker depends on, in milliseconds (docs/decisions/0015). */
export type Timeouts = {
  /** A connection to a table without progress, before the retry. */
  table: number
  /** A connection to a blob without progress; twice as long for a large upload. */
  blob: number
  /** A busy blob store, for an upload with stored blocks or incoming bytes. */
  busyBlob: number
  /** A call of Altinn or Maskinporten, with its retries. */
  altinn: number
  /** A message to Service Bus, with its retries. */
  bus: number
  /** Work in progress at the shutdown. */
  drain: number
}

const timeoutsOf = (seconds: number): Timeouts => {
  const unit = seconds * 1000
  return { table: unit, blob: 1.2 * unit, busyBlob: 24 * unit, altinn: 2 * unit, bus: 3 * unit, drain: 5 * unit }
}

/** The settings of the app. docs/operations/settings.md describes each. Times are in seconds. */
export type Config = {
  hostingEnvironment: string
  tables: Endpoint
  scannedBlobs: Endpoint
  unscannedBlobs: Endpoint
  /** The account of the backups of the tables. */
  backups: Endpoint
  serviceBus: Endpoint
  platform: { url: URL; subscriptionKey: string | undefined }
  eventForm: 'party' | 'urn'
  tokens: { issuers: string[]; audiences: string[] }
  /** SHA-256 hashes in hex; empty: no key is required. */
  subscriptionKeys: string[]
  /** Calls per minute, by operation; empty: no limit. */
  rateLimits: Record<string, number>
  maskinporten: { metadataUrl: string; clientId: string; jwk: string }
  /** What signs receipts: a key in Key Vault, or a private JWK in base64; undefined: nothing. */
  receiptKey: { address: string } | { jwk: string } | undefined
  /** Who may call the webhook for scan results; everyone when neither is set. */
  webhook: { secretHash: string | undefined; entra: { issuer: string; audience: string } | undefined }
  /** The SHA-256 of the key for reports, without which none is made; and the resources without status messages. */
  statistics: { keyHash: string | undefined; withoutStatusMessages: string[] }
  timeouts: Timeouts
  /** Seconds for which a decision of Altinn Authorization is cached for reads; 0: not at all. */
  accessCacheSeconds: number
  /** A TUS request of at most this declared size is stored completely or not at all; 0: every byte is stored. */
  tusWholePatchBytes: number
  /** Origins of the pages that may call from a browser. */
  corsOrigins: string[]
  /** The destination of traces and metrics, and whether by managed identity; undefined: none. */
  azureMonitor: { connectionString: string; isByIdentity: boolean } | undefined
  deadlines: { uploadIdle: number; processingOverdue: number; scanWarning: number; scanOverdue: number }
  /** Disabled functions and timer tasks. */
  disabled: string[]
  /** Whether each timer task is also a function that an operator can run by name. */
  tasksByName: boolean
  /** Minutes for which links to the storage are valid; undefined: none are issued. */
  linkMinutes: { upload: number | undefined; download: number | undefined }
  /** Days after the purge of a transfer; undefined: for ever. */
  retention: { searchDays: number | undefined; metadataDays: number | undefined }
  /** The most unknown transfers whose files a sweep deletes. */
  sweepUnknownTransfers: number
}

/** The settings in these variables. @throws with the name of every setting that is missing or wrong, never a value. */
export function readConfig(
  variables: Record<string, string | undefined> = process.env,
  operations: readonly string[] = [],
): Config {
  const parsed = environment.safeParse(variables)
  const problems = (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
  const given = (name: keyof typeof services): Endpoint | undefined => {
    const address = variables[`${name}__${services[name].address}`]
    if (address) return { address }
    const connectionString = variables[name]
    return connectionString ? { connectionString } : undefined
  }
  const endpoint = (name: keyof typeof services): Endpoint => {
    const found = given(name)
    if (!found) problems.push(`${name} or ${name}__${services[name].address}: one of them is needed`)
    return found ?? { connectionString: '' }
  }
  const unscannedBlobs = endpoint('UnscannedBlobs')
  const endpoints = {
    tables: endpoint('Tables'),
    scannedBlobs: endpoint('ScannedBlobs'),
    unscannedBlobs,
    // The settings of the release before have no account for backups (docs/decisions/0036).
    backups: given('Backups') ?? unscannedBlobs,
    serviceBus: endpoint('ServiceBus'),
  }
  const { WEBHOOK_ENTRA_ISSUER: issuer, WEBHOOK_ENTRA_AUDIENCE: audience } = parsed.data ?? {}
  const isHalf = (issuer === undefined) !== (audience === undefined)
  if (isHalf) problems.push('WEBHOOK_ENTRA_ISSUER and WEBHOOK_ENTRA_AUDIENCE: both are needed, or neither')
  const isUnknown = (name: string) => !operations.includes(name)
  if (Object.keys(parsed.data?.RATE_LIMITS ?? {}).some(isUnknown)) {
    problems.push(`RATE_LIMITS: the operations are ${operations.join(', ')}`)
  }
  if (!parsed.success || problems.length > 0) throw new Error(`Settings to mend:\n  ${problems.join('\n  ')}`)
  const settings = parsed.data
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString } = settings
  return {
    ...endpoints,
    hostingEnvironment: settings.HOSTING_ENVIRONMENT,
    platform: { url: new URL(settings.ALTINN_PLATFORM_URL), subscriptionKey: settings.ALTINN_SUBSCRIPTION_KEY },
    eventForm: settings.ALTINN_EVENT_FORM,
    tokens: { issuers: settings.TOKEN_ISSUERS, audiences: settings.TOKEN_AUDIENCES },
    subscriptionKeys: settings.SUBSCRIPTION_KEYS,
    rateLimits: settings.RATE_LIMITS,
    maskinporten: {
      metadataUrl: settings.MASKINPORTEN_METADATA_URL,
      clientId: settings.MASKINPORTEN_CLIENT_ID,
      jwk: settings.MASKINPORTEN_JWK,
    },
    receiptKey: receiptKeyIn(settings.RECEIPT_KEY),
    webhook: {
      secretHash: settings.WEBHOOK_SECRET_HASH,
      entra: issuer && audience ? { issuer, audience } : undefined,
    },
    statistics: {
      keyHash: settings.STATISTICS_API_KEY_HASH,
      withoutStatusMessages: settings.REPORT_RESOURCE_ID_FILTER,
    },
    corsOrigins: settings.CORS_ORIGINS,
    accessCacheSeconds: settings.ACCESS_REMEMBERED_SECONDS,
    tusWholePatchBytes: settings.TUS_WHOLE_PATCH_BYTES,
    timeouts: timeoutsOf(settings.PATIENCE_SECONDS),
    azureMonitor: connectionString
      ? { connectionString, isByIdentity: settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING !== undefined }
      : undefined,
    deadlines: {
      uploadIdle: settings.UPLOAD_IDLE_SECONDS,
      processingOverdue: settings.PROCESSING_OVERDUE_SECONDS,
      scanWarning: settings.SCAN_WARNING_SECONDS,
      scanOverdue: settings.SCAN_OVERDUE_SECONDS,
    },
    disabled: Object.entries(variables).flatMap(([name, value = '']) =>
      /^(1|true)$/i.test(value) ? (DISABLED.exec(name)?.[1] ?? []) : [],
    ),
    tasksByName: settings.TASKS_BY_NAME === 'on',
    linkMinutes: {
      upload: settings.UPLOAD_LINKS === 'on' ? settings.UPLOAD_LINK_MINUTES : undefined,
      download: settings.DOWNLOAD_LINKS === 'on' ? settings.DOWNLOAD_LINK_MINUTES : undefined,
    },
    retention: { searchDays: settings.SEARCH_RETENTION_DAYS, metadataDays: settings.METADATA_RETENTION_DAYS },
    sweepUnknownTransfers: settings.SWEEP_UNKNOWN_TRANSFERS,
  }
}

function receiptKeyIn(text: string | undefined): Config['receiptKey'] {
  if (text === undefined) return undefined
  return URL.canParse(text) ? { address: text.replace(/\/+$/, '') } : { jwk: text }
}
