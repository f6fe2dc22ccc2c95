import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TableClient } from '@azure/data-tables'
import { ServiceBusClient } from '@azure/service-bus'
import { BlobServiceClient } from '@azure/storage-blob'
import { expect, onTestFinished, test } from 'vitest'
import { startAltinn } from '../../local/altinn/simulator.js'
import { folderFor, startAzurite } from '../../local/azurite/azurite.js'
import { freePorts } from '../../local/ports.js'
import { startServiceBus } from '../../local/serviceBus/serviceBus.js'
import { freshSettings, onPorts } from '../../local/settings.js'

test('Azurite with data for a restart has rows, files and blocks again after it', async () => {
  const ports = await freePorts()
  const settings = onPorts(await freshSettings(), ports)
  onTestFinished(() => rm(folderFor(ports, 'restart'), { recursive: true }))
  const start = () => startAzurite({ ports, settings, data: 'restart', log: () => {}, onBlobCommitted: () => {} })
  const table = TableClient.fromConnectionString(settings.Tables ?? '', 'kept', { allowInsecureConnection: true })
  const container = BlobServiceClient.fromConnectionString(settings.ScannedBlobs ?? '').getContainerClient('kept')
  const id = Buffer.from('block').toString('base64')
  const first = await start()
  await table.createTable()
  await table.createEntity({ partitionKey: 'a', rowKey: 'b', text: 'row' })
  await container.create()
  await container.getBlockBlobClient('whole').upload('file', 4)
  await container.getBlockBlobClient('half').stageBlock(id, 'block', 5)

  await first.stop(30_000)
  const second = await start()
  onTestFinished(() => second.stop())

  expect(await table.getEntity('a', 'b')).toMatchObject({ text: 'row' })
  expect((await container.getBlobClient('whole').downloadToBuffer()).toString()).toBe('file')
  await container.getBlockBlobClient('half').commitBlockList([id])
  expect((await container.getBlobClient('half').downloadToBuffer()).toString()).toBe('block')
})

test('the Service Bus has its messages after an interruption, and refuses connections during it', async () => {
  const bus = await startServiceBus({ entities: { queues: { kept: {} } } })
  const client = new ServiceBusClient(bus.connectionString)
  onTestFinished(async () => {
    await client.close()
    await bus.close()
  })
  const sender = client.createSender('kept')
  await sender.sendMessages({ body: 'before' })
  const { oldestMs = 0 } = bus.counts().kept ?? {}

  const interrupted = bus.interrupt(300)
  const refused = await fetch(`http://127.0.0.1:${bus.port}`).then(
    () => 'accepted',
    () => 'refused',
  )
  await interrupted
  await sender.sendMessages({ body: 'after' })
  const received = await client.createReceiver('kept').receiveMessages(2, { maxWaitTimeInMs: 20_000 })

  expect(refused).toBe('refused')
  expect(received.map(({ body }) => body)).toContain('before')
  expect(bus.counts().kept?.active).toBe(2)
  expect(bus.counts().kept?.oldestMs).toBeGreaterThanOrEqual(oldestMs + 300)
})

test('Altinn with a folder knows its tokens again after a restart, and has each event in a file', async () => {
  const state = await mkdtemp(join(tmpdir(), 'altinn-state-'))
  const { altinn: port } = await freePorts()
  onTestFinished(() => rm(state, { recursive: true }))
  const first = await startAltinn({ port, state, log: () => {} })
  const scope = 'altinn:events.publish'
  const token = await (await fetch(`${first.url}/token?${new URLSearchParams({ org: '991825827', scope })}`)).text()
  await first.stop()
  const second = await startAltinn({ port, state, log: () => {} })
  onTestFinished(() => second.stop())
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    type: 'no.altinn.broker.published',
    source: 'http://127.0.0.1/broker',
    time: new Date().toISOString(),
    subject: '/party/1',
    resource: 'urn:altinn:resource:any',
  }

  const answer = await fetch(`${second.url}/events/api/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  })

  expect(answer.status).toBe(200)
  expect(JSON.parse(await readFile(join(state, 'events.jsonl'), 'utf8'))).toMatchObject({ event: { id: event.id } })
})
