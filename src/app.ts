import { app } from '@azure/functions'
import { DefaultAzureCredential } from '@azure/identity'
import { clientsOf } from './adapters/azure/clients.js'
import { collectByAzureMonitor } from './adapters/telemetry/azureMonitor.js'
import { jsonLog } from './adapters/telemetry/jsonLog.js'
import { followTraces, inSpan, traceId } from './adapters/telemetry/tracing.js'
import { compose } from './compose.js'
import { queues, readConfig, tables } from './config.js'
import { measuredCall } from './functions/lifecycle/measuredCall.js'
import { spanOf } from './functions/lifecycle/span.js'
import { contract } from './http/contract/contract.js'
import { tusContract } from './http/contract/tusContract.js'
import { commit, version } from './http/serving/version.js'

const config = readConfig(undefined, Object.keys({ ...contract, ...tusContract }))

// Every function runs inside a step of the trace that called for it: an HTTP call, a message, a timer. This comes before Azure Monitor's
// own hook and so runs inside of it, which else would put the host's trace in the place of the one that a message bears.
app.hook.preInvocation((hook) => {
  const { functionHandler, invocationContext } = hook
  hook.functionHandler = async (...inputs) =>
    inSpan(spanOf(invocationContext), () =>
      measuredCall(measuring, invocationContext, async () => functionHandler(...inputs)),
    )
})

// Before anything is made that asks for a meter.
const { azureMonitor } = config
const credential = azureMonitor?.isByIdentity ? new DefaultAzureCredential() : undefined
const endCollecting = azureMonitor && (await collectByAzureMonitor({ ...azureMonitor, credential }))
if (!azureMonitor) followTraces()

// The hook at the end comes only when all that runs has ended, and a slow client would hold that up: docs/decisions/0027.
const shutdown = new AbortController()
process.once('SIGTERM', () => shutdown.abort())

const log = jsonLog((line) => process.stdout.write(`${line}\n`), traceId)
const composed = compose(config, clientsOf(config, { table: tables.resources, queue: queues.due }), {
  log,
  shutdown: shutdown.signal,
})
log('app.started', { version, ...(commit && { commit }) })
const measuring = { measure: composed.measure, nowMs: () => performance.now() }
export const {
  admitStatistics,
  admitWebhook,
  broker,
  hostingEnvironment,
  messageHandler,
  refuse,
  serve,
  serveTus,
  tasksByName,
} = composed

/** What was begun is finished, and all that is known of it is sent. */
export async function stop(): Promise<void> {
  await composed.stop()
  await endCollecting?.()
}
