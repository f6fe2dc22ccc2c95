import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { ServiceBusClient } from '@azure/service-bus'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { azureDefender } from '../../../local/altinn/defender/azureDefender.js'
import { entities } from '../../../local/entities.js'
import { freePorts } from '../../../local/ports.js'
import { type LocalServiceBus, startServiceBus } from '../../../local/serviceBus/serviceBus.js'
import { queues } from '../../../src/config.js'
import { until } from '../../support/until.js'

const key = Buffer.from('only-for-the-emulator').toString('base64')
const cleanUp: (() => unknown)[] = []
let blobs: BlobServiceClient
let bus: LocalServiceBus
let defender: ReturnType<typeof azureDefender>

beforeAll(async () => {
  const { blob: port } = await freePorts()
  const flags = [
    '--blobPort',
    `${port}`,
    '--inMemoryPersistence',
    '--silent',
    '--disableTelemetry',
    '--skipApiVersionCheck',
  ]
  const azurite = spawn(process.execPath, ['node_modules/azurite/dist/src/blob/main.js', ...flags], {
    env: { ...process.env, AZURITE_ACCOUNTS: `scanned:${key}` },
  })
  cleanUp.push(() => azurite.kill())
  const scannedBlobs = `DefaultEndpointsProtocol=http;AccountName=scanned;AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/scanned;`
  blobs = BlobServiceClient.fromConnectionString(scannedBlobs)
  await until(() => fetch(`http://127.0.0.1:${port}/`))
  bus = await startServiceBus({ entities: entities() })
  defender = azureDefender({ scannedBlobs, serviceBus: bus.connectionString, log: console.error })
})

afterAll(async () => {
  for (const undo of cleanUp) await undo()
  await defender.stop()
  // The bus waits for its clients to leave, so it goes last.
  await bus.close()
})

test('the verdict on a stored blob arrives on the queue, with its address and its ETag', async () => {
  const container = `c${randomUUID()}`
  const name = `${randomUUID()}/${randomUUID()}`
  const files = blobs.getContainerClient(container)
  await files.create()
  const { etag } = await files.getBlockBlobClient(name).upload('hello', 5)
  const client = new ServiceBusClient(bus.connectionString)
  cleanUp.unshift(() => client.close())

  defender.blobCommitted(container, name)

  const [message] = await client
    .createReceiver(queues.malwareScanResults, { receiveMode: 'receiveAndDelete' })
    .receiveMessages(1, { maxWaitTimeInMs: 20_000 })
  expect(message?.messageId).toBe(message?.body.id)
  expect(message?.body).toMatchObject({
    eventType: 'Microsoft.Security.MalwareScanningResult',
    data: {
      blobUri: `${blobs.url.replace(/\/$/, '')}/${container}/${name}`,
      eTag: etag?.replaceAll('"', ''),
      scanResultType: 'No threats found',
    },
  })
})

describe('a blob that is gone before it was looked at', () => {
  test('gets no verdict, and the next one does', async () => {
    const container = `c${randomUUID()}`
    const files = blobs.getContainerClient(container)
    await files.create()
    await files.getBlockBlobClient('there').upload('', 0)

    defender.blobCommitted(container, 'gone')
    defender.blobCommitted(container, 'there')

    await until(() => expect(bus.counts()[queues.malwareScanResults]?.active).toBe(1))
  })
})
