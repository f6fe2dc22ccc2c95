import { randomUUID } from 'node:crypto'
import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entities } from '../../local/entities.js'
import { type LocalServiceBus, startServiceBus } from '../../local/serviceBus/serviceBus.js'
import { serviceBusMessages } from '../../src/adapters/bus/serviceBusMessages.js'
import { fileTransferEvents, queues } from '../../src/config.js'
import type { EventDelivery } from '../../src/usecases/ports/events.js'
import type { Messages } from '../../src/usecases/ports/messages.js'
import type { DueRow } from '../../src/usecases/ports/outbox.js'
import { memoryMessages } from '../memory/memoryMessages.js'
import { at, kari, later } from '../support/samples.js'
import { until } from '../support/until.js'

type Received = { messageId: string; body: unknown; properties?: unknown }
type Queue = 'facts' | 'uploadProcessing' | 'eventDelivery' | 'due' | 'malwareScanResults'

/** `received` takes everything that has come by now; it is asked again until there is enough. */
type Made = { messages: Messages; received: (queue: Queue) => Promise<Received[]>; now: () => number }

const delivery = (given: Partial<EventDelivery> = {}): EventDelivery => ({
  id: randomUUID(),
  event: {
    type: 'published',
    actor: { organization: kari, role: 'Recipient' },
    fileTransferId: randomUUID(),
    resourceId: 'æøå/bilag',
    sequence: 3,
    at,
  },
  ...given,
})

const dueRow = (given: Partial<DueRow> = {}): DueRow => ({
  fileTransferId: randomUUID(),
  kind: 'expire',
  at,
  sequence: 1,
  tries: 0,
  since: later(-60),
  ...given,
})

const changeNotification = (fileTransferId: string, told: number[], counted = told) => ({
  fileTransferId,
  told,
  counted,
})

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function messagesContract(name: string, make: () => Made) {
  /** Waits for so many messages, and for one more that is sent last, so that none is overlooked. */
  const receiveAll = async ({ messages, received }: Made, queue: Queue): Promise<Received[]> => {
    const end = randomUUID()
    if (queue === 'facts') await messages.notifyOfChange(changeNotification(end, [1]))
    if (queue === 'uploadProcessing') await messages.checkUpload({ fileTransferId: end, attemptId: end, sequence: 1 })
    if (queue === 'eventDelivery') await messages.deliver([delivery({ id: end })])
    if (queue === 'due') await messages.project(end, 1)
    if (queue === 'malwareScanResults') await messages.enqueueScanResults([{ id: end }])
    const found: Received[] = []
    const isEnd = ({ messageId, body }: Received) => messageId.startsWith(end) || JSON.stringify(body).includes(end)
    await until(async () => {
      found.push(...(await received(queue)))
      expect(found.some(isEnd)).toBe(true)
    }, 20)
    for (const { messageId, properties } of found) seen.set(`${queue} ${messageId}`, properties)
    return found.filter((each) => !isEnd(each)).map(({ messageId, body }) => ({ messageId, body }))
  }
  const seen = new Map<string, unknown>()
  const propertiesOf = async (made: Made, queue: Queue, messageId: string) => {
    await receiveAll(made, queue)
    return seen.get(`${queue} ${messageId}`)
  }

  describe(`messages over ${name}`, () => {
    test('notify of a change immediately, under an id of transfer and first number', async () => {
      const made = make()
      const id = randomUUID()

      await made.messages.notifyOfChange(changeNotification(id, [5], [4, 5]))

      expect(await receiveAll(made, 'facts')).toEqual([
        { messageId: `${id}-4`, body: { fileTransferId: id, told: [5], counted: [4, 5] } },
      ])
    })

    test('are not sent for no facts, no deliveries and no deadlines', async () => {
      const made = make()

      await made.messages.notifyOfChange(changeNotification(randomUUID(), []))
      await made.messages.deliver([])
      await made.messages.enqueueDeadlines([])

      for (const queue of ['facts', 'eventDelivery', 'due'] as const) expect(await receiveAll(made, queue)).toEqual([])
    })

    test('that notifyOfChange the same change are dropped but for the first', async () => {
      const made = make()
      const id = randomUUID()

      await made.messages.notifyOfChange(changeNotification(id, [1]))
      await made.messages.notifyOfChange(changeNotification(id, [1]))
      await made.messages.notifyOfChange(changeNotification(id, [2]))

      expect((await receiveAll(made, 'facts')).map(({ messageId }) => messageId)).toEqual([`${id}-1`, `${id}-2`])
    })

    test('have an upload checked once, and again when it is said so', async () => {
      const made = make()
      const body = { fileTransferId: randomUUID(), attemptId: randomUUID(), sequence: 3 }

      await made.messages.checkUpload(body)
      await made.messages.checkUpload(body)
      await made.messages.checkUpload({ ...body, again: 1 })
      await made.messages.checkUpload({ ...body, again: 1 })
      await made.messages.checkUpload({ ...body, again: 2 })

      expect(await receiveAll(made, 'uploadProcessing')).toEqual([
        { messageId: `${body.fileTransferId}-3`, body },
        { messageId: `${body.fileTransferId}-3/r1`, body: { ...body, again: 1 } },
        { messageId: `${body.fileTransferId}-3/r2`, body: { ...body, again: 2 } },
      ])
    })

    test('carry a delivery under the id of its event', async () => {
      const made = make()
      const owed = [delivery(), delivery()]

      await made.messages.deliver(owed)
      await made.messages.deliver(owed)

      const expected = owed.map((each) => ({ messageId: each.id, body: asJson(each) }))
      expect(await receiveAll(made, 'eventDelivery')).toEqual(expected)
    })

    test('carry as many deliveries as a transfer has recipients', async () => {
      const made = make()
      const owed = Array.from({ length: 1001 }, () => delivery())

      await made.messages.deliver(owed)

      const received = await receiveAll(made, 'eventDelivery')
      expect(received.map(({ messageId }) => messageId)).toEqual(owed.map(({ id }) => id))
    })

    test('schedule a delivery for its time, and drop a duplicate', async () => {
      const made = make()
      const owed = delivery()
      const soon = new Date(made.now() + 1000)

      await made.messages.deliver([owed], soon)
      await made.messages.deliver([owed], soon)
      await made.messages.deliver([owed])

      expect(await receiveAll(made, 'eventDelivery')).toEqual([])
      const late: string[] = []
      await until(async () => {
        late.push(...(await made.received('eventDelivery')).map(({ messageId }) => messageId))
        expect(late).toEqual([owed.id])
      })
      expect(made.now()).toBeGreaterThanOrEqual(soon.getTime())
      expect(await receiveAll(made, 'eventDelivery')).toEqual([])
    })

    test('redeliver a delivery that failed, not before its time, under a new id for each try', async () => {
      const made = make()
      const failed = delivery()
      const message = { queue: 'eventDelivery', messageId: failed.id, body: failed, tries: 1 } as const
      const soon = new Date(made.now() + 1500)
      await made.messages.deliver([failed])

      await made.messages.redeliver(message, soon)
      await made.messages.redeliver(message, soon)
      await made.messages.redeliver({ ...message, tries: 2 }, soon)

      expect((await receiveAll(made, 'eventDelivery')).map(({ messageId }) => messageId)).toEqual([failed.id])
      const late: Received[] = []
      await until(async () => {
        const some = await made.received('eventDelivery')
        late.push(...some.map(({ messageId, body }) => ({ messageId, body })))
        expect(late).toHaveLength(2)
      })
      expect(made.now()).toBeGreaterThanOrEqual(soon.getTime())
      expect(late).toEqual(
        expect.arrayContaining([
          { messageId: `${failed.id}/eventDelivery/try1`, body: asJson(failed) },
          { messageId: `${failed.id}/eventDelivery/try2`, body: asJson(failed) },
        ]),
      )
    })

    test('redeliver a message whose work failed, under a new id for each try', async () => {
      const made = make()
      const message = { queue: 'due', messageId: 'work', body: { work: 'projectSearch' }, tries: 1 } as const
      const now = new Date(made.now())

      await made.messages.redeliver(message, now)
      await made.messages.redeliver({ ...message, messageId: 'work/due/try1', tries: 2 }, now)

      const ids = (await receiveAll(made, 'due')).map(({ messageId }) => messageId)
      expect(ids).toEqual(['work/due/try1', 'work/due/try2'])
    })

    test('are redelivered with their tries, the reason, and the subscription that they are for', async () => {
      const made = make()
      const now = new Date(made.now())
      const body = { fileTransferId: randomUUID(), sequence: 1 }
      const failed = { messageId: 'fact', body, tries: 3, reason: 'It is down.' }

      await made.messages.redeliver({ ...failed, queue: 'altinnEvents' }, now)
      await made.messages.redeliver({ ...failed, queue: 'due', isGivenUp: true }, now)

      const said = { tries: 3, reason: 'It is down.' }
      expect(await propertiesOf(made, 'facts', 'fact/altinnEvents/try3')).toEqual({
        ...said,
        subscription: 'altinnEvents',
      })
      expect(await propertiesOf(made, 'due', 'fact/due/try3')).toEqual({ ...said, givenUp: true })
    })

    test('are redelivered to both subscriptions, when the work of both has failed at the same try', async () => {
      const made = make()
      const now = new Date(made.now())
      const body = { fileTransferId: randomUUID() }
      const failed = { messageId: randomUUID(), body, tries: 1 }

      await made.messages.redeliver({ ...failed, queue: 'altinnEvents' }, now)
      await made.messages.redeliver({ ...failed, queue: 'statistics' }, now)
      await made.messages.redeliver({ ...failed, queue: 'statistics' }, now)

      const ids = (await receiveAll(made, 'facts')).map(({ messageId }) => messageId)
      expect(ids).toEqual([`${failed.messageId}/altinnEvents/try1`, `${failed.messageId}/statistics/try1`])
    })

    test('hand on deadlines with what they are, once for each try', async () => {
      const made = make()
      const row = dueRow()
      const retried = { ...row, tries: 1 }
      const other = dueRow({ kind: 'purge', sequence: 8 })

      await made.messages.enqueueDeadlines([row])
      await made.messages.enqueueDeadlines([row, other])
      await made.messages.enqueueDeadlines([retried])

      expect(await receiveAll(made, 'due')).toEqual([
        {
          messageId: `${row.fileTransferId}-expire-1-${at.getTime()}`,
          body: { work: 'meetDeadline', row: asJson(row) },
        },
        {
          messageId: `${other.fileTransferId}-purge-8-${at.getTime()}`,
          body: { work: 'meetDeadline', row: asJson(other) },
        },
        {
          messageId: `${row.fileTransferId}-expire-1-${at.getTime()}/r1`,
          body: { work: 'meetDeadline', row: asJson(retried) },
        },
      ])
    })

    test('have transfers removed, each by a message of its own, once for each job', async () => {
      const made = make()
      const [one, other] = [randomUUID(), randomUUID()]

      await made.messages.removeFileTransfers([one, other], 'job-1')
      await made.messages.removeFileTransfers([one, other], 'job-1')
      await made.messages.removeFileTransfers([one], 'job-2')
      await made.messages.removeFileTransfers([], 'job-3')

      const work = 'removeFileTransfer'
      expect(await receiveAll(made, 'due')).toEqual([
        { messageId: `${one}-remove-job-1`, body: { work, fileTransferId: one } },
        { messageId: `${other}-remove-job-1`, body: { work, fileTransferId: other } },
        { messageId: `${one}-remove-job-2`, body: { work, fileTransferId: one } },
      ])
    })

    test('hand on what the scanner says as it came, once for each event', async () => {
      const made = make()
      const events = [1, 2].map((number) => ({ id: randomUUID(), eventType: 'æøå', data: { number, other: [null] } }))

      await made.messages.enqueueScanResults(events)
      await made.messages.enqueueScanResults(events)
      await made.messages.enqueueScanResults([])

      expect(await receiveAll(made, 'malwareScanResults')).toEqual(
        events.map((body) => ({ messageId: expect.stringMatching(/^scan-[0-9a-f]{64}$/), body })),
      )
    })

    test('hand on each of two events of the scanner that bear the same id', async () => {
      const made = make()
      const id = randomUUID()
      const events = ['one', 'other'].map((blobUri) => ({ id, data: { blobUri } }))

      await made.messages.enqueueScanResults(events)

      expect((await receiveAll(made, 'malwareScanResults')).map(({ body }) => body)).toEqual(events)
    })

    test('have search rows written once for each state', async () => {
      const made = make()
      const id = randomUUID()

      await made.messages.project(id, 3)
      await made.messages.project(id, 3)
      await made.messages.project(id, 4)

      expect(await receiveAll(made, 'due')).toEqual([
        { messageId: `${id}-project-3`, body: { work: 'projectSearch', fileTransferId: id, sequence: 3 } },
        { messageId: `${id}-project-4`, body: { work: 'projectSearch', fileTransferId: id, sequence: 4 } },
      ])
    })
  })
}

const names = { ...queues, facts: fileTransferEvents.topic }
const arrived: Record<Queue, Received[]> = {
  facts: [],
  uploadProcessing: [],
  eventDelivery: [],
  due: [],
  malwareScanResults: [],
}
let bus: LocalServiceBus
let client: ServiceBusClient

beforeAll(async () => {
  bus = await startServiceBus({ entities: entities() })
  client = new ServiceBusClient(bus.connectionString)
  const receiveMode = 'receiveAndDelete'
  const { topic, subscriptions } = fileTransferEvents
  const receivers = {
    facts: client.createReceiver(topic, subscriptions.altinnEvents, { receiveMode }),
    uploadProcessing: client.createReceiver(queues.uploadProcessing, { receiveMode }),
    eventDelivery: client.createReceiver(queues.eventDelivery, { receiveMode }),
    due: client.createReceiver(queues.due, { receiveMode }),
    malwareScanResults: client.createReceiver(queues.malwareScanResults, { receiveMode }),
  }
  for (const queue of ['facts', 'uploadProcessing', 'eventDelivery', 'due', 'malwareScanResults'] as const) {
    receivers[queue].subscribe({
      processMessage: async ({ messageId, body, applicationProperties: properties }) =>
        void arrived[queue].push({ messageId: String(messageId), body, properties }),
      processError: async ({ error }) => console.error(error),
    })
  }
})

afterAll(async () => {
  await client.close()
  await bus.close() // it waits for its clients to leave
})

messagesContract('memory', () => {
  const messages = memoryMessages()
  // Its clock moves by itself each time it is looked at.
  let time = at.getTime()
  const now = () => time
  const taken: ReturnType<typeof messages.take> = []
  const received = async (queue: Queue) => {
    taken.push(...messages.take(new Date(time)))
    time += 200
    const found = taken.filter(({ entity }) => entity === queue)
    for (const each of found) taken.splice(taken.indexOf(each), 1)
    return found.map(({ messageId, body, returned, subscription }) => {
      const { isGivenUp: givenUp, ...said } = returned ?? {}
      const properties = { ...said, ...(givenUp && { givenUp }), ...(subscription && { subscription }) }
      return { messageId, body: JSON.parse(body), properties }
    })
  }
  return { messages, received, now }
})

messagesContract('Service Bus', () => ({
  messages: serviceBusMessages(client, names),
  received: async (queue) => arrived[queue].splice(0),
  now: Date.now,
}))
