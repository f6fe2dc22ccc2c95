import { randomUUID } from 'node:crypto'
import { memoryDueDeadlines } from '../../src/adapters/memory/memoryDueDeadlines.js'
import { memoryFileBlobs } from '../../src/adapters/memory/memoryFileBlobs.js'
import { memoryFileTransferStore } from '../../src/adapters/memory/memoryFileTransferStore.js'
import { memoryIdempotencyKeys } from '../../src/adapters/memory/memoryIdempotencyKeys.js'
import { memoryMessages } from '../../src/adapters/memory/memoryMessages.js'
import { memoryPendingChanges } from '../../src/adapters/memory/memoryPendingChanges.js'
import { memoryResourceStore, memoryServiceOwnerStore } from '../../src/adapters/memory/memoryResourceStore.js'
import { memorySearchIndex } from '../../src/adapters/memory/memorySearchIndex.js'
import type { CloudEvent } from '../../src/domain/altinnEvents.js'
import type { FileTransfer, FileTransferId, Verdict } from '../../src/domain/fileTransfer.js'
import type { InitializeRequest } from '../../src/domain/initialize.js'
import type { Measurement } from '../../src/domain/measurements.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import { newResource, type Resource } from '../../src/domain/resource.js'
import { checkUploadMessage, dueWork, eventDelivery, factPointer, scanResults } from '../../src/functions/messages.js'
import { backgroundWork } from '../../src/usecases/backgroundWork.js'
import { cancelFileTransfer } from '../../src/usecases/cancelFileTransfer.js'
import type { ChangePorts } from '../../src/usecases/change.js'
import { confirmDownload } from '../../src/usecases/confirmDownload.js'
import { expireDue, meetDeadline } from '../../src/usecases/deadlines.js'
import { downloadFile } from '../../src/usecases/downloadFile.js'
import { initializeAndUpload } from '../../src/usecases/initializeAndUpload.js'
import { initializeFileTransfer } from '../../src/usecases/initializeFileTransfer.js'
import type {
  AccessPolicy,
  Caller,
  EventReceiver,
  FileTransferRemoval,
  IdempotencyKeys,
  Parties,
  ResourceRegistry,
  ResourceStore,
  ServiceOwnerStore,
  Snapshot,
} from '../../src/usecases/ports.js'
import { processUpload, recordScanResult } from '../../src/usecases/processUpload.js'
import { deliverEvent, fanOutEvents } from '../../src/usecases/publishEvents.js'
import { cleanUpUseCaseTests, removeFileTransfer } from '../../src/usecases/removeFileTransfers.js'
import { projectSearch, repairChanges } from '../../src/usecases/repairChanges.js'
import { configureResource, getResource } from '../../src/usecases/resources.js'
import { searchFileTransfers } from '../../src/usecases/searchFileTransfers.js'
import { getServiceOwner, registerServiceOwner } from '../../src/usecases/serviceOwners.js'
import { uploadFile } from '../../src/usecases/uploadFile.js'
import { getFileTransfer, getFileTransferDetails } from '../../src/usecases/viewFileTransfer.js'
import { at, kari, owner, request, sender } from './samples.js'

/** Everything that the use cases ask of the world. */
export type Ports = ChangePorts & {
  removal: FileTransferRemoval
  access: AccessPolicy
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  receiver: EventReceiver
  parties: Parties
  idempotencyKeys: IdempotencyKeys
  hash: (text: string) => string
  isProduction: boolean
}

export const SCANNED = 'https://scanned.blob.example/'
export const deadlines = { uploadIdle: 86_400, processingOverdue: 300, scanWarning: 900, scanOverdue: 3600 }

export const callerFor = (organization: OrganizationNumber | undefined, vendor?: OrganizationNumber): Caller => ({
  organization,
  vendor,
  scopes: [],
  claims: {},
})

/** The use cases of one process. `settled` resolves when nothing goes on behind an answer any more. */
function brokerOf(ports: Ports, settled: () => Promise<void>) {
  const deps = { ...ports, deadlines, eventForm: 'party' as const, platformUrl: 'https://platform.example/' }
  return {
    ports,
    settled,
    initializeFileTransfer: initializeFileTransfer(deps),
    uploadFile: uploadFile(deps),
    getFileTransfer: getFileTransfer(deps),
    getFileTransferDetails: getFileTransferDetails(deps),
    initializeAndUpload: initializeAndUpload(deps),
    searchFileTransfers: searchFileTransfers(deps),
    cancelFileTransfer: cancelFileTransfer(deps),
    getServiceOwner: getServiceOwner(deps),
    downloadFile: downloadFile(deps),
    confirmDownload: confirmDownload(deps),
    configureResource: configureResource(deps),
    getResource: getResource(deps),
    registerServiceOwner: registerServiceOwner(deps),
    receiveScanResults: ports.messages.handOnScans,
    processUpload: processUpload(deps),
    recordScanResult: recordScanResult(deps),
    fanOutEvents: fanOutEvents(deps),
    deliverEvent: deliverEvent(deps),
    expireDue: expireDue(deps),
    meetDeadline: meetDeadline(deps),
    projectSearch: projectSearch(deps),
    cleanUpUseCaseTests: cleanUpUseCaseTests(deps),
    removeFileTransfer: removeFileTransfer(deps),
    repairChanges: repairChanges(deps),
  }
}

export type Broker = ReturnType<typeof brokerOf>

/** Stores in memory that outlive every process, a clock, and a service owner with a resource `bilag`, ready to be used. */
export async function memoryWorld(given: Partial<Resource> = {}) {
  const clock = { now: at }
  const now = () => clock.now
  const transfers = memoryFileTransferStore()
  const stores = {
    ...{ transfers, removal: transfers },
    pending: memoryPendingChanges(now),
    due: memoryDueDeadlines(now),
    searchIndex: memorySearchIndex(),
    messages: memoryMessages(),
    resources: memoryResourceStore(),
    serviceOwners: memoryServiceOwnerStore(),
    blobs: memoryFileBlobs(SCANNED),
    idempotencyKeys: memoryIdempotencyKeys(),
  }
  const log: { level: string; message: string; details: Record<string, unknown> }[] = []
  const posted: CloudEvent[] = []
  const measured: Measurement[] = []

  const eier = { organization: owner, name: 'Eier', storageReadyAt: undefined }
  await stores.serviceOwners.add(eier)
  await stores.serviceOwners.markStorageReady(eier, at)
  await stores.blobs.provision(owner)
  await stores.resources.save({ ...newResource('bilag', owner), ...given }, undefined)

  /** A process: use cases over the stores, as `change` has made them. */
  function start(change: (ports: Ports) => Partial<Ports> = () => ({})) {
    const background = backgroundWork()
    const plain: Ports = {
      ...stores,
      now,
      newId: randomUUID,
      pause: async () => {},
      log: (level, message, details = {}) => void log.push({ level, message, details }),
      measure: (metric, value, attributes = {}) => void measured.push({ metric, value, attributes }),
      inBackground: background.add,
      access: { isPermitted: async (caller, { party }) => caller.organization === party },
      registry: {
        find: async () => ({ owner, hasAccessList: false }),
        isOnAccessList: async () => true,
      },
      receiver: { post: async (event) => void posted.push(event) },
      parties: { partyId: async (organization) => `party-of-${organization}` },
      hash: (text) => text,
      isProduction: false,
    }
    const ports: Ports = { ...plain, ...change(plain) }
    return brokerOf(ports, background.drained)
  }
  const broker = start()

  /** Works off every message that may be received now, and those that follow from them. */
  async function work(by: Broker = broker) {
    await by.settled()
    for (let taken = stores.messages.take(clock.now); taken.length > 0; taken = stores.messages.take(clock.now)) {
      for (const { entity, body } of taken) {
        const message: unknown = JSON.parse(body)
        if (entity === 'facts') await by.fanOutEvents(factPointer.parse(message))
        if (entity === 'eventDelivery') await by.deliverEvent(eventDelivery.parse(message))
        if (entity === 'uploadProcessing') await by.processUpload(checkUploadMessage.parse(message))
        if (entity === 'malwareScanResults') {
          for (const result of scanResults(message)) await by.recordScanResult(result)
        }
        if (entity === 'due') {
          const due = dueWork.parse(message)
          if (due.work === 'meetDeadline') await by.meetDeadline(due.row)
          if (due.work === 'projectSearch') await by.projectSearch(due)
          if (due.work === 'removeFileTransfer') await by.removeFileTransfer(due)
        }
      }
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
    if (!begun.ok) throw new Error(begun.reason)
    await broker.settled()
    return begun.value
  }

  /** A transfer whose file has been uploaded, and not yet looked at. */
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
      work,
      read,
      factsOf,
      begin,
      uploaded,
      published,
      confirmed,
    },
    advance(seconds: number) {
      clock.now = new Date(clock.now.getTime() + seconds * 1000)
    },
  }
}

export type World = Awaited<ReturnType<typeof memoryWorld>>

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
