import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { hashing } from '../../src/adapters/blobs/hashing.js'
import { parsers } from '../../src/adapters/bus/messageHandler.js'
import { privateKeySigner } from '../../src/adapters/receipts/privateKeySigner.js'
import { toParquet } from '../../src/adapters/reports/parquet.js'
import type { InitializeRequest } from '../../src/domain/fileTransfer/initialize.js'
import { linkedAttempt } from '../../src/domain/fileTransfer/links.js'
import type { FileTransfer, FileTransferId, Verdict } from '../../src/domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import type { CloudEvent } from '../../src/domain/projections/altinnEvents.js'
import { type LogEvent, logEvents } from '../../src/domain/projections/logEvents.js'
import type { Measurement } from '../../src/domain/projections/metrics.js'
import { newResource, type Resource } from '../../src/domain/resource.js'
import { backgroundWork } from '../../src/lib/backgroundWork.js'
import { brokerOf, commitsOf, type Ports, type Settings } from '../../src/usecases/broker.js'
import { blobLocation } from '../../src/usecases/commit/blobLocation.js'
import { growingSearchIndex } from '../../src/usecases/commit/growingSearchIndex.js'
import type { AccessPolicy, Caller } from '../../src/usecases/ports/access.js'
import type { Snapshot } from '../../src/usecases/ports/fileTransfers.js'
import type { ChangeNotification } from '../../src/usecases/ports/messages.js'
import type { SearchPosition } from '../../src/usecases/ports/search.js'
import { memoryActivity } from '../memory/memoryActivity.js'
import { memoryBackups } from '../memory/memoryBackups.js'
import { memoryBlockStore } from '../memory/memoryBlockStore.js'
import { memoryDeadLetters } from '../memory/memoryDeadLetters.js'
import { memoryDeliveryLog } from '../memory/memoryDeliveryLog.js'
import { memoryEncryptionKeys } from '../memory/memoryEncryptionKeys.js'
import { memoryFileBlobs } from '../memory/memoryFileBlobs.js'
import { memoryFileLinks } from '../memory/memoryFileLinks.js'
import { memoryFileTransferStore } from '../memory/memoryFileTransferStore.js'
import { memoryIdempotencyKeys } from '../memory/memoryIdempotencyKeys.js'
import { memoryInbox } from '../memory/memoryInbox.js'
import { memoryMessages, type SentMessage } from '../memory/memoryMessages.js'
import { memoryNightlyRuns } from '../memory/memoryNightlyRuns.js'
import { memoryPending } from '../memory/memoryPending.js'
import { memoryResourceStore, memoryServiceOwnerStore } from '../memory/memoryResourceStore.js'
import { memorySearchIndex } from '../memory/memorySearchIndex.js'
import { memoryClosedMonths, memoryReportFiles, memoryStatistics } from '../memory/memoryStatistics.js'
import { memoryTableRows } from '../memory/memoryTableRows.js'
import { memoryTusUploads } from '../memory/memoryTusUploads.js'
import { at, kari, owner, request, sender } from './samples.js'

/** A new key for receipts. */
const receiptKey = Buffer.from(
  JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })),
).toString('base64')

export const SCANNED = 'https://scanned.blob.example/'
/** So few that requests on both sides of it are made of a few bytes. */
export const wholePatchBytes = 40
export const deadlines = { uploadIdle: 86_400, processingOverdue: 300, scanWarning: 900, scanOverdue: 3600 }

export const callerFor = (organization: OrganizationNumber | undefined, vendor?: OrganizationNumber): Caller => ({
  organization,
  vendor,
  scopes: [],
  claims: {},
})

/** A policy that decides about many parties as about each of them. */
export const policyOf = (isPermitted: AccessPolicy['isPermitted']): AccessPolicy => ({
  isPermitted,
  async permittedParties(caller, asked, parties) {
    const decisions = await Promise.all(parties.map((party) => isPermitted(caller, { ...asked, party })))
    return parties.filter((_, index) => decisions[index])
  },
})

/**
 * The use cases of one process, what they run on, and their door for commits, for a change that is none of them.
 * `settled` resolves when nothing goes on in the background any more.
 */
function processOf(given: Given, settled: () => Promise<void>) {
  const commits = commitsOf(given, given)
  return { ...brokerOf(given, given, commits), commits, ports: given, settled }
}

/** What a process is given: a test may change any of it. */
export type Given = Ports & Settings

export type Broker = ReturnType<typeof processOf>

/**
 * Stores in memory that outlive every process, a clock, and a service owner with a resource `bilag`, ready to be used.
 */
export async function memoryWorld(given: Partial<Resource> = {}) {
  const clock = { now: at }
  const now = () => clock.now
  const transfers = memoryFileTransferStore()
  const messages = memoryMessages()
  const blobs = memoryFileBlobs(SCANNED, now)
  const stores = {
    transfers,
    removal: transfers,
    ...memoryPending(now),
    searchIndex: memorySearchIndex(),
    messages,
    resources: memoryResourceStore(),
    serviceOwners: memoryServiceOwnerStore(),
    blobs,
    blocks: memoryBlockStore(blobs),
    tusUploads: memoryTusUploads(),
    idempotencyKeys: memoryIdempotencyKeys(),
    encryptionKeys: memoryEncryptionKeys(),
    deliveryLog: memoryDeliveryLog(),
    statistics: memoryStatistics(),
    activity: memoryActivity(),
    closedMonths: memoryClosedMonths(),
    reportFiles: memoryReportFiles('https://unscanned.blob.example/reports/'),
    deadLetters: memoryDeadLetters(['due'], messages),
    inbox: memoryInbox(),
    nightlyRuns: memoryNightlyRuns(),
    rows: memoryTableRows(now, 'FileTransfers'),
    backups: memoryBackups(),
  }
  const log: { event: LogEvent; level: string; message: string; details: Record<string, unknown> }[] = []
  const posted: CloudEvent[] = []
  const measured: Measurement[] = []

  const eier = { organization: owner, name: 'Eier', storageReadyAt: undefined }
  await stores.serviceOwners.add(eier)
  await stores.serviceOwners.setStorageReady(eier, at)
  await stores.blobs.provision(owner)
  await stores.resources.save({ ...newResource('bilag', owner), ...given }, undefined)

  /** A process: use cases over the stores, as `change` has made them. */
  function start(change: (given: Given) => Partial<Given> = () => ({})) {
    const background = backgroundWork()
    const plain: Given = {
      ...stores,
      now,
      newId: randomUUID,
      pause: async () => {},
      log: (event, details = {}) => void log.push({ event, ...logEvents[event], details }),
      measure: (metric, value, attributes = {}) => void measured.push({ metric, value, attributes }),
      inBackground: background.add,
      access: policyOf(async (caller, { party }) => caller.organization === party),
      registry: {
        find: async () => ({ owner, hasAccessList: false }),
        areOnAccessList: async () => true,
      },
      receiver: {
        async post(event) {
          posted.push(event)
          return 200
        },
      },
      parties: { partyId: async (organization) => `party-of-${organization}` },
      names: { namesOf: async (organizations) => organizations.map((each) => `Name of ${each}`) },
      links: memoryFileLinks(),
      receiptSigner: privateKeySigner(receiptKey),
      hashing,
      toParquet,
      hash: (text) => text,
      healthChecks: {},
      nowMs: () => clock.now.getTime(),

      hostingEnvironment: 'Test',
      isProduction: false,
      deadlines,
      retention: { searchDays: undefined, metadataDays: undefined },
      receiptIssuer: 'https://platform.example/broker/api/v1',
      linkMinutes: { upload: 60, download: 10 },
      wholePatchBytes,
      eventForm: 'party',
      platformUrl: 'https://platform.example/',
      withoutStatusMessages: ['bilag'],
      unknownTransfers: 100,
      parts: [],
      isDisabled: () => false,
    }
    const changed = { ...plain, ...change(plain) }
    const searchIndex = growingSearchIndex(changed.searchIndex, changed)
    return processOf({ ...changed, searchIndex }, background.drained)
  }
  const broker = start()

  /** Handles a message of the queue event-delivery; one that is given up is a dead letter. */
  async function deliver({ messageId, body, returned = { tries: 0 } }: SentMessage, by: Broker = broker) {
    if (returned.isGivenUp) return
    const isRedelivered = returned.tries > 0 || returned.replays !== undefined
    const message = {
      queue: 'eventDelivery' as const,
      messageId,
      body: JSON.parse(body),
      ...returned,
      ...(isRedelivered && { isRedelivered }),
    }
    await by.redeliverWithBackoff(message, parsers.eventDelivery, by.deliverEvent)
  }

  /** Does what one message asks for. */
  async function handle(sent: SentMessage, by: Broker = broker) {
    const { entity, body } = sent
    const message: unknown = JSON.parse(body)
    if (entity === 'facts') {
      await by.fanOutEvents(parsers.altinnEvents(message), {})
      await by.recordStatistics(parsers.statistics(message))
    }
    if (entity === 'eventDelivery') await deliver(sent, by)
    if (entity === 'uploadProcessing') await by.processUpload(parsers.uploadProcessing(message))
    if (entity === 'malwareScanResults')
      for (const each of parsers.malwareScanResults(message)) await by.recordScanResult(each)
    if (entity === 'due') await by.doDeferredWork(parsers.due(message))
  }

  /** Works off every message that may be received now, and those that follow from them. */
  async function work(by: Broker = broker) {
    await by.settled()
    for (let taken = stores.messages.take(clock.now); taken.length > 0; taken = stores.messages.take(clock.now)) {
      for (const message of taken) await handle(message, by)
      await by.settled()
    }
  }

  /** The transfer as it is stored. @throws when there is none. */
  async function read(id: FileTransferId): Promise<Snapshot> {
    const found = await stores.transfers.read(id)
    if (!found) throw new Error(`There is no transfer ${id}.`)
    return found
  }
  const factsOf = async (id: FileTransferId) =>
    ((await stores.transfers.readFacts(id, 1))?.facts ?? []).map(({ fact }) => fact)

  async function begin(asked: Partial<InitializeRequest> = {}): Promise<FileTransferId> {
    const begun = await broker.initializeFileTransfer(callerFor(asked.sender ?? sender), request(asked))
    if (!begun.ok) throw new Error(JSON.stringify(begun.reason))
    await broker.settled()
    return begun.value
  }

  /** A transfer whose file has been uploaded, and not yet scanned. */
  async function uploaded(asked: Partial<InitializeRequest> = {}, content = 'hello'): Promise<FileTransferId> {
    const id = await begin(asked)
    const done = await broker.uploadFile(callerFor(asked.sender ?? sender), id, uploadOf(content))
    if (!done.ok) throw new Error(done.reason)
    await broker.settled()
    return id
  }

  async function published(asked: Partial<InitializeRequest> = {}, content = 'hello'): Promise<FileTransferId> {
    const id = await uploaded({ disableVirusScan: true, ...asked }, content)
    await work()
    return id
  }

  /** A transfer whose file lies where an upload link leads, and has not been completed. */
  async function linked(asked: Partial<InitializeRequest> = {}, content = 'hello'): Promise<FileTransferId> {
    const id = await begin(asked)
    const given = await broker.createUploadLink(callerFor(asked.sender ?? sender), id)
    if (!given.ok) throw new Error(given.reason)
    const { transfer } = await read(id)
    const place = blobLocation(transfer, linkedAttempt(transfer)?.id ?? '')
    await blobs.write(place, bytesOf(content), { maxBytes: 1000, expectedBytes: undefined, accept: () => true })
    return id
  }

  /** A transfer whose file has come by a link, and has to be read to see whether it is the one that was promised. */
  async function unread(asked: Partial<InitializeRequest> = {}): Promise<FileTransferId> {
    const id = await linked({ checksum: MD5_OF_HELLO, ...asked })
    const done = await broker.completeLinkedUpload(callerFor(asked.sender ?? sender), id)
    if (!done.ok) throw new Error(done.reason)
    await broker.settled()
    return id
  }

  /** A transfer that every recipient has downloaded and confirmed. */
  async function confirmed(): Promise<FileTransferId> {
    const id = await published({ recipients: [kari] })
    await broker.downloadFile(callerFor(kari), id, undefined)
    await broker.confirmDownload(callerFor(kari), id)
    await broker.settled()
    return id
  }

  return {
    ...{
      clock,
      stores,
      log,
      measured,
      posted,
      broker,
      start,
      handle,
      work,
      deliver,
      read,
      factsOf,
      begin,
      uploaded,
      published,
      linked,
      unread,
      confirmed,
    },
    advance(seconds: number) {
      clock.now = new Date(clock.now.getTime() + seconds * 1000)
    },
  }
}

export type World = Awaited<ReturnType<typeof memoryWorld>>

/** The ids of all transfers of the resource that this organisation finds, page by page. */
export async function allFoundBy(broker: Pick<Broker, 'searchFileTransfers'>, organization: OrganizationNumber) {
  const ids: FileTransferId[] = []
  let after: SearchPosition | undefined
  do {
    const found = await broker.searchFileTransfers(callerFor(organization), { resourceId: 'bilag' }, after)
    if (!found.ok) throw new Error(found.reason)
    ids.push(...found.value.ids)
    after = found.value.next
  } while (after)
  return ids
}

/** The announcement of one fact to be told. */
export const telling = (fileTransferId: FileTransferId, sequence: number): ChangeNotification => ({
  fileTransferId,
  told: [sequence],
  counted: [],
})

const MD5_OF_HELLO = '5d41402abc4b2a76b9719d911017c592'

/** An upload of a text, in one chunk, that declares its length. */
export const uploadOf = (content: string, declaredBytes: number | undefined = Buffer.byteLength(content)) => ({
  body: bytesOf(content),
  declaredBytes,
})

export async function* bytesOf(...contents: string[]): AsyncGenerator<Uint8Array> {
  for (const content of contents) yield Buffer.from(content)
}

/** Some bytes, and then the client is gone. */
export async function* brokenOff(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content)
  throw new Error('The client has gone.')
}

/** Where the scanner finds the file of an attempt. */
export const addressOf = ({ id, serviceOwner }: FileTransfer, attemptId: string) =>
  `${SCANNED}serviceowner-${serviceOwner}/${id}/${attemptId}`

/** What the scanner says of the file that the transfer has now. */
export function scanOf(transfer: FileTransfer, result: Verdict['result'] = 'Clean') {
  if (!('file' in transfer) || !transfer.file) throw new Error('There is no file.')
  const { attemptId, etag } = transfer.file
  return { blobUrl: addressOf(transfer, attemptId), verdict: { result, etag, detail: 'as it says' } }
}
