import type { LogEvent } from '../../domain/projections/logEvents.js'
import type { Metric } from '../../domain/projections/metrics.js'

/** Writes a structured line. Ids yes, content never. */
export type Log = (event: LogEvent, details?: Record<string, unknown>) => void

/** Adds to a measurement, or sets its newest value. Attributes have few values: no ids. It never fails. */
export type Measure = (metric: Metric, value: number, attributes?: Record<string, string>) => void

/** A span of a trace. `parent` is the W3C trace parent, if that is in another process; attributes hold no content. */
export type Span = {
  name: string
  kind: 'server' | 'consumer' | 'client' | 'internal'
  parent?: string | undefined
  attributes?: Record<string, string>
}

/** Does the work in this span. What is called in it, also in the background, belongs to the same trace. */
export type InSpan = <Value>(span: Span, work: () => Promise<Value>) => Promise<Value>
