import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus'
import type { Binding } from '../core.js'
import { libraryOf } from '../libraries.js'
import { setting } from '../settings.js'

/** The app's connections to Service Bus. */
export type BusClients = {
  /** A new one: receivers that share a connection block each other for minutes when it breaks and each reopens it. */
  connect(connection: string): ServiceBusClient
  /** One for each entity, made when first asked for. */
  sender(connection: string, entity: string): ServiceBusSender
  close(): Promise<void>
}

/** The library is the app's own, loaded when there is a Service Bus binding. */
export function busClients(directory: string): BusClients {
  const clients: ServiceBusClient[] = []
  const senders = new Map<string, ServiceBusSender>()

  const connect = (connection: string) => {
    const connectionString = process.env[connection] ?? process.env[`AzureWebJobs${connection}`]
    if (!connectionString) {
      throw new Error(`The app setting ${connection} with a Service Bus connection string is missing.`)
    }
    const library = libraryOf<typeof import('@azure/service-bus')>(directory, '@azure/service-bus')
    const client = new library.ServiceBusClient(connectionString, {
      retryOptions: { retryDelayInMs: 300, maxRetryDelayInMs: 5000 },
    })
    clients.push(client)
    return client
  }
  return {
    connect,
    sender(connection, entity) {
      const name = `${connection}/${entity}`
      const sender = senders.get(name) ?? connect(connection).createSender(entity)
      senders.set(name, sender)
      return sender
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

/** Sends the value of an output binding, or each value when it is an array. */
export async function sendToBus(bus: BusClients, binding: Binding, value: unknown): Promise<void> {
  const encode = (each: unknown) =>
    Buffer.isBuffer(each) ? each : Buffer.from(typeof each === 'string' ? each : JSON.stringify(each))
  const sender = bus.sender(binding.connection ?? '', setting(binding.queueName ?? binding.topicName ?? ''))
  await sender.sendMessages([value].flat().map((body) => ({ body: encode(body) })))
}
