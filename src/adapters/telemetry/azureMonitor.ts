import type { DefaultAzureCredential } from '@azure/identity'
import { SpanKind } from '@opentelemetry/api'

/** Where spans and measurements go. With a credential the endpoint is told who sends, without one the key in the connection string will do. */
type Settings = { connectionString: string; credential: DefaultAzureCredential | undefined }

/** Sends spans and measurements to Azure Monitor from now on; gives what sends the rest and ends it. Loaded only where it is wanted. */
export async function collectByAzureMonitor({ connectionString, credential }: Settings): Promise<() => Promise<void>> {
  const { useAzureMonitor, shutdownAzureMonitor } = await import('@azure/monitor-opentelemetry')
  const off = { enabled: false }
  useAzureMonitor({
    azureMonitorExporterOptions: { connectionString, ...(credential && { credential }) },
    // All or nothing of a trace, by its id, on every instance: OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG thin it out.
    ...{ samplingRatio: 1, tracesPerSecond: 0 },
    enableLiveMetrics: false,
    // It names the work of a message by this attribute alone, and not by its span.
    spanProcessors: [
      {
        onStart: (span) => void (span.kind === SpanKind.CONSUMER && span.setAttribute('ai.operation.name', span.name)),
        onEnd: () => {},
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
    // Addresses as they are called hold organisation numbers. The Azure SDK's own spans hide their queries; those of Altinn are ours.
    instrumentationOptions: { http: off, mongoDb: off, mySql: off, postgreSql: off, redis: off, redis4: off },
  })
  return shutdownAzureMonitor
}
