import { randomUUID } from 'node:crypto'
import { ServiceBusClient } from '@azure/service-bus'
import { describe, expect, test, vi } from 'vitest'
import { queues } from '../../src/config.js'
import { expectOk, KARI, OLA, OWNER, ownJourney, POLLING, refusalOf, STRANGER } from '../support/journey.js'
import { until } from '../support/until.js'

const journey = await ownJourney()

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
const MAINTENANCE = 'altinn:broker.maintenance'

type Entry = Record<'type' | 'role' | 'organization' | 'status' | 'lastAnswer', string> & {
  tries: number
  nextTry: string | null
}
type DeadLetter = { messageId: string; reason: string; tries: number; fileTransferId: string | null }
type Lists = { queue: string; deadLetters: DeadLetter[] }[]

const logOf = async (org: string, scope: string, id: string): Promise<Entry[]> => {
  const response = await expectOk(journey.as(org, scope, `filetransfer/${id}/events`))
  return ((await response.json()) as { events: Entry[] }).events
}
const order = (status: number, times: number) =>
  fetch(`${journey.stack.urls.altinn}/faults`, {
    method: 'POST',
    body: JSON.stringify({ target: 'events', status, times }),
  })

test('(29 of spec 14) an event that Altinn refuses is sent again until it is taken', async () => {
  await order(503, 12)

  const id = await journey.initialize()

  const expected = [`filetransferinitialized > ${OWNER} as Sender`]
  await until(async () => expect(await journey.events(id)).toEqual(expected))
})

describe('the delivery log', () => {
  test('has each attempt until Altinn has the event', async () => {
    await order(401, 2)
    const id = await journey.initialize()

    const seen = new Set<string>()
    await vi.waitFor(async () => {
      const [entry] = await logOf(OWNER, WRITE, id)
      seen.add(`${entry?.status} ${entry?.tries} ${entry?.lastAnswer}`)
      expect(entry?.status).toBe('Delivered')
    }, POLLING)

    expect([...seen].filter((line) => line !== 'Waiting 0 null')).toEqual([
      'Waiting 1 401',
      'Waiting 2 401',
      'Delivered 3 200',
    ])
    expect(await logOf(OWNER, WRITE, id)).toEqual([
      {
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        type: 'no.altinn.broker.filetransferinitialized',
        role: 'Sender',
        organization: `0192:${OWNER}`,
        sequence: 1,
        status: 'Delivered',
        tries: 3,
        occurred: expect.any(String),
        lastTried: expect.any(String),
        lastAnswer: '200',
        delivered: expect.any(String),
        nextTry: null,
      },
    ])
    expect(await journey.events(id)).toEqual([`filetransferinitialized > ${OWNER} as Sender`])
  })

  test('shows that Altinn does not know a recipient; its events are retried rarely, the others are delivered', async () => {
    const nobody = Array.from({ length: 60 }, (_, index) => `3123456${String(index + 10)}`)
    const id = await journey.initialize({ recipients: nobody.map((each) => `0192:${each}`), disableVirusScan: true })
    await journey.upload(id, 'file')
    const other = await journey.sent('file', 'Published', { disableVirusScan: true })

    const tried = await vi.waitFor(async () => {
      const entries = (await logOf(OWNER, WRITE, id)).filter(({ role }) => role === 'Recipient')
      expect(entries.filter(({ tries }) => tries > 0)).toHaveLength(nobody.length)
      return entries
    }, POLLING)

    const seen = new Set(tried.map(({ status, tries, lastAnswer }) => `${status} ${tries} ${lastAnswer}`))
    expect([...seen]).toEqual(['Waiting 1 UnknownParty'])
    const soonest = Math.min(...tried.map(({ nextTry }) => Date.parse(nextTry ?? '')))
    expect(soonest - Date.now()).toBeGreaterThan(50 * 60_000)
    await vi.waitFor(async () => {
      const statuses = (await logOf(OWNER, WRITE, other)).map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set(['Delivered']))
    }, POLLING)
  })

  test('shows a sender everything and a recipient its own, and is refused to others', async () => {
    const id = await journey.sent('file')
    const summaryOf = (entries: Entry[]) =>
      entries.map(({ type, role, organization }) => `${type.slice(17)} ${organization.slice(5)} ${role}`)

    expect(summaryOf(await logOf(OWNER, WRITE, id))).toEqual([
      `filetransferinitialized ${OWNER} Sender`,
      `uploadprocessing ${OWNER} Sender`,
      `published ${OWNER} Sender`,
      `published ${OLA} Recipient`,
      `published ${KARI} Recipient`,
    ])
    expect(summaryOf(await logOf(KARI, READ, id))).toEqual([`published ${KARI} Recipient`])
    const path = (of: string) => `filetransfer/${of}/events`
    expect(await refusalOf(journey.as(STRANGER, READ, path(id)))).toBe(
      await refusalOf(journey.as(STRANGER, READ, `filetransfer/${id}`)),
    )
    expect(await refusalOf(journey.as(OWNER, WRITE, path(randomUUID())))).toBe('404 BRO-00001')
    expect(await refusalOf(journey.as(OWNER, MAINTENANCE, path(id)))).toBe('403')
  })
})

describe('a message that cannot be processed', () => {
  const list = async () =>
    (await (await expectOk(journey.as(OWNER, MAINTENANCE, 'maintenance/dead-letters'))).json()) as Lists
  const replay = async () => {
    const send = { method: 'POST' }
    return (await expectOk(journey.as(OWNER, MAINTENANCE, 'maintenance/replay-dead-letters', send))).json()
  }
  /** The dead letters of the queue, when this one is among them. */
  const dead = (queue: string, messageId: string) =>
    vi.waitFor(async () => {
      const letter = (await list())
        .find((each) => each.queue === queue)
        ?.deadLetters.find((each) => each.messageId.startsWith(messageId))
      if (!letter) throw new Error(`${messageId} is not dead.`)
      return letter
    }, POLLING)

  test('becomes a dead letter with its reason, which can be sent again', async () => {
    const client = new ServiceBusClient(journey.stack.settings.ServiceBus ?? '')
    const fileTransferId = randomUUID()
    const poison = { fileTransferId, attemptId: 'none', sequence: 'secret' }
    await client
      .createSender(queues.uploadProcessing)
      .sendMessages({ messageId: 'poison', body: poison, contentType: 'application/json' })
    await client.close()

    const letter = await dead(queues.uploadProcessing, 'poison')
    expect(letter).toEqual({
      messageId: 'poison/uploadProcessing/try1',
      enqueued: expect.any(String),
      reason: 'It cannot be read: attemptId, sequence',
      tries: 1,
      fileTransferId,
    })

    for (const number of [1, 2]) {
      const replayed = (await replay()) as { queues: { queue: string; replayed: number }[]; moreLeft: boolean }
      expect(replayed.moreLeft).toBe(false)
      expect(replayed.queues.filter((each) => each.replayed > 0)).toEqual([
        { queue: queues.uploadProcessing, replayed: 1 },
      ])
      expect(await dead(queues.uploadProcessing, 'poison')).toMatchObject({
        messageId: `poison/uploadProcessing/replay${number}/try1`,
      })
    }
  })

  test('is refused without the maintenance scope', async () => {
    expect(await refusalOf(journey.as(OWNER, WRITE, 'maintenance/dead-letters'))).toBe('403')
    const send = { method: 'POST' }
    expect(await refusalOf(journey.as(OWNER, WRITE, 'maintenance/replay-dead-letters', send))).toBe('403')
  })
})
