import { metrics } from '@opentelemetry/api'
import { METRICS, type Metric } from '../../domain/projections/metrics.js'
import type { Measure } from '../../usecases/ports/telemetry.js'

/** From the time of a small file to that of a transfer, in seconds. */
const BOUNDARIES = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 86_400]

/** Measurements by OpenTelemetry's API. Created after what collects them is started: before, they are lost. */
export function otelMeasure(): Measure {
  const meter = metrics.getMeter('altinn-broker')
  const instrument = ({ kind, name, ...options }: (typeof METRICS)[Metric]): Write => {
    switch (kind) {
      case 'counter': {
        const counter = meter.createCounter(name, options)
        return (value, attributes) => counter.add(value, attributes)
      }
      case 'histogram': {
        const histogram = meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: BOUNDARIES } })
        return (value, attributes) => histogram.record(value, attributes)
      }
      case 'gauge': {
        const gauge = meter.createGauge(name, options)
        return (value, attributes) => gauge.record(value, attributes)
      }
    }
  }
  const instruments = new Map(Object.entries(METRICS).map(([metric, described]) => [metric, instrument(described)]))
  return (metric, value, attributes = {}) => instruments.get(metric)?.(value, attributes)
}

type Write = (value: number, attributes: Record<string, string>) => void
