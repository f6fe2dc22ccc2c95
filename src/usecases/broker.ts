import type { Retention } from '../domain/fileTransfer/deadlines.js'
import type { DeadlineSettings } from '../domain/fileTransfer/upload.js'
import type { TablePart } from '../domain/operating/backup.js'
import { sharedWaits } from '../lib/sharedWaits.js'
import type { CommitPorts } from './commit/change.js'
import { type TransferCommits, transferCommits } from './commit/transferCommits.js'
import { WAITS } from './commit/waits.js'
import { backUpTables } from './operating/backUpTables.js'
import { checkHealth, type HealthChecks } from './operating/checkHealth.js'
import { listDeadLetters, replayDeadLetters } from './operating/deadLetters.js'
import { maintain, type Task } from './operating/maintenance.js'
import { ownerActivity } from './operating/ownerActivity.js'
import { ownerDeadLetters } from './operating/ownerDeadLetters.js'
import { ownerStatistics } from './operating/ownerStatistics.js'
import { cleanUpUseCaseTests } from './operating/removeFileTransfers.js'
import { approveUnscanned, configureResource, getResource } from './operating/resources.js'
import { getServiceOwner, registerServiceOwner } from './operating/serviceOwners.js'
import { getMonthlyStatistics, makeDailySummary, recordStatistics, refreshStatistics } from './operating/statistics.js'
import { sweepOrphans } from './operating/sweepOrphans.js'
import type { AccessPolicy } from './ports/access.js'
import type { ActivityStore } from './ports/activity.js'
import type { FileLinks, LinkMinutes } from './ports/blobs.js'
import type { DeliveryLog, EventReceiver, Names, Parties } from './ports/events.js'
import type { FileTransferRemoval } from './ports/fileTransfers.js'
import type { BackupStore, DeadLetters, NightlyRuns, TableRows } from './ports/operating.js'
import type { DueDeadlines } from './ports/outbox.js'
import type { ReceiptSigner } from './ports/receipts.js'
import type {
  EncryptionKeys,
  IdempotencyKeys,
  ResourceRegistry,
  ResourceStore,
  ServiceOwnerStore,
} from './ports/resources.js'
import type { ClosedMonths, ReportFiles, StatisticsStore, ToParquet } from './ports/statistics.js'
import type { Hashing } from './ports/tus.js'
import { expireDue } from './processing/deadlines.js'
import { doDeferredWork } from './processing/deferred.js'
import { deliverAtOnce, deliverEvent, fanOutEvents } from './processing/events.js'
import { processUpload } from './processing/processUpload.js'
import { recordScanResult } from './processing/recordScanResult.js'
import { redeliverWithBackoff } from './processing/redelivery.js'
import { awaitFileTransfer } from './receiving/awaitFileTransfer.js'
import { confirmDownload } from './receiving/confirmDownload.js'
import { createDownloadLink } from './receiving/createDownloadLink.js'
import { downloadFile } from './receiving/downloadFile.js'
import { getEncryptionKeys, publishEncryptionKey } from './receiving/encryptionKeys.js'
import { confirmFileTransferGroup, getFileTransferGroup } from './receiving/fileTransferGroup.js'
import { getFileTransferEvents } from './receiving/getFileTransferEvents.js'
import { getReceipt, getReceiptKeys } from './receiving/getReceipt.js'
import { listInboxChanges } from './receiving/listInboxChanges.js'
import { listFileTransfers, searchFileTransfers } from './receiving/searchFileTransfers.js'
import { getFileTransfer, getFileTransferDetails } from './receiving/viewFileTransfer.js'
import { searchPartitions } from './searchPartitions.js'
import { cancelFileTransfer } from './sending/cancelFileTransfer.js'
import { changeExpiry } from './sending/changeExpiry.js'
import { completeLinkedUpload } from './sending/completeLinkedUpload.js'
import { createUploadLink } from './sending/createUploadLink.js'
import { getOrganizationNames } from './sending/getOrganizationNames.js'
import { initializeAndUpload } from './sending/initializeAndUpload.js'
import { initializeFileTransfer } from './sending/initializeFileTransfer.js'
import { initializeFileTransferGroup } from './sending/initializeFileTransferGroup.js'
import { appendToUpload } from './sending/tus/appendToUpload.js'
import { concatenateUploads } from './sending/tus/concatenateUploads.js'
import { createTusUpload } from './sending/tus/createTusUpload.js'
import { terminateUpload } from './sending/tus/terminateUpload.js'
import { viewTusUpload } from './sending/tus/viewTusUpload.js'
import { uploadFile } from './sending/uploadFile.js'

/** Everything outside the core that the use cases call. */
export type Ports = Omit<CommitPorts, 'deliverAtOnce' | 'waits'> & {
  access: AccessPolicy
  resources: ResourceStore
  serviceOwners: ServiceOwnerStore
  registry: ResourceRegistry
  idempotencyKeys: IdempotencyKeys
  encryptionKeys: EncryptionKeys
  links: FileLinks
  /** Undefined: there is no key to sign receipts by. */
  receiptSigner: ReceiptSigner | undefined
  hashing: Hashing
  removal: FileTransferRemoval
  due: DueDeadlines
  receiver: EventReceiver
  parties: Parties
  names: Names
  deliveryLog: DeliveryLog
  deadLetters: DeadLetters
  statistics: StatisticsStore
  activity: ActivityStore
  closedMonths: ClosedMonths
  reportFiles: ReportFiles
  toParquet: ToParquet
  nightlyRuns: NightlyRuns
  rows: TableRows
  backups: BackupStore
  healthChecks: HealthChecks
  /** Resolves after this time, or rejects when the signal ends it. */
  pause: (milliseconds: number, value?: undefined, options?: { signal: AbortSignal }) => Promise<unknown>
  /** A hash, in hex. */
  hash: (text: string) => string
  /** Milliseconds that never run backwards. */
  nowMs: () => number
}

/** The settings of the use cases. */
export type Settings = {
  hostingEnvironment: string
  isProduction: boolean
  deadlines: DeadlineSettings
  retention: Retention
  linkMinutes: LinkMinutes
  wholePatchBytes: number
  eventForm: 'party' | 'urn'
  platformUrl: string
  /** Who issues receipts: the address of the API. */
  receiptIssuer: string
  /** The resources whose status messages are left out of the daily report. */
  withoutStatusMessages: string[]
  /** Orphaned blobs are deleted if they belong to at most this many transfers without rows. */
  unknownTransfers: number
  /** What a backup consists of. */
  parts: TablePart[]
  isDisabled: (task: Task) => boolean
}

/** The use cases by the names of their operations and tasks. */
export type Broker = ReturnType<typeof brokerOf>

/** The door for the commits of one process. */
export const commitsOf = (ports: Ports, settings: Settings): TransferCommits =>
  transferCommits({
    ...ports,
    waits: sharedWaits({ ...ports, ...WAITS }),
    deliverAtOnce: deliverAtOnce({ ...ports, ...settings }),
  })

/** The use cases of one process, with its one door for commits. Each use case takes of these what it uses. */
export function brokerOf(ports: Ports, settings: Settings, commits = commitsOf(ports, settings)) {
  const deps = { ...ports, ...settings, commits, searchPartitions: searchPartitions(ports.now), waits: commits.waits }
  const tasks = {
    announcePending: commits.resume,
    expireDue: expireDue(deps),
    sweepOrphans: sweepOrphans(deps),
    refreshStatistics: refreshStatistics(deps),
    backUpTables: backUpTables(deps),
  }
  const activityOfOwner = ownerActivity(deps)
  const deadLettersOfOwner = ownerDeadLetters(deps)
  return {
    initializeFileTransfer: initializeFileTransfer(deps),
    initializeFileTransferGroup: initializeFileTransferGroup(deps),
    uploadFile: uploadFile(deps),
    initializeAndUpload: initializeAndUpload(deps),
    createUploadLink: createUploadLink(deps),
    completeLinkedUpload: completeLinkedUpload(deps),
    cancelFileTransfer: cancelFileTransfer(deps),
    changeExpiry: changeExpiry(deps),
    getOrganizationNames: getOrganizationNames(deps),
    createTusUpload: createTusUpload(deps),
    concatenateUploads: concatenateUploads(deps),
    appendToUpload: appendToUpload(deps),
    viewTusUpload: viewTusUpload(deps),
    terminateUpload: terminateUpload(deps),
    uploadIdleSeconds: settings.deadlines.uploadIdle,

    getFileTransfer: getFileTransfer(deps),
    awaitFileTransfer: awaitFileTransfer(deps),
    getFileTransferDetails: getFileTransferDetails(deps),
    getFileTransferEvents: getFileTransferEvents(deps),
    listInboxChanges: listInboxChanges(deps),
    searchFileTransfers: searchFileTransfers(deps),
    listFileTransfers: listFileTransfers(deps),
    getFileTransferGroup: getFileTransferGroup(deps),
    confirmFileTransferGroup: confirmFileTransferGroup(deps),
    downloadFile: downloadFile(deps),
    createDownloadLink: createDownloadLink(deps),
    getReceipt: getReceipt(deps),
    getReceiptKeys: getReceiptKeys(deps),
    confirmDownload: confirmDownload(deps),
    publishEncryptionKey: publishEncryptionKey(deps),
    getEncryptionKeys: getEncryptionKeys(deps),

    processUpload: processUpload(deps),
    receiveScanResults: ports.messages.enqueueScanResults,
    recordScanResult: recordScanResult(deps),
    fanOutEvents: fanOutEvents(deps),
    deliverEvent: deliverEvent(deps),
    recordStatistics: recordStatistics(deps),
    doDeferredWork: doDeferredWork(deps),
    redeliverWithBackoff: redeliverWithBackoff(deps),

    configureResource: configureResource(deps),
    getResource: getResource(deps),
    approveUnscanned: approveUnscanned(deps),
    registerServiceOwner: registerServiceOwner(deps),
    getServiceOwner: getServiceOwner(deps),
    getMonthlyStatistics: getMonthlyStatistics(deps),
    makeDailySummary: makeDailySummary(deps),
    keepReport: ports.reportFiles.save,
    listDeadLetters: listDeadLetters(deps),
    replayDeadLetters: replayDeadLetters(deps),
    getOwnerActivity: activityOfOwner.get,
    listOwnerResources: activityOfOwner.resources,
    getOwnerStatistics: ownerStatistics(deps),
    listOwnerDeadLetters: deadLettersOfOwner.list,
    replayOwnerDeadLetters: deadLettersOfOwner.replay,
    cleanUpUseCaseTests: cleanUpUseCaseTests(deps),
    checkHealth: checkHealth(ports.healthChecks, ports.log, ports.nowMs),

    maintain: maintain({ ...deps, work: tasks }),
    tasks,
    resumeCommittedChanges: commits.resume,
    expireDue: tasks.expireDue,
    sweepOrphans: tasks.sweepOrphans,
    refreshStatistics: tasks.refreshStatistics,
    backUpTables: tasks.backUpTables,
  }
}
