import { expect, test } from 'vitest'
import { readConfig } from '../../../src/config.js'
import { SLOWEST_COMMIT_MS } from '../../../src/usecases/commit/timing.js'

/**
 * The two tries of adapters/azure/retry.ts, each with its pause, and what the Table service itself may take for a call.
 */
const TRIES = 2
const PAUSE_MS = 300
// https://learn.microsoft.com/rest/api/storageservices/setting-timeouts-for-table-service-operations
const SERVICE_MS = 30_000

test('the slowest commit that the outbox reckons with is longer than two tries of a call to the table', () => {
  const { timeouts } = readConfig({
    Tables: 'tables',
    ScannedBlobs: 'scanned',
    UnscannedBlobs: 'unscanned',
    Backups: 'backups',
    ServiceBus: 'bus',
    ALTINN_PLATFORM_URL: 'https://platform.example/',
    TOKEN_ISSUERS: 'https://issuer.example/metadata',
    MASKINPORTEN_METADATA_URL: 'https://maskinporten.example/metadata',
    MASKINPORTEN_CLIENT_ID: 'broker',
    MASKINPORTEN_JWK: 'never read',
  })

  expect(TRIES * (timeouts.table + PAUSE_MS + SERVICE_MS)).toBeLessThan(SLOWEST_COMMIT_MS)
})
