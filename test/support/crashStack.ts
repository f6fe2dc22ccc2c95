import { randomUUID } from 'node:crypto'
import { type TableEntityResult, TableServiceClient } from '@azure/data-tables'
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus'
import type { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll } from 'vitest'
import { entities } from '../../local/entities.js'
import { type LocalServiceBus, startServiceBus } from '../../local/serviceBus/serviceBus.js'
import type { Platform } from '../../src/adapters/altinn/platform.js'
import { type Clients, clientsOf } from '../../src/adapters/azure/clients.js'
import { BACKUPS_CONTAINER } from '../../src/adapters/blobs/azureBackups.js'
import { azureFileBlobs } from '../../src/adapters/blobs/azureFileBlobs.js'
import { serviceBusMessages } from '../../src/adapters/bus/serviceBusMessages.js'
import { tableInbox } from '../../src/adapters/inbox/tableInbox.js'
import { tableActivity } from '../../src/adapters/reports/tableActivity.js'
import { tableOf } from '../../src/adapters/tableService/table.js'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { tablePending } from '../../src/adapters/tables/tablePending.js'
import { tableResourceStore, tableServiceOwnerStore } from '../../src/adapters/tables/tableResourceStore.js'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import { compose } from '../../src/compose.js'
import { fileTransferEvents, queues, readConfig, tables } from '../../src/config.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import type { CloudEvent } from '../../src/domain/projections/altinnEvents.js'
import { newResource } from '../../src/domain/resource.js'
import type { Broker } from '../../src/usecases/broker.js'
import { connectionStringOf, connectTo } from './azurite.js'
import {
  type FaultInjector,
  faultInjector,
  faultyBlobs,
  faultyScan,
  faultyServiceBus,
  faultyTables,
} from './faultyClients.js'
import { messagePump } from './messagePump.js'
import { all, anyOrganization } from './samples.js'
import { KEY, type Service, sharedEmulator } from './storageEmulator.js'

/** When everything begins: so long ago that whatever is scheduled for later is due at once on the real clock. */
const START = new Date('2020-03-01T12:00:00.000Z')
export type InboxRow = TableEntityResult<Record<string, unknown>>
/** Longer than any deadline takes, in seconds. */
export const FOR_EVER = 3000 * 86_400
/** All messages are received before the first is settled: on a slow machine that takes minutes. */
const LOCK_SECONDS = 600

/**
 * The real stores for the tests of a file: accounts in an Azurite with the index of the local stack, and the local
 * Service Bus.
 * They hold one world after the other.
 */
export function crashStack() {
  const senders = new Map<string, ServiceBusSender>()
  const containers: ContainerClient[] = []
  let storage: Awaited<ReturnType<typeof sharedEmulator>>
  let bus: LocalServiceBus
  let client: ServiceBusClient

  beforeAll(async () => {
    storage = await sharedEmulator()
    bus = await startServiceBus({ entities: entities(LOCK_SECONDS) })
    client = new ServiceBusClient(bus.connectionString)
  })
  afterAll(async () => {
    await client.close()
    await bus.close()
  })

  const connection = (service: Service, account: string) =>
    connectionStringOf(service, account + storage.suffix, storage.ports[service])
  const senderTo = (entity: string) => {
    const sender = senders.get(entity) ?? client.createSender(entity)
    senders.set(entity, sender)
    return sender
  }

  /** Tables and containers of its own, a service owner and a resource, and a clock that stands still. */
  return async function world(resourceId = `r-${randomUUID()}`) {
    const suffix = randomUUID().replaceAll('-', '')
    const owner = anyOrganization()
    const clock = { now: START }
    const now = () => clock.now
    const posted: CloudEvent[] = []
    const config = readConfig({
      Tables: connection('table', 'tables'),
      ScannedBlobs: connection('blob', 'scanned'),
      UnscannedBlobs: connection('blob', 'unscanned'),
      Backups: connection('blob', 'backups'),
      ServiceBus: bus.connectionString,
      HOSTING_ENVIRONMENT: 'Test',
      METADATA_RETENTION_DAYS: '730',
      SWEEP_UNKNOWN_TRANSFERS: '1000000',
      ALTINN_PLATFORM_URL: 'https://platform.example/',
      TOKEN_ISSUERS: 'https://issuer.example/metadata',
      MASKINPORTEN_METADATA_URL: 'https://maskinporten.example/metadata',
      MASKINPORTEN_CLIENT_ID: 'broker',
      MASKINPORTEN_JWK: 'never read',
    })

    const { checks } = clientsOf(config, { table: tables.resources, queue: queues.due }) // nothing connects before it is used
    const account = connectTo(connection('table', 'tables'))
    const clientsFor = (injector: FaultInjector): Clients => {
      const faulty = faultyTables(injector, account)
      const table = (name: string) => tableOf(faulty, name + suffix)
      const scan = (name: string) => faultyScan(injector, connection('table', 'tables'), name + suffix)
      const blobAccount = (name: string) =>
        faultyBlobs(
          injector,
          `http://127.0.0.1:${storage.ports.blob}/${name}${storage.suffix}`,
          name + storage.suffix,
          KEY,
        )
      return {
        scanned: blobAccount('scanned'),
        unscanned: blobAccount('unscanned'),
        backups: blobAccount('backups'),
        ...{ table, scan },
        serviceBus: faultyServiceBus(injector, client, senderTo),
        connectServiceBus: () => client,
        checks,
      }
    }

    /** A process of the app. `settled` resolves when nothing goes on behind an answer any more. */
    function start(
      injector: FaultInjector = faultInjector(),
      atAltinn: FaultInjector = injector,
      clients: Clients = clientsFor(injector),
    ) {
      const altinn = platformOf(owner, posted, atAltinn)
      const { broker, stop } = compose(config, clients, { now, log: () => {}, altinn })
      return { broker, settled: stop }
    }

    const clients = clientsFor(faultInjector())
    const stores = {
      transfers: tableFileTransferStore(clients.table(tables.fileTransfers)),
      ...tablePending({ due: clients.table(tables.due), before020: clients.table(tables.outboxBefore020) }, now),
      searchIndex: tableSearchIndex(clients.table(tables.transfersByActor)),
      inbox: tableInbox(clients.table(tables.inboxChanges), randomUUID),
      activity: tableActivity(clients.table(tables.activity)),
      resources: tableResourceStore(clients.table(tables.resources)),
      serviceOwners: tableServiceOwnerStore(clients.table(tables.serviceOwners)),
      blobs: azureFileBlobs(clients.scanned, clients.unscanned),
      messages: serviceBusMessages(clients.serviceBus, { ...queues, facts: fileTransferEvents.topic }),
    }

    const service = TableServiceClient.fromConnectionString(connection('table', 'tables'), {
      allowInsecureConnection: true,
    })
    await Promise.all(Object.values(tables).map((name) => service.createTable(name + suffix)))
    const eier = { organization: owner, name: 'Eier', storageReadyAt: undefined }
    await stores.serviceOwners.add(eier)
    await stores.serviceOwners.setStorageReady(eier, START)
    // A sweep goes through all containers: those of the world before are done with.
    await Promise.all(containers.splice(0).map((container) => container.delete()))
    await stores.blobs.provision(owner)
    for (const account of [clients.scanned, clients.unscanned]) {
      containers.push(account.getContainerClient(`serviceowner-${owner}`))
    }
    await clients.backups.getContainerClient(BACKUPS_CONTAINER).createIfNotExists()
    const resource = newResource(resourceId, owner)
    await stores.resources.save(resource, undefined)

    const recovering = start()
    const inboxRows = () => all(clients.scan(tables.inboxChanges).listEntities())
    const swept = new Map<string, InboxRow>()
    return {
      ...{
        clock,
        owner,
        resource,
        posted,
        clients,
        clientsFor,
        stores,
        start,
        recovering,
        deadlines: config.deadlines,
        retention: config.retention,
      },
      ...{ sender: anyOrganization(), kari: anyOrganization(), ola: anyOrganization() },
      pump: messagePump(client, bus),
      /** What each transfer is called in a report. */
      labels: new Map<string, string>(),
      /** How far each prepared transfer had come when everything about it had been told. */
      told: new Map<string, number>(),
      /** How far each transfer had come when the tables were lost of which there is no backup. */
      lost: new Map<string, number>(),
      inboxRows,
      /** The entries of inboxes that were there when files were swept up. */
      swept,
      later: (seconds: number) => new Date(clock.now.getTime() + seconds * 1000),
      /**
       * Has the files swept up that nobody holds, on a day when all of them are old. Their age goes by the real clock.
       * The entries of inboxes are older than they are kept by then.
       */
      async sweep(broker: Broker) {
        const { now } = clock
        for (const row of await inboxRows())
          if (row.rowKey !== 'head') swept.set(`${row.partitionKey}/${row.rowKey}`, row)
        clock.now = new Date(Date.now() + 49 * 3_600_000)
        await broker.sweepOrphans().finally(() => {
          clock.now = now
        })
      },
      advance(seconds: number) {
        clock.now = new Date(clock.now.getTime() + seconds * 1000)
      },
    }
  }
}

export type World = Awaited<ReturnType<ReturnType<typeof crashStack>>>

/**
 * Altinn as far as Broker asks it: everyone is permitted, every resource belongs to `owner`, and every event is taken.
 */
const platformOf =
  (owner: OrganizationNumber, posted: CloudEvent[], { intercept }: FaultInjector): Platform =>
  (path, init) => {
    const answer = async () => {
      const asked: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
      if (path.startsWith('authorization/')) return Response.json({ response: [{ decision: 'Permit' }] })
      if (path.startsWith('resourceregistry/')) return Response.json({ hasCompetentAuthority: { organization: owner } })
      if (path.startsWith('register/')) return Response.json({ partyId: partyIdOf(asked) })
      posted.push(asked as CloudEvent) // what the app's own adapter has written
      return new Response()
    }
    // A question to Altinn is a POST as well.
    return intercept(answer, 'altinn', path.startsWith('events/') ? 'write' : 'read')
  }

const partyIdOf = (asked: unknown) =>
  typeof asked === 'object' && asked !== null && 'orgNo' in asked ? `party-of-${asked.orgNo}` : ''
