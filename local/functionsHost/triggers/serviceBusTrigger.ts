import { setTimeout as pause } from 'node:timers/promises'
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'
import type { Binding, TypedData } from '../core.js'
import { type Host, invoke } from '../invocation.js'
import { setting } from '../settings.js'
import { timeSpanMs } from './schedule.js'
import type { TriggerStart } from './triggers.js'

/** Runs the function for each message: success completes it, a throw abandons it immediately, as the real host does. */
export const startServiceBusTrigger: TriggerStart = (host, fn, binding, name) => {
  if (binding.isSessionsEnabled || binding.cardinality === 'many') {
    throw new Error(`${fn.metadata.name}: no sessions, no batches locally.`)
  }
  const { maxConcurrentCalls = 16, maxAutoLockRenewalDuration = '00:05:00' } = host.settings.serviceBus ?? {}
  const renewedForMs = timeSpanMs(maxAutoLockRenewalDuration) ?? 0
  const receiver = receiverOf(host, binding)

  const run = (body: string, message?: ServiceBusReceivedMessage) =>
    invoke(host, fn, {
      inputData: [{ name, data: { string: body } }],
      triggerMetadata: message ? metadataOf(message) : {},
    })

  let isStopping = false
  const report = (source: string, error: Error) => {
    if (isStopping) return // the client reports its own closing
    const code = 'code' in error ? error.code : ''
    host.log('warning', `${fn.metadata.name}: Service Bus ${source}: ${code} ${error.message}`)
  }

  const subscription = receiver.subscribe(
    {
      async processMessage(message) {
        const ended = new AbortController()
        renewLock(receiver, message, { forMs: renewedForMs, ended: ended.signal }).catch((error: Error) =>
          report('renewLock', error),
        )
        try {
          await run(textOf(message.body), message)
        } catch {
          return receiver.abandonMessage(message) // the broker counts, and dead-letters
        } finally {
          ended.abort()
        }
        await receiver.completeMessage(message)
      },
      processError: async ({ error, errorSource }) => report(errorSource, error),
    },
    { maxConcurrentCalls, autoCompleteMessages: false },
  )
  return {
    runNow: run,
    stop() {
      isStopping = true
      return subscription.close()
    },
  }
}

function receiverOf(host: Host, { connection = '', queueName, topicName, subscriptionName }: Binding) {
  const options = {
    skipParsingBodyAsJson: true, // the library does it, as on the host
    maxAutoLockRenewalDurationInMs: 0, // see renewLock
  }
  const client = host.bus.connect(connection)
  if (queueName) return client.createReceiver(setting(queueName), options)
  return client.createReceiver(setting(topicName ?? ''), setting(subscriptionName ?? ''), options)
}

/**
 * Renews the lock until the function has ended, as the real host does. The SDK's own renewal may go on after that, when
 * the connection was lost meanwhile, and nobody gets the message then.
 */
async function renewLock(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  { forMs, ended }: { forMs: number; ended: AbortSignal },
): Promise<void> {
  const lastAt = Date.now() + forMs
  while (Date.now() < lastAt) {
    const leftMs = (message.lockedUntilUtc?.getTime() ?? 0) - Date.now()
    const isTime = await pause(leftMs / 2, true, { signal: ended, ref: false }).catch(() => false)
    if (!isTime) return
    await receiver.renewMessageLock(message)
  }
}

const textOf = (body: unknown) =>
  Buffer.isBuffer(body) || typeof body === 'string' ? String(body) : JSON.stringify(body)

/**
 * The trigger metadata of the Service Bus extension 5; the library turns the names, nested ones too, into camelCase.
 */
function metadataOf(message: ServiceBusReceivedMessage): Record<string, TypedData> {
  const values = {
    MessageId: message.messageId,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    EnqueuedTimeUtc: message.enqueuedTimeUtc,
    ExpiresAtUtc: message.expiresAtUtc,
    LockedUntil: message.lockedUntilUtc,
    LockToken: message.lockToken,
    CorrelationId: message.correlationId,
    ContentType: message.contentType,
    Subject: message.subject,
    ReplyTo: message.replyTo,
    To: message.to,
    SessionId: message.sessionId,
    ApplicationProperties: message.applicationProperties ?? {},
    DeadLetterReason: message.deadLetterReason,
    DeadLetterErrorDescription: message.deadLetterErrorDescription,
  }
  const typed = (value: unknown): TypedData =>
    typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) }
  const present = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present.map(([key, value]) => [key, typed(value)]))
}
