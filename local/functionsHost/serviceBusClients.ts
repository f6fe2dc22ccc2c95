import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus'
import type { Binding } from './core.js'
import { libraryOf } from './libraries.js'
import { setting } from './settings.js'

/** The app's connections to Service Bus, one for each connection setting, made when first asked for. */
export type BusClients = {
  client(connection: string): ServiceBusClient
  sender(connection: string, entity: string): ServiceBusSender
  close(): Promise<void>
}

/** The library is the app's own, loaded when there is a Service Bus binding. */
export function busClients(directory: string): BusClients {
  const clients = new Map<string, ServiceBusClient>()
  const senders = new Map<string, ServiceBusSender>()

  const client = (connection: string) =>
    cached(clients, connection, () => {
      const connectionString = process.env[connection] ?? process.env[`AzureWebJobs${connection}`]
      if (!connectionString) {
        throw new Error(`The app setting ${connection} with a Service Bus connection string is missing.`)
      }
      const library = libraryOf<typeof import('@azure/service-bus')>(directory, '@azure/service-bus')
      return new library.ServiceBusClient(connectionString, {
        retryOptions: { retryDelayInMs: 300, maxRetryDelayInMs: 5000 },
      })
    })
  return {
    client,
    sender: (connection, entity) =>
      cached(senders, `${connection}/${entity}`, () => client(connection).createSender(entity)),
    async close() {
      await Promise.all([...clients.values()].map((each) => each.close()))
    },
  }
}

function cached<T>(map: Map<string, T>, key: string, create: () => T): T {
  const value = map.get(key) ?? create()
  map.set(key, value)
  return value
}

/** Sends the value of an output binding, or each value when it is an array. */
export async function sendToBus(bus: BusClients, binding: Binding, value: unknown): Promise<void> {
  const encode = (each: unknown) =>
    Buffer.isBuffer(each) ? each : Buffer.from(typeof each === 'string' ? each : JSON.stringify(each))
  const sender = bus.sender(binding.connection ?? '', setting(binding.queueName ?? binding.topicName ?? ''))
  await sender.sendMessages([value].flat().map((body) => ({ body: encode(body) })))
}
