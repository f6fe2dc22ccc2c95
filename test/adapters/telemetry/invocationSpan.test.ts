import { createRequire } from 'node:module'
import type { InvocationContext } from '@azure/functions'
import type { ServiceBusClient, ServiceBusMessage } from '@azure/service-bus'
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { altinnEvents } from '../../../src/adapters/altinn/events.js'
import { platform } from '../../../src/adapters/altinn/platform.js'
import { changeNotification } from '../../../src/adapters/bus/changeNotification.js'
import { checkUploadMessage } from '../../../src/adapters/bus/checkUpload.js'
import { eventDelivery } from '../../../src/adapters/bus/eventDelivery.js'
import { serviceBusMessages } from '../../../src/adapters/bus/serviceBusMessages.js'
import { spanOf } from '../../../src/adapters/telemetry/invocationSpan.js'
import { jsonLog } from '../../../src/adapters/telemetry/jsonLog.js'
import {
  followTraces,
  inSpan,
  traceId,
  traceParent as traceParentNow,
} from '../../../src/adapters/telemetry/tracing.js'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { generated } from '../../../src/http/serving/reply.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { redeliverWithBackoff } from '../../../src/usecases/processing/redelivery.js'
import { answerOf, traceParent } from '../../support/builders.js'
import { type Broker, callerFor, memoryWorld, uploadOf } from '../../support/memoryBroker.js'
import { sender } from '../../support/samples.js'

const functions = createRequire(import.meta.url)('@azure/functions') as typeof import('@azure/functions')

const TRACE = traceParent.slice(3, 35)
const HOSTS_OWN = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`

type Given = { type: string; host?: string; sent?: Record<string, unknown> }

/** An invocation as the Functions host makes it: the keys of a message's properties begin with a small letter. */
const invocation = ({ type, host, sent }: Given): InvocationContext => {
  const properties = Object.entries(sent ?? {}).map(([key, value]) => [
    `${key.charAt(0).toLowerCase()}${key.slice(1)}`,
    value,
  ])
  return new functions.InvocationContext({
    functionName: 'someFunction',
    options: { trigger: { type, name: 'trigger' }, extraInputs: [], extraOutputs: [] },
    ...(host !== undefined && { traceContext: { traceParent: host } }),
    triggerMetadata: { applicationProperties: Object.fromEntries(properties) },
  })
}

/** Messages as they are sent to Service Bus, and the calls that reach Altinn. */
function outside() {
  const sent: { entity: string; message: ServiceBusMessage }[] = []
  const posted: (string | null)[] = []
  const createSender = (entity: string) => {
    const keep = (messages: ServiceBusMessage[]) => sent.push(...messages.map((message) => ({ entity, message })))
    const createMessageBatch = async () => {
      const messages: ServiceBusMessage[] = []
      return { messages, tryAddMessage: (message: ServiceBusMessage) => messages.push(message) > 0 }
    }
    const sendMessages = async (one: ServiceBusMessage | ServiceBusMessage[] | { messages: ServiceBusMessage[] }) =>
      void keep('messages' in one ? one.messages : [one].flat())
    return { createMessageBatch, sendMessages }
  }
  const names = ['uploadProcessing', 'eventDelivery', 'due', 'malwareScanResults', 'facts'] as const
  const [uploadProcessing, eventDelivery, due, malwareScanResults, facts] = names
  const entities = { uploadProcessing, eventDelivery, due, malwareScanResults, facts }
  const altinn = platform({
    url: new URL('https://platform.example/'),
    subscriptionKey: undefined,
    ownToken: async () => 'token',
    request: async (_, init) => {
      posted.push(init?.headers?.get('traceparent') ?? null)
      return new Response()
    },
  })
  return {
    sent,
    posted,
    messages: serviceBusMessages({ createSender } as unknown as ServiceBusClient, entities),
    receiver: altinnEvents(altinn),
  }
}

const deliver = (broker: Broker, body: unknown) =>
  broker.deliverEvent(eventDelivery.parse(body), { queue: 'eventDelivery', messageId: 'm', body, tries: 0 })

/** Works off what was sent, each message in an invocation of its own, as the host would. */
async function workOff(broker: Broker, sent: ReturnType<typeof outside>['sent']) {
  await broker.settled()
  for (let next = sent.shift(); next; next = sent.shift()) {
    const { entity, message } = next
    const body: unknown = JSON.parse(JSON.stringify(message.body))
    const context = invocation({
      type: 'serviceBusTrigger',
      host: HOSTS_OWN,
      sent: message.applicationProperties ?? {},
    })
    await inSpan(spanOf(context), async () => {
      if (entity === 'facts') await broker.fanOutEvents(changeNotification.parse(body), {})
      if (entity === 'uploadProcessing') await broker.processUpload(checkUploadMessage.parse(body))
      if (entity === 'eventDelivery') await deliver(broker, body)
    })
    await broker.settled()
  }
}

beforeAll(() => void followTraces())

describe('a call', () => {
  const spans = new InMemorySpanExporter()
  beforeEach(() => {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  })
  afterEach(() => {
    trace.disable()
    spans.reset()
  })

  test('is one trace, from HTTP through every message to the events at Altinn', async () => {
    const world = await memoryWorld()
    const { sent, posted, ...ports } = outside()
    const broker = world.start(() => ports)
    const http = invocation({ type: 'httpTrigger', host: traceParent })

    await inSpan(spanOf(http), async () => {
      const id = await world.begin({ disableVirusScan: true })
      await broker.uploadFile(callerFor(sender), id, uploadOf('hello'))
    })
    await workOff(broker, sent)

    expect(posted.length).toBeGreaterThan(2)
    expect(posted.map((each) => each?.slice(3, 35))).toEqual(posted.map(() => TRACE))
    const ended = spans.getFinishedSpans()
    expect(new Set(ended.map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE]))
    expect(ended.filter(({ name }) => name === 'POST altinn events')).toHaveLength(posted.length)
    const ids = new Set(ended.map((span) => span.spanContext().spanId))
    const withoutParent = ended.filter(({ parentSpanContext }) => !ids.has(parentSpanContext?.spanId ?? ''))
    expect(withoutParent.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(['b7ad6b7169203331'])
  })

  test('that fails has the kind of the error, and not its message', async () => {
    const failing = inSpan({ name: 'failing', kind: 'internal' }, async () => {
      throw new TypeError('søknad æøå.pdf')
    })

    await expect(failing).rejects.toThrow('søknad')

    const [span] = spans.getFinishedSpans()
    expect(span?.attributes).toEqual({ 'error.type': 'TypeError' })
    expect(span?.events).toEqual([])
  })
})

describe('a message that is sent again', () => {
  test('keeps its trace, and the number of its tries', async () => {
    const { sent, messages } = outside()
    const again = redeliverWithBackoff({ messages, log: () => {}, measure: () => {}, now: () => new Date() })
    const context = invocation({ type: 'serviceBusTrigger', sent: { 'Diagnostic-Id': traceParent } })

    await inSpan(spanOf(context), () =>
      again(
        { queue: 'due', messageId: 'm', body: {}, tries: 0 },
        () => {},
        async () => {
          throw new Error('not now')
        },
      ),
    )

    const properties = sent[0]?.message.applicationProperties
    expect(properties).toMatchObject({ tries: 1, 'Diagnostic-Id': expect.stringContaining(TRACE) })
  })
})

describe('an invocation', () => {
  test.each<[string, Given, string | undefined]>([
    ['an HTTP call, that of the host', { type: 'httpTrigger', host: traceParent }, traceParent],
    ['a timer, that of the host', { type: 'timerTrigger', host: traceParent }, traceParent],
    ['a timer without one, none', { type: 'timerTrigger', host: '' }, undefined],
    [
      'a message, that of its sender',
      { type: 'serviceBusTrigger', host: HOSTS_OWN, sent: { 'Diagnostic-Id': traceParent } },
      traceParent,
    ],
    [
      'a message that the host has read already, that of the host in the same trace',
      { type: 'serviceBusTrigger', host: `00-${TRACE}-${'e'.repeat(16)}-01`, sent: { 'Diagnostic-Id': traceParent } },
      `00-${TRACE}-${'e'.repeat(16)}-01`,
    ],
    [
      'a message of others, that of the host',
      { type: 'serviceBusTrigger', host: HOSTS_OWN, sent: { tries: 1 } },
      HOSTS_OWN,
    ],
  ])('has as its parent, for %s', (_, given, parent) => {
    expect(spanOf(invocation(given)).parent).toBe(parent)
  })
})

describe('where no spans are collected', () => {
  test('a step goes on with the trace of who asked for it', async () => {
    const seen = await inSpan({ name: 'some', kind: 'server', parent: traceParent }, async () => traceId())

    expect(seen).toBe(TRACE)
  })

  test.each([undefined, 'anything', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`])(
    'a step with the parent %s begins a trace, that its steps belong to',
    async (parent) => {
      const step = { name: 'some', kind: 'internal', parent } as const

      const seen = await inSpan(step, async () => [
        traceId(),
        await inSpan({ name: 'inner', kind: 'client' }, async () => traceId()),
      ])

      expect(seen[0]).toMatch(/^[0-9a-f]{32}$/)
      expect(seen[1]).toBe(seen[0])
    },
  )

  test('a line of the log bears the trace, and none outside of any', async () => {
    const lines: string[] = []
    const log = jsonLog((line) => lines.push(line), traceId)

    await inSpan({ name: 'some', kind: 'server', parent: traceParent }, async () => log('upload.checked'))
    log('upload.started')

    const [inside, outside] = lines.map((line): Record<string, unknown> => JSON.parse(line))
    expect(inside).toMatchObject({ code: 'upload.checked', traceId: TRACE })
    expect(outside).not.toHaveProperty('traceId')
  })

  test('the bytes of an answer are made in the trace of the call, whatever reads them', async () => {
    const seen: unknown[] = []
    async function* bytes() {
      yield Buffer.from('a')
      seen.push(traceId())
    }
    const serve = serveWith({ verify: async () => ({ refused: '' }), log: () => {}, traceParent: traceParentNow })
    const operation = { ...contract.getHealth, success: { status: 200 }, problems: [] } as const
    const { handler, ...options } = serve(operation, async () => ok({ bytes: generated(bytes()) }))
    const inStep: typeof handler = (request, context) =>
      inSpan({ name: 'some', kind: 'server', parent: traceParent }, async () => handler(request, context))

    await answerOf({ ...options, handler: inStep })

    expect(seen).toEqual([TRACE])
  })
})
