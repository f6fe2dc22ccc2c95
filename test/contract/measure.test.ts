import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { otelMeasure } from '../../src/adapters/telemetry/otelMeasure.js'
import { METRICS, type Metric } from '../../src/domain/projections/metrics.js'

describe('what is measured', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] })
  beforeAll(() => void metrics.setGlobalMeterProvider(provider))
  afterAll(() => metrics.disable())

  test('reaches whatever collects it under its name, with its unit, each kind in its way', async () => {
    const measure = otelMeasure()

    for (const metric of Object.keys(METRICS) as Metric[]) {
      measure(metric, 3, { kind: 'some' })
      measure(metric, 4, { kind: 'some' })
    }

    await provider.forceFlush()
    const collected = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    const values = collected.map(({ descriptor: { name, unit }, dataPoints: [point] }) => {
      const value = point?.value
      const seen = typeof value === 'object' && 'count' in value ? { count: value.count, sum: value.sum } : value
      return [name, unit, seen]
    })
    const expected = { counter: 7, gauge: 4, histogram: { count: 2, sum: 7 } }
    expect(values).toEqual(Object.values(METRICS).map(({ name, unit, kind }) => [name, unit, expected[kind]]))
  })

  test('has names that differ', () => {
    const names = Object.values(METRICS).map(({ name }) => name)

    expect(new Set(names).size).toBe(names.length)
  })
})
