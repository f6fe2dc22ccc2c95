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

// Traces by OpenTelemetry's API. Trace ids are propagated also where no spans are collected: log lines and problem
// documents have them.

const KINDS = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
} as const

/** Propagates the trace over awaits. Azure Monitor does this itself. */
export const followTraces = (): boolean =>
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** Runs the work in a span: of the given parent, else of the active span, else of a new trace. */
export const inSpan: InSpan = async ({ name, kind, parent, attributes = {} }, work) => {
  const outer = parent === undefined ? context.active() : contextOf(parent)
  const tracer = trace.getTracer('altinn-broker') // each time, since a tracer stays with its provider
  const started = tracer.startSpan(name, { kind: KINDS[kind], attributes }, outer)
  const span = isSpanContextValid(started.spanContext()) ? started : trace.wrapSpanContext(newTrace())
  try {
    return await context.with(trace.setSpan(outer, span), work)
  } catch (error) {
    // The name alone: messages, which are logged, may contain what was sent.
    span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}

/** The active span as a W3C trace parent; undefined outside of any. */
export function traceParent(): string | undefined {
  const now = trace.getSpanContext(context.active())
  if (!now || !isSpanContextValid(now)) return undefined
  return `00-${now.traceId}-${now.spanId}-${now.traceFlags.toString(16).padStart(2, '0')}`
}

/** The active trace, in 32 hex digits; undefined outside of any. */
export const traceId = (): string | undefined => traceParent()?.slice(3, 35)

/** The context of a remote parent. What is no trace parent begins a new trace. */
function contextOf(parent: string): Context {
  const remote = parseTraceParent(parent)
  return remote ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true }) : ROOT_CONTEXT
}

const newTrace = (): SpanContext => ({
  traceId: randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
  traceFlags: TraceFlags.NONE,
})
