import type { LogEvent } from '../../domain/projections/logEvents.js'
import type { Metric } from '../../domain/projections/metrics.js'

/** What may be worth a line to those who run the service. Ids yes, content never. */
export type Log = (event: LogEvent, details?: Record<string, unknown>) => void

/** Adds to a measurement, or tells its newest value. Attributes have few values: no ids. It never fails. */
export type Measure = (metric: Metric, value: number, attributes?: Record<string, string>) => void

/** A step of a trace. `parent` is the W3C trace parent of who asked for it, if that is elsewhere; attributes hold no content. */
export type Span = {
  name: string
  kind: 'server' | 'consumer' | 'client' | 'internal'
  parent?: string | undefined
  attributes?: Record<string, string>
}

/** Does the work as this step. What is called in it, and what goes on behind it, belongs to the same trace. */
export type InSpan = <Value>(step: Span, work: () => Promise<Value>) => Promise<Value>
