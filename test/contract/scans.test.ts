import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DefaultAzureCredential } from '@azure/identity'
import { expect, onTestFinished, test } from 'vitest'
import { clientsOf, SCAN, withBackoff } from '../../src/adapters/azure/clients.js'
import { connectTables } from '../../src/adapters/tableService/connection.js'
import { tableOf } from '../../src/adapters/tableService/table.js'
import { queues, readConfig, tables } from '../../src/config.js'
import { all } from '../support/samples.js'

const PATIENCE_SECONDS = 1

/** The clients for a table service that is busy three times, and then takes longer than a caller would wait. */
async function slowTables() {
  let calls = 0
  const server = createServer((_, answer) => {
    calls++
    if (calls <= 3) return void answer.writeHead(503).end()
    const found = JSON.stringify({ value: [{ PartitionKey: 'a', RowKey: 'b' }] })
    setTimeout(
      () => answer.writeHead(200, { 'content-type': 'application/json' }).end(found),
      2 * PATIENCE_SECONDS * 1000,
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tables`
  const key = Buffer.from('only-for-the-test').toString('base64')
  const blobs = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};BlobEndpoint=http://127.0.0.1:1/a;`
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=tables;AccountKey=${key};TableEndpoint=${address};`
  const config = readConfig({
    Tables: connectionString,
    ScannedBlobs: blobs,
    UnscannedBlobs: blobs,
    Backups: blobs,
    ServiceBus: 'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=a;UseDevelopmentEmulator=true',
    PATIENCE_SECONDS: String(PATIENCE_SECONDS),
    ALTINN_PLATFORM_URL: 'https://platform.example/',
    TOKEN_ISSUERS: 'https://issuer.example/metadata',
    MASKINPORTEN_METADATA_URL: 'https://maskinporten.example/metadata',
    MASKINPORTEN_CLIENT_ID: 'broker',
    MASKINPORTEN_JWK: 'never read',
  })
  return { connectionString, ...clientsOf(config, { table: tables.resources, queue: queues.due }) }
}

test('a table that is read from end to end is retried, where a caller would get a Retry-After', async () => {
  const { scan, table } = await slowTables()

  await expect(table('Some').listPages().next()).rejects.toThrow()
  expect(await all(scan('Some').listEntities())).toMatchObject([{ partitionKey: 'a', rowKey: 'b' }])
})

test('so are the changes of a restore', async () => {
  const { connectionString } = await slowTables()
  const account = withBackoff(connectTables({ connectionString }, new DefaultAzureCredential(), SCAN.stallMs))

  const [page] = await Array.fromAsync(tableOf(account, 'Some').listPages())

  expect(page).toMatchObject([{ partitionKey: 'a', rowKey: 'b' }])
})
