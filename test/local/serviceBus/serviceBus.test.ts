import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { ServiceBusClient } from '@azure/service-bus'
import rhea from 'rhea'
import { afterAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../../local/paths.js'
import { startServiceBus } from '../../../local/serviceBus/serviceBus.js'
import { until } from '../../support/until.js'
import { messaging } from './messaging.js'

const entities = {
  queues: {
    plain: {},
    impatient: { maxDeliveryCount: 3, lockDurationMs: 600 },
    filtered: { duplicateDetectionMs: 1500 },
    refiltered: { duplicateDetectionMs: 400 },
  },
  topics: { events: { subscriptions: { all: {} } } },
}

const broker = await startServiceBus({ entities })
const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 5000 } })
const { send, next, nextIn, drain, bodies, deadLetters } = messaging(client)
const countsOf = (entity: string) => broker.counts()[entity]
afterAll(async () => {
  await client.close()
  await broker.close()
})

test('a request is answered on the session that it came on, also when links of two sessions have one name', async () => {
  const connection = rhea.create_container().connect({ port: broker.port, host: '127.0.0.1', reconnect: false })
  const answers: string[] = []
  for (const session of ['first', 'second']) {
    const opened = connection.create_session()
    opened.begin()
    const name = 'answers'
    const receiver = opened.open_receiver({ name, source: '$cbs' })
    receiver.on('message', ({ message }) => answers.push(`${session} session: ${message?.correlation_id}`))
    const sender = opened.open_sender({ target: '$cbs' })
    await once(sender, 'sendable')
    const token = { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name: 'sb://local/plain' }
    sender.send({ message_id: session, reply_to: name, application_properties: token, body: 'token' })
  }

  await until(() => expect(answers).toEqual(['first session: first', 'second session: second']))
  connection.close()
  await once(connection, 'connection_close')
})

describe('a queue', () => {
  test('gives back what was sent, until it is completed', async () => {
    await send('plain', { body: { id: 1 }, messageId: 'm1', subject: 's', applicationProperties: { tenant: 'x' } })
    const receiver = client.createReceiver('plain')

    const message = await next(receiver)
    await receiver.completeMessage(message)

    expect([message.body, message.applicationProperties, message.deliveryCount]).toEqual([
      { id: 1 },
      { tenant: 'x' },
      0,
    ])
    expect(await nextIn(receiver, 400)).toBeUndefined()
  })

  test('takes a batch in order and refuses what is too large', async () => {
    const sender = client.createSender('plain')
    const batch = await sender.createMessageBatch()

    for (let i = 0; i < 50; i++) expect(batch.tryAddMessage({ body: i })).toBe(true)
    expect(batch.tryAddMessage({ body: 'x'.repeat(300_000) })).toBe(false)
    await sender.sendMessages(batch)
    const tooLarge = sender.sendMessages({ body: 'x'.repeat(300_000) })
    await expect(tooLarge).rejects.toMatchObject({ code: 'MessageSizeExceeded' })

    expect(await bodies('plain')).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  test('dead-letters what was abandoned maxDeliveryCount times, with the properties set on the way', async () => {
    await send('impatient', { body: 1 })
    const receiver = client.createReceiver('impatient')

    for (const count of [0, 1, 2]) {
      const message = await next(receiver)
      expect(message.deliveryCount).toBe(count)
      await receiver.abandonMessage(message, { attempt: count })
    }

    expect(await nextIn(receiver, 400)).toBeUndefined()
    expect(await deadLetters('impatient')).toMatchObject([
      {
        body: 1,
        deadLetterReason: 'MaxDeliveryCountExceeded',
        deadLetterSource: 'impatient',
        applicationProperties: { attempt: 1 },
      },
    ])
  })

  test('dead-letters what was locked maxDeliveryCount times and let go', async () => {
    await send('impatient', { body: 2 })
    const receiver = client.createReceiver('impatient', { maxAutoLockRenewalDurationInMs: 0 })

    let message = await next(receiver)
    for (const _ of [1, 2]) {
      const late = message
      message = await next(receiver) // comes when the lock has run out
      await expect(receiver.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' })
    }

    await until(() => expect(countsOf('impatient')?.deadLettered).toBe(1))
    expect(await deadLetters('impatient')).toMatchObject([{ body: 2, deadLetterReason: 'MaxDeliveryCountExceeded' }])
  })

  test('keeps a lock for as long as it is renewed', async () => {
    await send('impatient', { body: 3 })
    const receiver = client.createReceiver('impatient', { maxAutoLockRenewalDurationInMs: 0 })

    const message = await next(receiver)
    const first = message.lockedUntilUtc?.getTime() ?? 0
    await until(async () => {
      const lockedUntil = await receiver.renewMessageLock(message)
      expect(lockedUntil.getTime()).toBeGreaterThan(first + 1000)
    }, 200)
    await receiver.completeMessage(message)

    expect(await drain('impatient')).toEqual([])
  })

  test('gives a message again when its reader was killed, once the lock runs out', async () => {
    await send('impatient', { body: 'left behind', messageId: 'left' })
    const code = `
      const { ServiceBusClient } = await import('@azure/service-bus')
      const receiver = new ServiceBusClient(process.env.BUS).createReceiver('impatient', { maxAutoLockRenewalDurationInMs: 0 })
      console.log((await receiver.receiveMessages(1))[0].messageId)`
    const env = { ...process.env, BUS: broker.connectionString }
    const reader = spawn(process.execPath, ['--input-type=module', '-e', code], { env, cwd: projectRoot })
    const [line] = await once(createInterface(reader.stdout), 'line')

    reader.kill('SIGKILL')
    const receiver = client.createReceiver('impatient')
    const again = await next(receiver)
    await receiver.completeMessage(again)

    expect([line, again.messageId, again.deliveryCount]).toEqual(['left', 'left', 1])
    expect(countsOf('impatient')).toEqual({ active: 0, deadLettered: 0, scheduled: 0, oldestMs: 0 })
  })

  test('dead-letters on request, with reason; a dead letter can be peeked, read and completed', async () => {
    await send('plain', { body: 4 })
    const receiver = client.createReceiver('plain')
    const deadReceiver = client.createReceiver('plain', { subQueueType: 'deadLetter' })

    const reason = { deadLetterReason: 'bad', deadLetterErrorDescription: 'very', more: 'x' }
    await receiver.deadLetterMessage(await next(receiver), reason)
    const [peeked] = await deadReceiver.peekMessages(10)
    const dead = await next(deadReceiver)
    await deadReceiver.completeMessage(dead)

    expect([peeked?.body, peeked?.deadLetterReason, peeked?.applicationProperties?.more]).toEqual([4, 'bad', 'x'])
    expect([dead.deadLetterReason, dead.deadLetterErrorDescription]).toEqual(['bad', 'very'])
    expect(dead.applicationProperties?.more).toBe('x')
    expect(countsOf('plain')).toEqual({ active: 0, deadLettered: 0, scheduled: 0, oldestMs: 0 })
  })

  test('delivers a scheduled message when it is due, however it was scheduled, and never when cancelled', async () => {
    const sender = client.createSender('plain')
    const at = new Date(Date.now() + 1200)

    await sender.sendMessages({ body: 'by property', scheduledEnqueueTimeUtc: at })
    await sender.scheduleMessages({ body: 'by request' }, at)
    await sender.cancelScheduledMessages(await sender.scheduleMessages({ body: 'cancelled' }, at))

    expect(countsOf('plain')?.scheduled).toBe(2)
    expect(await drain('plain')).toEqual([])
    await until(() => expect(countsOf('plain')).toMatchObject({ active: 2, scheduled: 0 }))
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime())
    expect((await bodies('plain')).sort()).toEqual(['by property', 'by request'])
  })

  test('drops a duplicate within the window, a scheduled one too', async () => {
    const sender = client.createSender('filtered')
    const soon = new Date(Date.now() + 300)

    await sender.sendMessages([
      { body: 1, messageId: 'a' },
      { body: 2, messageId: 'a' },
      { body: 3, messageId: 'b' },
    ])
    await sender.sendMessages([{ body: 4 }, { body: 5 }])
    const later = [
      { body: 6, messageId: 'a' },
      { body: 7, messageId: 'c' },
    ]
    await sender.scheduleMessages(later, soon)
    await sender.sendMessages({ body: 8, messageId: 'c' })

    await until(() => expect(countsOf('filtered')?.scheduled).toBe(0))
    expect((await bodies('filtered')).sort()).toEqual([1, 3, 4, 5, 7])
  })

  test('takes a repeated message id again after the window', async () => {
    const sender = client.createSender('refiltered')
    await sender.sendMessages({ body: 1, messageId: 'a' })

    await until(async () => {
      await sender.sendMessages({ body: 2, messageId: 'a' })
      expect(countsOf('refiltered')?.active).toBe(2)
    }, 100)

    expect(await bodies('refiltered')).toEqual([1, 2])
  })

  test('that was not declared is not found, for senders, receivers and schedulers', async () => {
    const notFound = { code: 'MessagingEntityNotFound' }
    const nowhere = client.createSender('nowhere')

    await expect(nowhere.sendMessages({ body: 1 })).rejects.toMatchObject(notFound)
    await expect(nextIn(client.createReceiver('nowhere'))).rejects.toMatchObject(notFound)
    await expect(nowhere.scheduleMessages({ body: 1 }, new Date())).rejects.toMatchObject(notFound)
    await expect(nextIn(client.createReceiver('events', 'nobody'))).rejects.toMatchObject(notFound)
  })

  test('has case-insensitive names', async () => {
    await send('PLAIN', { body: 5 })

    expect(await bodies('plain')).toEqual([5])
  })
})
