import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { azureFileBlobs } from '../../src/adapters/blobs/azureFileBlobs.js'
import { owner } from '../support/samples.js'
import { until } from '../support/until.js'

// A storage that begins to answer, and whose connection breaks before anyone has read.
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-length': 1_000_000, etag: '"0x1"', 'x-ms-blob-type': 'BlockBlob' })
  response.write(Buffer.alloc(64 * 1024), () => response.destroy())
  response.once('close', () => broken++)
})
let broken = 0
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())

test('a storage connection that breaks before the file is read fails the reading, and nothing else', async () => {
  const { port } = server.address() as AddressInfo
  const key = Buffer.from('only here').toString('base64')
  const account = BlobServiceClient.fromConnectionString(
    `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/a;`,
    { retryOptions: { maxTries: 1 } },
  )
  const blobs = azureFileBlobs(account, account)
  const place = { isScanned: true, serviceOwner: owner, fileTransferId: 'id', attemptId: 'attempt' }

  const source = await blobs.read(place, '0x1', undefined)
  await until(() => expect(broken).toBeGreaterThan(0))
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate) // the client hears of it

  await expect(Array.fromAsync(source?.bytes ?? [])).rejects.toThrow()
})
