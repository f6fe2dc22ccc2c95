import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { brokerClient, cachedToken } from '@altinn/broker-client'
import { fileNameFor, fileSink } from '@altinn/broker-client/node'

// A webhook of Altinn Events: receives and confirms each file when it is published, and at the start those that wait.
// `npm start`, `npm run client`, then `node clients/typescript/examples/webhook.ts`, then subscribe (docs/guide/events.md).

const { BROKER_URL = 'http://127.0.0.1:7071', ALTINN_URL = 'http://127.0.0.1:7072', PORT = '8080' } = process.env
const { ORGANIZATION = '986252932', RESOURCE = 'altinn-broker-test-resource-1', INBOX = 'inbox' } = process.env

// The local stack gives tokens to anyone; elsewhere it is altinnTokenFor of @altinn/broker-client/maskinporten.
const token = cachedToken(async () =>
  (await fetch(`${ALTINN_URL}/token?org=${ORGANIZATION}&scope=altinn:broker.read`)).text(),
)
const broker = brokerClient({ baseUrl: BROKER_URL, token })

/** Events are delivered more than once: a file is received once at a time, and under the same name. */
const known = new Set<string>()
async function receive(id: string) {
  if (known.has(id)) return
  known.add(id)
  try {
    const { fileName } = await broker.getFileTransfer(id)
    const sink = fileSink(`${INBOX}/${fileNameFor(fileName, id)}`)
    await broker.receive(id, sink, { confirm: true })
    console.log(`received ${sink.path()}`)
  } catch (error) {
    known.delete(id)
    console.error(`${id} is left until the next start:`, error)
  }
}

type CloudEvent = { type?: string; resourceinstance?: string; data?: { Role?: string } } | null
await mkdir(INBOX, { recursive: true })
const server = createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/') return void response.writeHead(404).end()
  const event = await (json(request) as Promise<CloudEvent>).catch(() => null)
  if (!event?.type) return void response.writeHead(400).end()
  // Also the answer to `platform.events.validatesubscription`. Altinn does not wait until a large file is received.
  response.writeHead(200).end()
  // Who posts it does not matter: Broker gives this organisation its own files alone.
  const isForUs = event.type === 'no.altinn.broker.published' && event.data?.Role === 'Recipient'
  if (isForUs && event.resourceinstance) await receive(event.resourceinstance)
})
server.listen(Number(PORT), () => console.log(`listens on port ${PORT}`))

for (const recipientStatus of ['Initialized', 'DownloadStarted'] as const) {
  const waiting = { resourceId: RESOURCE, role: 'Recipient', status: 'Published', recipientStatus } as const
  for await (const id of broker.searchFileTransfers(waiting)) await receive(id)
}
