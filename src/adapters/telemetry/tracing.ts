import { randomBytes } from 'node:crypto'
import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { parseTraceParent } from '@opentelemetry/core'
import type { InSpan } from '../../usecases/ports/telemetry.js'

// Traces by OpenTelemetry's API. Where nothing collects spans, trace ids go along all the same: log lines and problem documents bear them.

const KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const

/** Lets the trace go along with what is awaited. Whatever collects spans does this itself. */
export const followTraces = (): boolean =>
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** Does the work as a step of its own: of the trace that is named, of the one under way, or of a new one. */
export const inSpan: InSpan = async ({ name, kind, parent, attributes = {} }, work) => {
  const outer = parent === undefined ? context.active() : contextOf(parent)
  const tracer = trace.getTracer('altinn-broker') // asked for each time, since a tracer stays with the provider of its time
  const started = tracer.startSpan(name, { kind: KINDS[kind], attributes }, outer)
  const span = isSpanContextValid(started.spanContext()) ? started : trace.wrapSpanContext(newTrace())
  try {
    return await context.with(trace.setSpan(outer, span), work)
  } catch (error) {
    // The name alone: messages may tell of what was sent. They are in the log.
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}

/** The step under way as a W3C trace parent; undefined outside of any. */
export function traceParent(): string | undefined {
  const now = trace.getSpanContext(context.active())
  if (!now || !isSpanContextValid(now)) return undefined
  return `00-${now.traceId}-${now.spanId}-${now.traceFlags.toString(16).padStart(2, '0')}`
}

/** The trace under way, in 32 hex digits; undefined outside of any. */
export const traceId = (): string | undefined => traceParent()?.slice(3, 35)

/** Where a step begins whose parent is elsewhere. What is no trace parent begins a trace of its own. */
function contextOf(parent: string): Context {
  const remote = parseTraceParent(parent)
  return remote ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true }) : ROOT_CONTEXT
}

const newTrace = (): SpanContext => ({
  traceId: randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
  traceFlags: TraceFlags.NONE,
})
