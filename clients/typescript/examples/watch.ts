import { EventEmitter, on } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import type { BrokerClient, FileTransferEvent } from '@altinn/broker-client'

// Watches file transfers by the events that a webhook receives, and by polling where they do not come.

const received = new EventEmitter()
createServer(async (request, response) => {
  const event = await json(request).catch(() => undefined)
  response.writeHead(event ? 200 : 400).end()
  if (event) received.emit('event', event)
}).listen(8080)

async function* events(signal: AbortSignal): AsyncGenerator<FileTransferEvent> {
  for await (const [event] of on(received, 'event', { signal })) yield event
}

/** Says how far the file and its recipients have come. */
export async function watch(broker: BrokerClient, id: string) {
  const stop = new AbortController()
  for await (const now of broker.watch(id, { events: events(stop.signal) })) {
    const steps = now.recipients.map((each) => each.currentRecipientFileTransferStatusCode)
    console.log(`${now.fileTransferStatus}: ${steps.join(', ')}`)
  }
  stop.abort()
}
