import type { Agent } from 'node:http'
import { RestError, TableClient } from '@azure/data-tables'
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity'
import { ServiceBusClient } from '@azure/service-bus'
import { BlobServiceClient, newPipeline } from '@azure/storage-blob'
import pRetry from 'p-retry'
import { isOutage } from '../../domain/outage.js'
import { agentWithTimeout } from '../../lib/timeout.js'
import { connectTables, type TableAccount } from '../tableService/connection.js'
import { tableOf } from '../tableService/table.js'
import type { Endpoint } from './endpoint.js'
import { retryOnce } from './retry.js'

/** Service Bus clients wait this long before they connect again. */
const RECONNECT_AFTER_MS = 500

/**
 * For tables that are read from end to end, where no caller waits. The service searches for 5 s before it answers with
 * the rows found so far (https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination), and of
 * many thousand calls some fail.
 */
export const SCAN = { stallMs: 60_000, maxRetries: 5 }

type Settings = {
  tables: Endpoint
  scannedBlobs: Endpoint
  unscannedBlobs: Endpoint
  backups: Endpoint
  serviceBus: Endpoint
  timeouts: { table: number; blob: number; bus: number }
}

export type Clients = ReturnType<typeof clientsOf>

/**
 * The clients of Azure's SDKs, for the endpoints that the settings name; `health`: what is read to check whether they
 * answer. Nothing is connected before it is used.
 */
export function clientsOf(config: Settings, health: { table: string; queue: string }) {
  const { timeouts } = config
  const credential = new DefaultAzureCredential()
  const blobs = (endpoint: Endpoint) => blobAccount(endpoint, credential, timeouts.blob)
  const account = connectTables(config.tables, credential, timeouts.table)
  const table = (name: string) => tableOf(account, name)
  const scan = scannedTables(config.tables, credential)
  const retryOptions = { retryDelayInMs: RECONNECT_AFTER_MS, maxRetries: 1, timeoutInMs: timeouts.bus }
  const connectServiceBus = () =>
    'address' in config.serviceBus
      ? new ServiceBusClient(config.serviceBus.address, credential, { retryOptions })
      : new ServiceBusClient(config.serviceBus.connectionString, { retryOptions })
  const serviceBus = connectServiceBus()
  const [anyTable, scanned, unscanned] = [table(health.table), blobs(config.scannedBlobs), blobs(config.unscannedBlobs)]
  const checks = {
    tables: () => anyTable.listPages({ pageSize: 1 }).next(),
    'scanned blobs': () => scanned.listContainers().byPage({ maxPageSize: 1 }).next(),
    'unscanned blobs': () => unscanned.listContainers().byPage({ maxPageSize: 1 }).next(),
    'service bus': async () => {
      const receiver = serviceBus.createReceiver(health.queue)
      await receiver.peekMessages(1).finally(() => receiver.close())
    },
  }
  // Not among the checks: callers are served without backups.
  const backups = blobs(config.backups)
  return { scanned, unscanned, backups, table, scan, serviceBus, connectServiceBus, checks }
}

/** The client of a storage account. A connection on which nothing has moved for `stallMs` is broken. */
export function blobAccount(endpoint: Endpoint, credential: TokenCredential, stallMs: number): BlobServiceClient {
  const plain =
    'address' in endpoint
      ? new BlobServiceClient(endpoint.address, credential)
      : BlobServiceClient.fromConnectionString(endpoint.connectionString)
  const agent = agentWithTimeout(plain.url, stallMs)
  const pipeline = newPipeline(plain.credential, { retryOptions: { maxTries: 1 } })
  pipeline.factories.push({
    create: (next) => ({
      sendRequest(request) {
        // A download stalls while its consumer is slow: azureFileBlobs has its own time-out for it.
        if (!request.streamResponseStatusCodes?.size) request.agent = agent
        return retryOnce(() => next.sendRequest(request))
      },
    }),
  })
  return new BlobServiceClient(plain.url, pipeline)
}

type PipelineResponse = Awaited<ReturnType<TableClient['pipeline']['sendRequest']>>

/** The answer. @throws for an outage: the client does so for single calls, but not for transactions. */
function failedWhenThrottled(response: PipelineResponse): PipelineResponse {
  const { status, request } = response
  if (status !== 429 && status < 500) return response
  throw new RestError(`The table service answered ${status}.`, { statusCode: status, request, response })
}

/** The tables of an account, by their names, for reading all of their rows: a call is retried with back-off. */
export function scannedTables(endpoint: Endpoint, credential: TokenCredential) {
  let agent: Agent | undefined
  return (name: string): TableClient => {
    const retryOptions = { maxRetries: SCAN.maxRetries }
    const client =
      'address' in endpoint
        ? new TableClient(endpoint.address, name, credential, { retryOptions })
        : TableClient.fromConnectionString(endpoint.connectionString, name, {
            allowInsecureConnection: true,
            retryOptions,
          })
    agent ??= agentWithTimeout(client.url, SCAN.stallMs)
    const shared = agent
    client.pipeline.addPolicy({
      name: 'timeout',
      sendRequest(request, next) {
        request.agent = shared
        return retryOnce(async () => failedWhenThrottled(await next(request)))
      },
    })
    return client
  }
}

/** The same account, where no caller waits: a call is retried with back-off. */
export const withBackoff = ({ address, send }: TableAccount): TableAccount => ({
  address,
  send: (request) =>
    pRetry(() => send(request), { retries: SCAN.maxRetries, shouldRetry: ({ error }) => isOutage(error) }),
})
