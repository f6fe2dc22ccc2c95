import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { cachedDecisions } from './adapters/altinn/cachedDecisions.js'
import { altinnEvents } from './adapters/altinn/events.js'
import { maskinportenTokens } from './adapters/altinn/maskinporten.js'
import { pdpAccessPolicy } from './adapters/altinn/pdpAccessPolicy.js'
import { type Platform, platform, retryingRequest, withRetry } from './adapters/altinn/platform.js'
import { altinnNames, altinnParties } from './adapters/altinn/register.js'
import { undiciRequest } from './adapters/altinn/request.js'
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
import { tableEncryptionKeys } from './adapters/encryption/tableEncryptionKeys.js'
import { tableInbox } from './adapters/inbox/tableInbox.js'
import { receiptSigner } from './adapters/receipts/receiptSigner.js'
import { azureClosedMonths, azureReportFiles } from './adapters/reports/azureReports.js'
import { toParquet } from './adapters/reports/parquet.js'
import { tableActivity } from './adapters/reports/tableActivity.js'
import { cachedResources, cachedServiceOwners } from './adapters/tables/cachedResources.js'
import { tableDeliveryLog } from './adapters/tables/tableDeliveryLog.js'
import { tableFileTransferRemoval } from './adapters/tables/tableFileTransferRemoval.js'
import { tableFileTransferStore } from './adapters/tables/tableFileTransferStore.js'
import { tableIdempotencyKeys } from './adapters/tables/tableIdempotencyKeys.js'
import { tableNightlyRuns } from './adapters/tables/tableNightlyRuns.js'
import { tablePending } from './adapters/tables/tablePending.js'
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
import { brokerOf } from './usecases/broker.js'
import { growingSearchIndex } from './usecases/commit/growingSearchIndex.js'
import type { Log } from './usecases/ports/telemetry.js'

/** What a test may replace: the clock, Altinn's platform; and the log, and the signal of a shutdown. */
type Surroundings = { now?: () => Date; log: Log; altinn?: Platform; shutdown?: AbortSignal }

/** Makes the adapters and the edge of the app, and the use cases between them. */
export function compose(config: Config, clients: Clients, given: Surroundings) {
  const { now = () => new Date(), log } = given
  const { timeouts, webhook } = config
  const measure = otelMeasure()
  const nowMs = () => performance.now()
  const background = backgroundWork()

  const { url: platformUrl, subscriptionKey } = config.platform
  const altinnRetry = withRetry(timeouts.altinn)
  const ownToken = maskinportenTokens({ ...config.maskinporten, platformUrl, fetch, withRetry: altinnRetry })
  const altinn =
    given.altinn ??
    platform({ url: platformUrl, subscriptionKey, ownToken, request: retryingRequest(altinnRetry, undiciRequest()) })

  const resources = cachedResources(tableResourceStore(clients.table(tables.resources)), now)
  const searchIndex = tableSearchIndex(clients.table(tables.transfersByActor))

  const broker = brokerOf(
    {
      transfers: tableFileTransferStore(clients.table(tables.fileTransfers)),
      removal: tableFileTransferRemoval(clients.table(tables.fileTransfers)),
      ...tablePending({ due: clients.table(tables.due), before020: clients.table(tables.outboxBefore020) }, now, log),
      searchIndex: growingSearchIndex(searchIndex, { resources, log, now, inBackground: background.add }),
      resources,
      serviceOwners: cachedServiceOwners(tableServiceOwnerStore(clients.table(tables.serviceOwners))),
      idempotencyKeys: tableIdempotencyKeys(clients.table(tables.idempotencyKeys)),
      encryptionKeys: tableEncryptionKeys(clients.table(tables.encryptionKeys)),
      tusUploads: tableTusUploads(clients.table(tables.fileTransfers)),
      deliveryLog: tableDeliveryLog(clients.table(tables.eventDeliveries)),
      statistics: tableStatistics(clients.table(tables.monthlyStatistics)),
      inbox: tableInbox(clients.table(tables.inboxChanges), randomUUID),
      activity: tableActivity(clients.table(tables.activity)),
      nightlyRuns: tableNightlyRuns(clients.table(tables.nightlyRuns)),
      rows: tableRows(clients.scan, tables.fileTransfers),

      blobs: azureFileBlobs(clients.scanned, clients.unscanned, timeouts.blob, timeouts.busyBlob),
      blocks: azureBlockStore(clients.scanned, clients.unscanned, timeouts.busyBlob),
      links: azureFileLinks(clients.scanned, clients.unscanned, attachment, now),
      closedMonths: azureClosedMonths(clients.unscanned),
      reportFiles: azureReportFiles(clients.unscanned),
      backups: azureBackups(clients.backups),

      messages: serviceBusMessages(clients.serviceBus, { ...queues, facts: fileTransferEvents.topic }, timeouts.bus),
      deadLetters: serviceBusDeadLetters(clients.connectServiceBus, { queues, ...fileTransferEvents }),

      access: cachedDecisions(pdpAccessPolicy(altinn, log), config.accessCacheSeconds, now),
      registry: altinnResourceRegistry(altinn),
      receiver: altinnEvents(altinn),
      parties: altinnParties(altinn, clients.table(tables.parties), now),
      names: altinnNames(altinn, now),

      receiptSigner: receiptSigner(config.receiptKey, retryingRequest(altinnRetry, undiciRequest()), now),
      hashing,
      toParquet,
      hash: sha256,
      healthChecks: clients.checks,
      log,
      measure,
      now,
      nowMs,
      pause,
      newId: randomUUID,
      inBackground: background.add,
    },
    {
      hostingEnvironment: config.hostingEnvironment,
      isProduction: config.hostingEnvironment.toLowerCase() === 'production',
      deadlines: config.deadlines,
      retention: config.retention,
      linkMinutes: config.linkMinutes,
      wholePatchBytes: config.tusWholePatchBytes,
      eventForm: config.eventForm,
      platformUrl: platformUrl.href,
      receiptIssuer: new URL('broker/api/v1', platformUrl).href,
      withoutStatusMessages: config.statistics.withoutStatusMessages,
      unknownTransfers: config.sweepUnknownTransfers,
      parts: partsToBackUp(tables),
      isDisabled: (task) => config.disabled.includes(task),
    },
  )

  const edge = {
    verify: tokenVerifier(config.tokens),
    checkKey: subscriptionKeyCheck(config.subscriptionKeys),
    rateLimit: rateLimiter(config.rateLimits, nowMs),
    corsOrigins: config.corsOrigins,
    ...(given.shutdown && { shutdown: given.shutdown }),
    security: securityLog({ log, measure, nowMs }),
    log,
    measure,
    traceParent,
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
    messageHandler: messageHandler(broker.redeliverWithBackoff),
    broker,
    /** Finishes the work in the background, then closes the connections. */
    async stop() {
      const ending = background.drained().then(() => clients.serviceBus.close())
      await withTimeout(ending, timeouts.drain).catch((error: unknown) =>
        log('shutdown.incomplete', { error: String(error) }),
      )
    },
  }
}
