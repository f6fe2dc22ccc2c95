import { TableClient } from '@azure/data-tables'
import { DefaultAzureCredential } from '@azure/identity'
import { ServiceBusClient } from '@azure/service-bus'
import { BlobServiceClient } from '@azure/storage-blob'
import { type Config, type Endpoint, queues, tables } from './config.js'

/** A table that has not answered by then is asked again: a connection may be dead without a sign. */
const TABLE_PATIENCE_MS = 15_000
/** Service Bus clients wait this long before they connect again. */
const RECONNECT_AFTER_MS = 500

export type Clients = ReturnType<typeof clientsOf>

/** The clients of Azure's SDKs, for the endpoints that the settings name. Nothing is connected before it is used. */
export function clientsOf(config: Config) {
  const credential = new DefaultAzureCredential()
  const blobs = (endpoint: Endpoint) =>
    'address' in endpoint
      ? new BlobServiceClient(endpoint.address, credential)
      : BlobServiceClient.fromConnectionString(endpoint.connectionString)
  const table = (name: string) => {
    const client =
      'address' in config.tables
        ? new TableClient(config.tables.address, name, credential)
        : TableClient.fromConnectionString(config.tables.connectionString, name, { allowInsecureConnection: true })
    client.pipeline.addPolicy({
      name: 'patience',
      sendRequest(request, next) {
        request.timeout ||= TABLE_PATIENCE_MS
        return next(request)
      },
    })
    return client
  }
  const retryOptions = { retryDelayInMs: RECONNECT_AFTER_MS }
  const connectServiceBus = () =>
    'address' in config.serviceBus
      ? new ServiceBusClient(config.serviceBus.address, credential, { retryOptions })
      : new ServiceBusClient(config.serviceBus.connectionString, { retryOptions })
  const serviceBus = connectServiceBus()
  const [anyTable, scanned, unscanned] = [
    table(tables.resources),
    blobs(config.scannedBlobs),
    blobs(config.unscannedBlobs),
  ]
  const checks = {
    tables: () => anyTable.listEntities().byPage({ maxPageSize: 1 }).next(),
    'scanned blobs': () => scanned.listContainers().byPage({ maxPageSize: 1 }).next(),
    'unscanned blobs': () => unscanned.listContainers().byPage({ maxPageSize: 1 }).next(),
    'service bus': async () => {
      const receiver = serviceBus.createReceiver(queues.due)
      await receiver.peekMessages(1).finally(() => receiver.close())
    },
  }
  return { scanned, unscanned, table, serviceBus, connectServiceBus, checks }
}
