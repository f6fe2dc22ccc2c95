import type { DefaultAzureCredential } from '@azure/identity'
import { SpanKind } from '@opentelemetry/api'

/** Where spans and measurements go. Without a credential the key in the connection string authenticates. */
type Settings = { connectionString: string; credential: DefaultAzureCredential | undefined }

/**
 * Sends spans and measurements to Azure Monitor from now on; returns what flushes and ends it. Loaded only when used.
 */
export async function collectByAzureMonitor({ connectionString, credential }: Settings): Promise<() => Promise<void>> {
  const { useAzureMonitor, shutdownAzureMonitor } = await import('@azure/monitor-opentelemetry')
  const off = { enabled: false }
  useAzureMonitor({
    azureMonitorExporterOptions: { connectionString, ...(credential && { credential }) },
    // A trace is sampled as a whole, by its id, on every instance: by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG.
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableLiveMetrics: false,
    // The name of the operation for messages, which Azure Monitor does not take from the span.
    spanProcessors: [
      {
        onStart: (span) => void (span.kind === SpanKind.CONSUMER && span.setAttribute('ai.operation.name', span.name)),
        onEnd: () => {},
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
    // URLs have organisation numbers. The Azure SDK's own spans hide their queries; those of calls to Altinn are ours.
    instrumentationOptions: { http: off, mongoDb: off, mySql: off, postgreSql: off, redis: off, redis4: off },
  })
  return shutdownAzureMonitor
}
