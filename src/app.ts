import { setFlagsFromString } from 'node:v8'
import { app } from '@azure/functions'
import { DefaultAzureCredential } from '@azure/identity'
import { clientsOf } from './adapters/azure/clients.js'
import { collectByAzureMonitor } from './adapters/telemetry/azureMonitor.js'
import { spanOf } from './adapters/telemetry/invocationSpan.js'
import { jsonLog } from './adapters/telemetry/jsonLog.js'
import { followTraces, inSpan, traceId } from './adapters/telemetry/tracing.js'
import { compose } from './compose.js'
import { queues, readConfig, tables } from './config.js'
import { contract } from './http/contract/contract.js'
import { measuredCall } from './http/serving/measuredCall.js'
import { commit, version } from './lib/version.js'

// Node reads each 64 KiB of a body into a buffer of its own, and V8 counts these as growth of the heap. It allows a heap
// of 38 MiB to grow by 24, so that a large file would have all live objects marked once for every 25 MiB. Now the heap
// may double first.
setFlagsFromString('--heap-growing-percent=100')

const config = readConfig(undefined, Object.keys(contract))

// Every function runs in a span of its caller's trace: an HTTP call, a message, a timer. This hook is registered before
// Azure Monitor's own and so runs inside it; else that would replace the trace of a message by the host's.
app.hook.preInvocation((hook) => {
  const { functionHandler, invocationContext } = hook
  hook.functionHandler = async (...inputs) =>
    inSpan(spanOf(invocationContext), () =>
      measuredCall(measuring, invocationContext, inputs[0], async () => functionHandler(...inputs)),
    )
})

// Before anything is made that needs a meter.
const { azureMonitor } = config
const credential = azureMonitor?.isByIdentity ? new DefaultAzureCredential() : undefined
const endCollecting = azureMonitor && (await collectByAzureMonitor({ ...azureMonitor, credential }))
if (!azureMonitor) followTraces()

// The host's own hook comes only when all invocations have ended, which a slow client would delay: docs/decisions/0027.
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

/** Finishes the work in the background, and sends all telemetry. */
export async function stop(): Promise<void> {
  await composed.stop()
  await endCollecting?.()
}
