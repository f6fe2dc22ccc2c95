import { expect, test } from 'vitest'
import { PAUSE_MS, TRIES } from '../../../src/adapters/azure/retry.js'
import { readConfig } from '../../../src/config.js'
import { SLOWEST_COMMIT_MS } from '../../../src/usecases/commit/timing.js'

/** What the Table service itself may take for a call. */
// https://learn.microsoft.com/rest/api/storageservices/setting-timeouts-for-table-service-operations
const SERVICE_MS = 30_000

test('the slowest commit that the outbox reckons with is longer than all tries of a call to the table', () => {
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
