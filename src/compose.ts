import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { altinnEvents } from './adapters/altinn/events.js'
import { maskinportenTokens } from './adapters/altinn/maskinporten.js'
import { pdpAccessPolicy } from './adapters/altinn/pdpAccessPolicy.js'
import { patientFetch, platform } from './adapters/altinn/platform.js'
import { altinnParties } from './adapters/altinn/register.js'
import { altinnResourceRegistry } from './adapters/altinn/resourceRegistry.js'
import { tokenVerifier } from './adapters/altinn/tokens.js'
import { azureFileBlobs } from './adapters/blobs/azureFileBlobs.js'
import { serviceBusMessages } from './adapters/bus/serviceBusMessages.js'
import { jsonLog } from './adapters/jsonLog.js'
import { otelMeasure } from './adapters/otelMeasure.js'
import { tableDueDeadlines } from './adapters/tables/tableDueDeadlines.js'
import { tableFileTransferRemoval } from './adapters/tables/tableFileTransferRemoval.js'
import { tableFileTransferStore } from './adapters/tables/tableFileTransferStore.js'
import { tableIdempotencyKeys } from './adapters/tables/tableIdempotencyKeys.js'
import { tablePendingChanges } from './adapters/tables/tablePendingChanges.js'
import { tableResourceStore, tableServiceOwnerStore } from './adapters/tables/tableResourceStore.js'
import { tableSearchIndex } from './adapters/tables/tableSearchIndex.js'
import { inSpan, traceId, traceParent } from './adapters/tracing.js'
import type { Clients } from './clients.js'
import { type Config, fileTransferEvents, queues, tables } from './config.js'
import { rateLimiter } from './http/rateLimit.js'
import { serveWith } from './http/serve.js'
import { subscriptionKeyCheck } from './http/subscriptionKey.js'
import { webhookGuard } from './http/webhookGuard.js'
import { backgroundWork } from './usecases/backgroundWork.js'
import { cancelFileTransfer } from './usecases/cancelFileTransfer.js'
import { checkHealth } from './usecases/checkHealth.js'
import { confirmDownload } from './usecases/confirmDownload.js'
import { expireDue, meetDeadline } from './usecases/deadlines.js'
import { downloadFile } from './usecases/downloadFile.js'
import { initializeAndUpload } from './usecases/initializeAndUpload.js'
import { initializeFileTransfer } from './usecases/initializeFileTransfer.js'
import { processUpload, recordScanResult } from './usecases/processUpload.js'
import { deliverEvent, fanOutEvents } from './usecases/publishEvents.js'
import { cleanUpUseCaseTests, removeFileTransfer } from './usecases/removeFileTransfers.js'
import { projectSearch, repairChanges } from './usecases/repairChanges.js'
import { configureResource, getResource } from './usecases/resources.js'
import { searchFileTransfers } from './usecases/searchFileTransfers.js'
import { getServiceOwner, registerServiceOwner } from './usecases/serviceOwners.js'
import { orAgainLater } from './usecases/tryAgainLater.js'
import { uploadFile } from './usecases/uploadFile.js'
import { getFileTransfer, getFileTransferDetails } from './usecases/viewFileTransfer.js'

/** Joins the parts of the app. */
export function compose(config: Config, clients: Clients) {
  const now = () => new Date()
  const log = jsonLog((line) => process.stdout.write(`${line}\n`), traceId)
  const measure = otelMeasure()
  const background = backgroundWork()

  const transfers = tableFileTransferStore(clients.table(tables.fileTransfers))
  const blobs = azureFileBlobs(clients.scanned, clients.unscanned)
  const messages = serviceBusMessages(clients.serviceBus, {
    ...queues,
    facts: fileTransferEvents.topic,
  })
  const resources = tableResourceStore(clients.table(tables.resources))
  const serviceOwners = tableServiceOwnerStore(clients.table(tables.serviceOwners))

  const { webhook } = config
  const { url: platformUrl, subscriptionKey } = config.platform
  const ownToken = maskinportenTokens({ ...config.maskinporten, platformUrl, fetch: patientFetch })
  const altinn = platform({ url: platformUrl, subscriptionKey, ownToken, fetch: patientFetch })

  const changing = {
    ...{ transfers, blobs, messages, log, measure, now, pause, newId: randomUUID, inBackground: background.add },
    due: tableDueDeadlines(clients.table(tables.due), now, log),
    pending: tablePendingChanges(clients.table(tables.pending), now, log),
    searchIndex: tableSearchIndex(clients.table(tables.transfersByActor)),
  }
  const removing = { ...changing, removal: tableFileTransferRemoval(clients.table(tables.fileTransfers)) }
  const deps = {
    ...changing,
    ...{ resources, serviceOwners, deadlines: config.deadlines },
    idempotencyKeys: tableIdempotencyKeys(clients.table(tables.idempotencyKeys)),
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
    access: pdpAccessPolicy(altinn, log),
    registry: altinnResourceRegistry(altinn),
    isProduction: config.hostingEnvironment.toLowerCase() === 'production',
  }

  return {
    hostingEnvironment: config.hostingEnvironment,
    admitWebhook: webhookGuard({
      secretHash: webhook.secretHash,
      verify: webhook.entra && tokenVerifier({ issuers: [webhook.entra.issuer], audiences: [webhook.entra.audience] }),
    }),
    serve: serveWith({
      verify: tokenVerifier(config.tokens),
      checkKey: subscriptionKeyCheck(config.subscriptionKeys),
      rateLimit: rateLimiter(config.rateLimits, () => performance.now()),
      ...{ log, traceParent },
    }),
    inSpan,
    broker: {
      initializeFileTransfer: initializeFileTransfer(deps),
      uploadFile: uploadFile(deps),
      initializeAndUpload: initializeAndUpload(deps),
      getFileTransfer: getFileTransfer(deps),
      getFileTransferDetails: getFileTransferDetails(deps),
      downloadFile: downloadFile(deps),
      confirmDownload: confirmDownload(deps),
      configureResource: configureResource(deps),
      getResource: getResource(deps),
      registerServiceOwner: registerServiceOwner(deps),
      getServiceOwner: getServiceOwner(deps),
      searchFileTransfers: searchFileTransfers(deps),
      cancelFileTransfer: cancelFileTransfer(deps),
      processUpload: processUpload(changing),
      receiveScanResults: messages.handOnScans,
      recordScanResult: recordScanResult(changing),
      fanOutEvents: fanOutEvents(changing),
      deliverEvent: deliverEvent({
        ...changing,
        receiver: altinnEvents(altinn),
        parties: altinnParties(altinn, clients.table(tables.parties)),
        eventForm: config.eventForm,
        platformUrl: platformUrl.href,
      }),
      orAgainLater: orAgainLater(changing),
      expireDue: expireDue(changing),
      meetDeadline: meetDeadline(changing),
      projectSearch: projectSearch(changing),
      repairChanges: repairChanges(changing),
      cleanUpUseCaseTests: cleanUpUseCaseTests(removing),
      removeFileTransfer: removeFileTransfer(removing),
      checkHealth: checkHealth(clients.checks, log),
    },
    /** What was begun and answered for is finished, then the connections are closed. */
    async stop() {
      await background.drained()
      await clients.serviceBus.close()
    },
  }
}
