// Longer than 250 lines: the one place that knows every part; the wiring of the use cases moves to usecases/broker.ts.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { cachedDecisions } from './adapters/altinn/cachedDecisions.js'
import { altinnEvents } from './adapters/altinn/events.js'
import { maskinportenTokens } from './adapters/altinn/maskinporten.js'
import { pdpAccessPolicy } from './adapters/altinn/pdpAccessPolicy.js'
import { type Platform, platform, retryingFetch, withRetry } from './adapters/altinn/platform.js'
import { altinnParties } from './adapters/altinn/register.js'
import { altinnResourceRegistry } from './adapters/altinn/resourceRegistry.js'
import { tokenVerifier } from './adapters/altinn/tokens.js'
import type { Clients } from './adapters/azure/clients.js'
import { azureBackups } from './adapters/blobs/azureBackups.js'
import { azureBlockStore } from './adapters/blobs/azureBlockStore.js'
import { azureFileBlobs } from './adapters/blobs/azureFileBlobs.js'
import { azureFileLinks } from './adapters/blobs/azureFileLinks.js'
import { hashing } from './adapters/blobs/hashing.js'
import { messageHandler } from './adapters/bus/messageHandler.js'
import { serviceBusDeadLetters } from './adapters/bus/serviceBusDeadLetters.js'
import { serviceBusMessages } from './adapters/bus/serviceBusMessages.js'
import { azureClosedMonths, azureReportFiles } from './adapters/reports/azureReports.js'
import { toParquet } from './adapters/reports/parquet.js'
import { cachedServiceOwners } from './adapters/tables/cachedServiceOwners.js'
import { tableDeliveryLog } from './adapters/tables/tableDeliveryLog.js'
import { tableDueDeadlines } from './adapters/tables/tableDueDeadlines.js'
import { tableFileTransferRemoval } from './adapters/tables/tableFileTransferRemoval.js'
import { tableFileTransferStore } from './adapters/tables/tableFileTransferStore.js'
import { tableIdempotencyKeys } from './adapters/tables/tableIdempotencyKeys.js'
import { tableNightlyRuns } from './adapters/tables/tableNightlyRuns.js'
import { tableOutbox } from './adapters/tables/tableOutbox.js'
import { tableResourceStore, tableServiceOwnerStore } from './adapters/tables/tableResourceStore.js'
import { tableRows } from './adapters/tables/tableRows.js'
import { tableSearchIndex } from './adapters/tables/tableSearchIndex.js'
import { tableStatistics } from './adapters/tables/tableStatistics.js'
import { tableTusUploads } from './adapters/tables/tableTusUploads.js'
import { otelMeasure } from './adapters/telemetry/otelMeasure.js'
import { traceParent } from './adapters/telemetry/tracing.js'
import { type Config, fileTransferEvents, queues, tables } from './config.js'
import { partsToBackUp } from './domain/operating/backup.js'
import { rateLimiter } from './http/gate/rateLimit.js'
import { securityLog } from './http/gate/securityLog.js'
import { statisticsGuard } from './http/gate/statisticsGuard.js'
import { subscriptionKeyCheck } from './http/gate/subscriptionKey.js'
import { webhookGuard } from './http/gate/webhookGuard.js'
import { attachment } from './http/serving/attachment.js'
import { refuseWith } from './http/serving/refusedMethods.js'
import { serveWith } from './http/serving/serve.js'
import { serveTusWith } from './http/tus/serveTus.js'
import { backgroundWork } from './lib/backgroundWork.js'
import { sha256 } from './lib/sha256.js'
import { withTimeout } from './lib/timeout.js'
import { projectSearch, resumeCommittedChanges } from './usecases/commit/resume.js'
import { backUpTables } from './usecases/operating/backUpTables.js'
import { checkHealth } from './usecases/operating/checkHealth.js'
import { listDeadLetters, replayDeadLetters } from './usecases/operating/deadLetters.js'
import { maintain } from './usecases/operating/maintenance.js'
import { cleanUpUseCaseTests, removeFileTransfer } from './usecases/operating/removeFileTransfers.js'
import { approveUnscanned, configureResource, getResource } from './usecases/operating/resources.js'
import { getServiceOwner, registerServiceOwner } from './usecases/operating/serviceOwners.js'
import {
  getMonthlyStatistics,
  makeDailySummary,
  recordStatistics,
  refreshStatistics,
} from './usecases/operating/statistics.js'
import { sweepOrphans } from './usecases/operating/sweepOrphans.js'
import type { Log } from './usecases/ports/telemetry.js'
import { applyDeadline, expireDue } from './usecases/processing/deadlines.js'
import { processUpload, recordScanResult } from './usecases/processing/processUpload.js'
import { deliverEvent, fanOutEvents } from './usecases/processing/publishEvents.js'
import { redeliverWithBackoff } from './usecases/processing/redelivery.js'
import { confirmDownload } from './usecases/receiving/confirmDownload.js'
import { createDownloadLink } from './usecases/receiving/createDownloadLink.js'
import { downloadFile } from './usecases/receiving/downloadFile.js'
import { getFileTransferEvents } from './usecases/receiving/getFileTransferEvents.js'
import { searchFileTransfers } from './usecases/receiving/searchFileTransfers.js'
import { getFileTransfer, getFileTransferDetails } from './usecases/receiving/viewFileTransfer.js'
import { cancelFileTransfer } from './usecases/sending/cancelFileTransfer.js'
import { completeLinkedUpload } from './usecases/sending/completeLinkedUpload.js'
import { createUploadLink } from './usecases/sending/createUploadLink.js'
import { initializeAndUpload } from './usecases/sending/initializeAndUpload.js'
import { initializeFileTransfer } from './usecases/sending/initializeFileTransfer.js'
import { appendToUpload } from './usecases/sending/tus/appendToUpload.js'
import { concatenateUploads } from './usecases/sending/tus/concatenateUploads.js'
import { createTusUpload } from './usecases/sending/tus/createTusUpload.js'
import { finishUpload } from './usecases/sending/tus/finishUpload.js'
import { terminateUpload } from './usecases/sending/tus/terminateUpload.js'
import { viewTusUpload } from './usecases/sending/tus/viewTusUpload.js'
import { uploadFile } from './usecases/sending/uploadFile.js'

/** What else the app lives among: the clock, its log, Altinn's platform, and a signal that it is to stop. */
type Surroundings = { now?: () => Date; log: Log; altinn?: Platform; shutdown?: AbortSignal }

/** Joins the parts of the app. A test may put its own surroundings in the place of the real ones. */
export function compose(config: Config, clients: Clients, given: Surroundings) {
  const { now = () => new Date(), log } = given
  const measure = otelMeasure()
  const background = backgroundWork()

  const transfers = tableFileTransferStore(clients.table(tables.fileTransfers))
  const blobs = azureFileBlobs(clients.scanned, clients.unscanned, config.timeouts.blob, config.timeouts.busyBlob)
  const messages = serviceBusMessages(
    clients.serviceBus,
    { ...queues, facts: fileTransferEvents.topic },
    config.timeouts.bus,
  )
  const resources = tableResourceStore(clients.table(tables.resources))
  const serviceOwners = cachedServiceOwners(tableServiceOwnerStore(clients.table(tables.serviceOwners)))

  const { webhook } = config
  const { url: platformUrl, subscriptionKey } = config.platform
  const altinnRetry = withRetry(config.timeouts.altinn)
  const ownToken = maskinportenTokens({ ...config.maskinporten, platformUrl, fetch, withRetry: altinnRetry })
  const altinn =
    given.altinn ?? platform({ url: platformUrl, subscriptionKey, ownToken, fetch: retryingFetch(altinnRetry) })

  const changing = {
    ...{ transfers, blobs, messages, log, measure, now, pause, newId: randomUUID, inBackground: background.add },
    due: tableDueDeadlines(clients.table(tables.due), now, log),
    outbox: tableOutbox(clients.table(tables.outbox), now, log),
    searchIndex: tableSearchIndex(clients.table(tables.transfersByActor)),
    blocks: azureBlockStore(clients.scanned, clients.unscanned, config.timeouts.busyBlob),
    tusUploads: tableTusUploads(clients.table(tables.fileTransfers)),
  }
  const deliveryLog = tableDeliveryLog(clients.table(tables.eventDeliveries))
  const deadLetters = serviceBusDeadLetters(clients.connectServiceBus, { queues, ...fileTransferEvents })
  const counting = {
    statistics: tableStatistics(clients.table(tables.monthlyStatistics)),
    ...{ closedMonths: azureClosedMonths(clients.unscanned), now, log },
  }
  const removing = { ...changing, deliveryLog, removal: tableFileTransferRemoval(clients.table(tables.fileTransfers)) }
  const deps = {
    ...changing,
    ...{ resources, serviceOwners, hashing, deadlines: config.deadlines },
    links: azureFileLinks(clients.scanned, clients.unscanned, attachment, now),
    linkMinutes: config.linkMinutes,
    wholePatchBytes: config.tusWholePatchBytes,
    idempotencyKeys: tableIdempotencyKeys(clients.table(tables.idempotencyKeys)),
    hash: sha256,
    access: cachedDecisions(pdpAccessPolicy(altinn, log), config.accessCacheSeconds, now),
    registry: altinnResourceRegistry(altinn),
    isProduction: config.hostingEnvironment.toLowerCase() === 'production',
  }

  const nightlyRuns = tableNightlyRuns(clients.table(tables.nightlyRuns))
  const tasks = {
    announcePending: resumeCommittedChanges(changing),
    expireDue: expireDue(changing),
    sweepOrphans: sweepOrphans({ ...deps, unknownTransfers: config.sweepUnknownTransfers }),
    refreshStatistics: refreshStatistics(counting),
    backUpTables: backUpTables({
      ...{ ...changing, nightlyRuns },
      parts: partsToBackUp(tables),
      rows: tableRows(clients.scan, tables.fileTransfers),
      backups: azureBackups(clients.backups),
    }),
  }

  const edge = {
    verify: tokenVerifier(config.tokens),
    checkKey: subscriptionKeyCheck(config.subscriptionKeys),
    rateLimit: rateLimiter(config.rateLimits, () => performance.now()),
    corsOrigins: config.corsOrigins,
    ...(given.shutdown && { shutdown: given.shutdown }),
    security: securityLog({ log, measure, nowMs: () => performance.now() }),
    ...{ log, measure, traceParent },
  }

  return {
    measure,
    hostingEnvironment: config.hostingEnvironment,
    tasksByName: config.tasksByName,
    admitWebhook: webhookGuard({
      secretHash: webhook.secretHash,
      verify: webhook.entra && tokenVerifier({ issuers: [webhook.entra.issuer], audiences: [webhook.entra.audience] }),
    }),
    admitStatistics: statisticsGuard({
      keyHash: config.statistics.keyHash,
      limit: config.hostingEnvironment === 'Development' ? 5 : 10,
      now,
    }),
    serve: serveWith(edge),
    serveTus: serveTusWith(edge),
    refuse: refuseWith(edge),
    messageHandler: messageHandler(redeliverWithBackoff(changing)),
    broker: {
      initializeFileTransfer: initializeFileTransfer(deps),
      uploadFile: uploadFile(deps),
      initializeAndUpload: initializeAndUpload(deps),
      getFileTransfer: getFileTransfer(deps),
      getFileTransferDetails: getFileTransferDetails(deps),
      getFileTransferEvents: getFileTransferEvents({ ...deps, deliveryLog }),
      downloadFile: downloadFile(deps),
      createUploadLink: createUploadLink(deps),
      completeLinkedUpload: completeLinkedUpload(deps),
      createDownloadLink: createDownloadLink(deps),
      confirmDownload: confirmDownload(deps),
      configureResource: configureResource(deps),
      getResource: getResource(deps),
      registerServiceOwner: registerServiceOwner(deps),
      getServiceOwner: getServiceOwner(deps),
      searchFileTransfers: searchFileTransfers(deps),
      cancelFileTransfer: cancelFileTransfer(deps),
      processUpload: processUpload(deps),
      receiveScanResults: messages.enqueueScanResults,
      recordScanResult: recordScanResult(changing),
      fanOutEvents: fanOutEvents(changing),
      deliverEvent: deliverEvent({
        ...{ ...changing, deliveryLog },
        receiver: altinnEvents(altinn),
        parties: altinnParties(altinn, clients.table(tables.parties), now),
        eventForm: config.eventForm,
        platformUrl: platformUrl.href,
      }),
      redeliverWithBackoff: redeliverWithBackoff(changing),
      maintain: maintain({
        work: tasks,
        isDisabled: (task) => config.disabled.includes(task),
        ...{ nightlyRuns, now, pause, log },
      }),
      tasks,
      expireDue: tasks.expireDue,
      applyDeadline: applyDeadline({ ...removing, deadlines: config.deadlines, retention: config.retention }),
      uploadIdleSeconds: config.deadlines.uploadIdle,
      finishUpload: finishUpload(deps),
      createTusUpload: createTusUpload(deps),
      concatenateUploads: concatenateUploads(deps),
      appendToUpload: appendToUpload(deps),
      viewTusUpload: viewTusUpload(deps),
      terminateUpload: terminateUpload(deps),
      projectSearch: projectSearch(changing),
      resumeCommittedChanges: tasks.announcePending,
      cleanUpUseCaseTests: cleanUpUseCaseTests(removing),
      removeFileTransfer: removeFileTransfer(removing),
      recordStatistics: recordStatistics({ ...counting, transfers }),
      refreshStatistics: tasks.refreshStatistics,
      getMonthlyStatistics: getMonthlyStatistics({ ...counting, resources }),
      makeDailySummary: makeDailySummary({
        ...counting,
        ...{ serviceOwners, toParquet, hostingEnvironment: config.hostingEnvironment },
        withoutStatusMessages: config.statistics.withoutStatusMessages,
      }),
      keepReport: azureReportFiles(clients.unscanned).save,
      listDeadLetters: listDeadLetters({ deadLetters }),
      replayDeadLetters: replayDeadLetters({ deadLetters, log, now }),
      approveUnscanned: approveUnscanned(deps),
      sweepOrphans: tasks.sweepOrphans,
      backUpTables: tasks.backUpTables,
      checkHealth: checkHealth(clients.checks, log, () => performance.now()),
    },
    /** What was begun and answered for is finished, then the connections are closed. */
    async stop() {
      const ending = background.drained().then(() => clients.serviceBus.close())
      await withTimeout(ending, config.timeouts.drain).catch((error: unknown) =>
        log('shutdown.incomplete', { error: String(error) }),
      )
    },
  }
}
