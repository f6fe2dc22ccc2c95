import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readConfig } from '../src/config.js'

const sampleFile = z.object({ Values: z.record(z.string(), z.string()) })
const sample = () =>
  sampleFile.parse(JSON.parse(readFileSync(new URL('../local.settings.sample.json', import.meta.url), 'utf8'))).Values

const needed = {
  Tables: 'the tables',
  ScannedBlobs: 'the scanned blobs',
  UnscannedBlobs: 'the unscanned blobs',
  ServiceBus: 'the service bus',
  ALTINN_PLATFORM_URL: 'https://platform.altinn.no/',
  TOKEN_ISSUERS: 'https://one.example/metadata',
  MASKINPORTEN_METADATA_URL: 'https://maskinporten.no/.well-known/oauth-authorization-server',
  MASKINPORTEN_CLIENT_ID: 'broker',
  MASKINPORTEN_JWK: 'a-key',
}

/** The SHA-256 of a key. */
const KEY_HASH = 'ab'.repeat(32)

/** What is said of these settings; nothing when they will do. */
function complaint(settings: Record<string, string | undefined>, operations: string[] = []): string {
  try {
    readConfig(settings, operations)
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('the settings', () => {
  test('that are needed are enough, and the others are as in production', () => {
    expect(readConfig(needed)).toEqual({
      hostingEnvironment: 'Production',
      tables: { connectionString: 'the tables' },
      scannedBlobs: { connectionString: 'the scanned blobs' },
      unscannedBlobs: { connectionString: 'the unscanned blobs' },
      backups: { connectionString: 'the unscanned blobs' },
      serviceBus: { connectionString: 'the service bus' },
      platform: { url: new URL('https://platform.altinn.no/'), subscriptionKey: undefined },
      eventForm: 'party',
      tokens: { issuers: ['https://one.example/metadata'], audiences: [] },
      subscriptionKeys: [],
      sweepUnknownTransfers: 100,
      statistics: { keyHash: undefined, withoutStatusMessages: [] },
      rateLimits: {},
      corsOrigins: [],
      accessCacheSeconds: 10,
      tusWholePatchBytes: 16_777_216,
      maskinporten: {
        metadataUrl: 'https://maskinporten.no/.well-known/oauth-authorization-server',
        clientId: 'broker',
        jwk: 'a-key',
      },
      webhook: { secretHash: undefined, entra: undefined },
      timeouts: { table: 5_000, blob: 6_000, busyBlob: 120_000, altinn: 10_000, bus: 15_000, drain: 25_000 },
      azureMonitor: undefined,
      deadlines: { uploadIdle: 86_400, processingOverdue: 300, scanWarning: 900, scanOverdue: 3600 },
      disabled: [],
      tasksByName: false,
      linkMinutes: { upload: 60, download: 10 },
      retention: { searchDays: 365, metadataDays: undefined },
    })
  })

  test.each([
    ['1', ['sweepOrphans']],
    ['true', ['sweepOrphans']],
    ['True', ['sweepOrphans']],
    ['0', []],
    ['false', []],
    ['', []],
  ])('disable a task of the timer as the host disables a function: %j', (value, disabled) => {
    for (const name of ['AzureWebJobs.sweepOrphans.Disabled', 'AzureWebJobs_sweepOrphans_Disabled'])
      expect(readConfig({ ...needed, [name]: value }).disabled).toEqual(disabled)
  })

  test('disable a task under the name that a setting with dots has on Linux', () => {
    expect(readConfig({ ...needed, AzureWebJobs_sweepOrphans_Disabled: 'true' }).disabled).toEqual(['sweepOrphans'])
  })

  test('of the sample will do', () => {
    expect(complaint(sample())).toBe('')
  })

  test('with an identity are addresses, which go before connection strings', () => {
    const { Tables, ...others } = needed
    const config = readConfig({
      ...others,
      Tables__tableServiceUri: 'https://tables.example/',
      ScannedBlobs__blobServiceUri: 'https://scanned.example/',
      UnscannedBlobs__blobServiceUri: 'https://unscanned.example/',
      Backups__blobServiceUri: 'https://backups.example/',
      ServiceBus__fullyQualifiedNamespace: 'bus.example',
    })

    expect(config).toMatchObject({
      tables: { address: 'https://tables.example/' },
      scannedBlobs: { address: 'https://scanned.example/' },
      unscannedBlobs: { address: 'https://unscanned.example/' },
      backups: { address: 'https://backups.example/' },
      serviceBus: { address: 'bus.example' },
    })
  })

  test.each([
    'https://a.example/ https://b.example/',
    'https://a.example/,https://b.example/',
    ' https://a.example/ ,\nhttps://b.example/ ',
  ])('may be lists, parted by spaces or commas: %j', (issuers) => {
    const { tokens } = readConfig({ ...needed, TOKEN_ISSUERS: issuers, TOKEN_AUDIENCES: 'one, two' })

    expect(tokens).toEqual({ issuers: ['https://a.example/', 'https://b.example/'], audiences: ['one', 'two'] })
  })

  test('puts backups beside the files that are not scanned, where the settings are of a release without backups', () => {
    expect(readConfig(needed).backups).toEqual({ connectionString: 'the unscanned blobs' })
    expect(readConfig({ ...needed, Backups: 'own' }).backups).toEqual({ connectionString: 'own' })
  })

  test('may limit the calls of operations', () => {
    const settings = { ...needed, RATE_LIMITS: 'download=120, search=10' }

    expect(readConfig(settings, ['download', 'search', 'upload']).rateLimits).toEqual({ download: 120, search: 10 })
  })

  test('may be given for everything', () => {
    const config = readConfig({
      ...needed,
      SUBSCRIPTION_KEYS: `${KEY_HASH} ${KEY_HASH.toUpperCase()}`,
      HOSTING_ENVIRONMENT: 'Development',
      ALTINN_SUBSCRIPTION_KEY: 'a-key',
      ALTINN_EVENT_FORM: 'urn',
      UPLOAD_IDLE_SECONDS: '1',
      PROCESSING_OVERDUE_SECONDS: '2',
      SCAN_WARNING_SECONDS: '3',
      SCAN_OVERDUE_SECONDS: '4',
      SEARCH_RETENTION_DAYS: '0',
      METADATA_RETENTION_DAYS: '5',
      SWEEP_UNKNOWN_TRANSFERS: '7',
      TUS_WHOLE_PATCH_BYTES: '0',
      UPLOAD_LINKS: 'off',
      DOWNLOAD_LINK_MINUTES: '6',
      WEBHOOK_SECRET_HASH: 'a'.repeat(64),
      WEBHOOK_ENTRA_ISSUER: 'https://entra.example/metadata',
      WEBHOOK_ENTRA_AUDIENCE: 'api://broker',
    })

    expect(config).toMatchObject({
      hostingEnvironment: 'Development',
      platform: { subscriptionKey: 'a-key' },
      subscriptionKeys: [KEY_HASH, KEY_HASH.toUpperCase()],
      eventForm: 'urn',
      webhook: {
        secretHash: 'a'.repeat(64),
        entra: { issuer: 'https://entra.example/metadata', audience: 'api://broker' },
      },
      deadlines: { uploadIdle: 1, processingOverdue: 2, scanWarning: 3, scanOverdue: 4 },
      tusWholePatchBytes: 0,
      linkMinutes: { upload: undefined, download: 6 },
      retention: { searchDays: undefined, metadataDays: 5 },
      sweepUnknownTransfers: 7,
    })
  })
})

describe('what is wrong with the settings', () => {
  test.each(Object.keys(needed))('is told by name when it is missing, or empty: %s', (name) => {
    expect(complaint({ ...needed, [name]: undefined })).toContain(name)
    expect(complaint({ ...needed, [name]: '' })).toContain(name)
  })

  test('is told all at once', () => {
    const told = complaint({})

    for (const name of Object.keys(needed)) expect(told).toContain(name)
  })

  test('names both ways to reach a service', () => {
    const told = complaint({})

    expect(told).toContain('Tables or Tables__tableServiceUri')
    expect(told).toContain('ScannedBlobs or ScannedBlobs__blobServiceUri')
    expect(told).toContain('UnscannedBlobs or UnscannedBlobs__blobServiceUri')
    expect(told).not.toContain('Backups')
    expect(told).toContain('ServiceBus or ServiceBus__fullyQualifiedNamespace')
  })

  test.each([
    ['ALTINN_PLATFORM_URL', 'se-cret'],
    ['ALTINN_PLATFORM_URL', 'ftp://se-cret.example/'],
    ['ALTINN_EVENT_FORM', 'se-cret'],
    ['TOKEN_ISSUERS', 'https://one.example/ se-cret'],
    ['MASKINPORTEN_METADATA_URL', 'se-cret'],
    ['UPLOAD_IDLE_SECONDS', 'se-cret'],
    ['UPLOAD_IDLE_SECONDS', '-4711'],
    ['PROCESSING_OVERDUE_SECONDS', '0'],
    ['SCAN_WARNING_SECONDS', '47.11'],
    ['SCAN_OVERDUE_SECONDS', ''],
    ['TUS_WHOLE_PATCH_BYTES', '-4711'],
    ['TUS_WHOLE_PATCH_BYTES', '47.11'],
    ['WEBHOOK_SECRET_HASH', 'se-cret'],
    ['WEBHOOK_ENTRA_ISSUER', 'se-cret'],
    ['WEBHOOK_ENTRA_ISSUER', 'https://se-cret.example/'],
    ['WEBHOOK_ENTRA_AUDIENCE', 'se-cret'],
    ['SUBSCRIPTION_KEYS', 'se-cret'],
    ['SUBSCRIPTION_KEYS', `${KEY_HASH}, se-cret`],
    ['RATE_LIMITS', 'se-cret'],
    ['RATE_LIMITS', 'search=0'],
    ['RATE_LIMITS', 'search=47.11'],
    ['RATE_LIMITS', 'search=-4711'],
    ['RATE_LIMITS', 'search=10 cret=10'],
    ['RATE_LIMITS', 'toString=10'],
  ])('is told by name when it is of the wrong kind, and never by its value: %s', (name, value) => {
    const told = complaint({ ...needed, [name]: value }, ['search'])

    expect(told).toContain(name)
    expect(told).not.toMatch(/cret|47.?11/)
  })

  test('never tells the value of a setting that is right', () => {
    const told = complaint({ ...needed, MASKINPORTEN_JWK: 'se-cret', ServiceBus: 'se-cret', TOKEN_ISSUERS: '' })

    expect(told).toContain('TOKEN_ISSUERS')
    expect(told).not.toContain('se-cret')
  })
})
