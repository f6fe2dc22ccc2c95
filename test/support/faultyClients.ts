import { TableClient } from '@azure/data-tables'
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus'
import {
  BlobServiceClient,
  newPipeline,
  type RequestPolicyFactory,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import type { TableAccount } from '../../src/adapters/tableService/connection.js'
import type { Table } from '../../src/adapters/tableService/table.js'

/**
 * How a call to a dependency fails: the process dies before it is sent, or after it was carried out; or only this call
 * is not sent, or its answer is lost. A read changes nothing: its lost answer is a read that is not sent, and a process
 * that dies at a read leaves what it leaves when it dies at the next write. So a read only meets 'cannot make'.
 */
export const FAULTS = ['dies before', 'dies after', 'cannot make', 'never learns of'] as const
export type Fault = (typeof FAULTS)[number]

/** What a call goes to. */
export type Service = 'table' | 'blob' | 'bus' | 'altinn'

/** What a call does there. */
type Kind = 'read' | 'write'

/** The dependencies of one process: every call to any of them is counted, and one has the fault. */
export type FaultInjector = {
  intercept<Answer>(send: () => Promise<Answer>, to: Service, kind: Kind): Promise<Answer>
  calls(): number
  writes(): number
  hasInjected(): boolean
}

/**
 * A process whose `nth` call fails, if a fault is given; its `nth` write, when reads do not meet this fault. A dead process
 * sends nothing, and receives no answer.
 */
export function faultInjector(fault?: Fault, nth = 0): FaultInjector {
  let calls = 0
  let writes = 0
  let hasInjected = false
  let isDead = false
  const lost = () => new Error(`${fault} ${nth}`)
  const isNext = (kind: Kind) => (fault === 'cannot make' ? calls === nth : kind === 'write' && writes === nth)
  return {
    calls: () => calls,
    writes: () => writes,
    hasInjected: () => hasInjected,
    async intercept(send, _to, kind) {
      if (isDead) throw lost()
      calls++
      if (kind === 'write') writes++
      const isHit = fault !== undefined && isNext(kind)
      hasInjected ||= isHit
      if (isHit && fault === 'dies before') isDead = true
      if (isHit && (isDead || fault === 'cannot make')) throw lost()
      const answer = await send()
      if (isHit && fault === 'dies after') isDead = true // what was sent beside it is carried out, too
      if (isDead || isHit) throw lost()
      return answer
    },
  }
}

/** Has a process meet each fault at every call in turn; tells the calls and writes of one that was spared. */
export async function injectEach(
  faults: readonly Fault[],
  act: (injector: FaultInjector, name: string) => Promise<unknown>,
) {
  let spared = faultInjector()
  for (const fault of faults) {
    for (let nth = 1; ; nth++) {
      const injector = faultInjector(fault, nth)
      await act(injector, `${fault} ${nth}`)
      if (!injector.hasInjected()) {
        spared = injector
        break
      }
    }
  }
  return { calls: spared.calls(), writes: spared.writes() }
}

const kindOf = (method: string): Kind => (method === 'GET' || method === 'HEAD' ? 'read' : 'write')

/** An account of tables whose calls have this fault. */
export const faultyTables = ({ intercept }: FaultInjector, { address, send }: TableAccount): TableAccount => ({
  address,
  send: (request) => intercept(() => send(request), 'table', kindOf(request.method)),
})

/** A table of the SDK whose calls have this fault. There are no retries. */
export function faultyScan({ intercept }: FaultInjector, connectionString: string, name: string): TableClient {
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }
  const client = TableClient.fromConnectionString(connectionString, name, options)
  const policy = {
    name: 'faultInjector',
    sendRequest: (...[request, next]: SendRequest) => intercept(() => next(request), 'table', kindOf(request.method)),
  }
  client.pipeline.addPolicy(policy, { afterPhase: 'Sign' })
  return client
}

/** A table that asks first before it writes so many entities to a partition, alone or in a transaction. */
export const withWrites = (table: Table, before: (partition: string, entities: number) => void): Table => ({
  ...table,
  async submitTransaction(actions) {
    before(actions[0]?.[1].partitionKey ?? '', actions.length)
    return table.submitTransaction(actions)
  },
  async createEntity(row) {
    before(row.partitionKey, 1)
    return table.createEntity(row)
  },
  async updateEntity(row, ...given) {
    before(row.partitionKey, 1)
    return table.updateEntity(row, ...given)
  },
  async deleteEntity(partitionKey, ...given) {
    before(partitionKey, 1)
    return table.deleteEntity(partitionKey, ...given)
  },
})

/** A table of which each partition takes so many entities in a second of this clock, and refuses more. */
export function throttledTable(table: Table, most: number, now: () => Date): Table & { refusals(): number } {
  let second = 0
  let refusals = 0
  const taken = new Map<string, number>()
  const throttled = withWrites(table, (partition, entities) => {
    if (now().getTime() - second >= 1000) {
      second = now().getTime()
      taken.clear()
    }
    const sum = (taken.get(partition) ?? 0) + entities
    if (sum > most) {
      refusals++
      throw Object.assign(new Error('The server is busy.'), { statusCode: 503, code: 'ServerBusy' })
    }
    taken.set(partition, sum)
  })
  return Object.assign(throttled, { refusals: () => refusals })
}

type SendRequest = Parameters<Parameters<TableClient['pipeline']['addPolicy']>[0]['sendRequest']>

/** A storage account whose calls have this fault. */
export function faultyBlobs(
  { intercept }: FaultInjector,
  address: string,
  account: string,
  key: string,
): BlobServiceClient {
  const pipeline = newPipeline(new StorageSharedKeyCredential(account, key), { retryOptions: { maxTries: 1 } })
  const factory: RequestPolicyFactory = {
    create: (next) => ({
      sendRequest: (request) => intercept(() => next.sendRequest(request), 'blob', kindOf(request.method)),
    }),
  }
  pipeline.factories.push(factory)
  return new BlobServiceClient(address, pipeline)
}

/** A client whose senders, which are shared and stay open, have this fault. */
export function faultyServiceBus(
  { intercept }: FaultInjector,
  client: ServiceBusClient,
  senderTo: (entity: string) => ServiceBusSender,
): ServiceBusClient {
  const createSender = (entity: string) =>
    withMethods(senderTo(entity), (sender) => ({
      sendMessages: (...given: Parameters<ServiceBusSender['sendMessages']>) =>
        intercept(() => sender.sendMessages(...given), 'bus', 'write'),
      createMessageBatch: () => intercept(() => sender.createMessageBatch(), 'bus', 'read'),
    }))
  return withMethods(client, () => ({ createSender, close: async () => {} }))
}

function withMethods<Client extends object>(client: Client, make: (client: Client) => Partial<Client>): Client {
  const methods = new Map<PropertyKey, unknown>(Object.entries(make(client)))
  return new Proxy(client, { get: (target, name) => methods.get(name) ?? Reflect.get(target, name) })
}
