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
  outbox: 'Pending',
  resources: 'Resources',
  serviceOwners: 'ServiceOwners',
  parties: 'Parties',
  idempotencyKeys: 'IdempotencyKeys',
  monthlyStatistics: 'MonthlyStatistics',
  eventDeliveries: 'EventDeliveries',
  nightlyRuns: 'NightlyRuns',
} as const

/** A service to reach: by a connection string (emulators), or at an address with the managed identity (Azure). */
export type Endpoint = { connectionString: string } | { address: string }

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

const environment = z.object({
  HOSTING_ENVIRONMENT: z.string().min(1).default('Production'),
  ALTINN_PLATFORM_URL: url.transform((text) => text.replace(/\/*$/, '/')),
  ALTINN_SUBSCRIPTION_KEY: optional,
  ALTINN_EVENT_FORM: z.enum(['party', 'urn']).default('party'),
  TOKEN_ISSUERS: list.pipe(z.array(url).min(1)),
  TOKEN_AUDIENCES: list.default([]),
  SUBSCRIPTION_KEYS: list.pipe(z.array(sha256)).default([]),
  RATE_LIMITS: rateLimits.default({}),
  MASKINPORTEN_METADATA_URL: url,
  MASKINPORTEN_CLIENT_ID: z.string().min(1),
  MASKINPORTEN_JWK: z.string().min(1),
  STATISTICS_API_KEY_HASH: optional.pipe(sha256.optional()),
  REPORT_RESOURCE_ID_FILTER: list.default([]),
  UPLOAD_IDLE_SECONDS: seconds(24 * 3600),
  PROCESSING_OVERDUE_SECONDS: seconds(5 * 60),
  SCAN_WARNING_SECONDS: seconds(15 * 60),
  SCAN_OVERDUE_SECONDS: seconds(3600),
  SEARCH_RETENTION_DAYS: days(365),
  METADATA_RETENTION_DAYS: days(0),
  SWEEP_UNKNOWN_TRANSFERS: z.coerce.number().int().nonnegative().default(100),
  PATIENCE_SECONDS: seconds(5),
  ACCESS_REMEMBERED_SECONDS: z.coerce.number().int().nonnegative().max(300).default(10),
  TUS_WHOLE_PATCH_BYTES: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(16 * 2 ** 20),
  UPLOAD_LINKS: z.enum(['on', 'off']).default('on'),
  UPLOAD_LINK_MINUTES: minutes(60),
  DOWNLOAD_LINKS: z.enum(['on', 'off']).default('on'),
  DOWNLOAD_LINK_MINUTES: minutes(10),
  TASKS_BY_NAME: z.enum(['on', 'off']).default('off'),
  CORS_ORIGINS: list
    .pipe(z.array(z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin)))
    .default([]),
  WEBHOOK_SECRET_HASH: optional.pipe(
    z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'It is a SHA-256, in 64 hex digits.')
      .optional(),
  ),
  WEBHOOK_ENTRA_ISSUER: optional.pipe(url.optional()),
  WEBHOOK_ENTRA_AUDIENCE: optional,
  APPLICATIONINSIGHTS_CONNECTION_STRING: optional,
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: optional,
})

/** The names of all settings but those of the places below. */
export const settingNames: string[] = Object.keys(environment.shape)

/** For how long, in milliseconds, something that Broker depends on is waited for. docs/decisions/0015 tells who waits for what. */
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

/** The settings of the app. `README.md` tells what each is. Times are in seconds. */
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
  const given = (name: string, part: string): Endpoint | undefined => {
    const address = variables[`${name}__${part}`]
    if (address) return { address }
    const connectionString = variables[name]
    return connectionString ? { connectionString } : undefined
  }
  const endpoint = (name: string, part: string): Endpoint => {
    const found = given(name, part)
    if (!found) problems.push(`${name} or ${name}__${part}: one of them is needed`)
    return found ?? { connectionString: '' }
  }
  const unscannedBlobs = endpoint('UnscannedBlobs', 'blobServiceUri')
  const endpoints = {
    tables: endpoint('Tables', 'tableServiceUri'),
    scannedBlobs: endpoint('ScannedBlobs', 'blobServiceUri'),
    unscannedBlobs,
    // The settings of the release before have no account for backups (docs/decisions/0036).
    backups: given('Backups', 'blobServiceUri') ?? unscannedBlobs,
    serviceBus: endpoint('ServiceBus', 'fullyQualifiedNamespace'),
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
