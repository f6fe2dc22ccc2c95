import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventStore } from '../../../local/altinn/events/eventStore.js'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'
import { until } from '../../support/until.js'

let altinn: Altinn
let brokerToken: string
const lines: string[] = []

beforeAll(async () => {
  altinn = await startAltinn({ port: 0, log: (line) => lines.push(line) })
  brokerToken = await token('org=991825827&scope=altinn:events.publish')
})
afterAll(() => altinn.stop())

const token = async (query: string) => (await fetch(`${altinn.url}/token?${query}`)).text()

const published = (changes: Record<string, unknown> = {}) => ({
  specversion: '1.0' as const,
  id: randomUUID(),
  type: 'no.altinn.broker.published',
  time: '2026-01-02T03:04:05.678+00:00',
  resource: 'urn:altinn:resource:altinn-broker-test-resource-1',
  resourceinstance: randomUUID(),
  subject: '/party/50986252',
  alternativesubject: '/organisation/986252932',
  source: 'http://127.0.0.1/broker/api/v1/file',
  data: { Role: 'Recipient' },
  ...changes,
})

const send = (event: unknown, headers: Record<string, string> = {}) =>
  fetch(`${altinn.url}/events/api/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${brokerToken}`, 'content-type': 'application/cloudevents+json', ...headers },
    body: JSON.stringify(event),
  })

const about = async (instance: string) => (await fetch(`${altinn.url}/events?resourceinstance=${instance}`)).json()

describe('publishing an event', () => {
  test('keeps it, to be asked for by its file transfer', async () => {
    const event = published()

    expect((await send(event)).status).toBe(200)
    expect(await about(event.resourceinstance)).toEqual([{ receivedAt: expect.any(String), event }])
  })

  test('keeps each receipt of an event that comes twice', async () => {
    const event = published()

    await send(event)
    await send(event)

    expect(await about(event.resourceinstance)).toHaveLength(2)
  })

  test('takes the form with an organisation as subject, too', async () => {
    const { alternativesubject: _, ...rest } = published()
    const subject = 'urn:altinn:organization:identifier-no:986252932'

    expect((await send({ ...rest, subject })).status).toBe(200)
  })

  test('needs a token with the scope', async () => {
    const other = await token('org=991825827&scope=altinn:broker.write')

    expect((await send(published(), { authorization: `Bearer ${other}` })).status).toBe(401)
    expect((await send(published(), { authorization: '' })).status).toBe(401)
  })

  test('needs the content type of a CloudEvent', async () => {
    expect((await send(published(), { 'content-type': 'application/json' })).status).toBe(415)
  })

  test.each([
    ['another version', { specversion: '0.3' }],
    ['no id', { id: undefined }],
    ['a time without an offset', { time: '2026-01-02T03:04:05' }],
    ['a source that is no address', { source: 'broker' }],
    ['no subject', { subject: '' }],
    ['a resource that is no URN', { resource: 'altinn-broker-test-resource-1' }],
  ])('refuses %s', async (_, changes) => {
    const event = published(changes)

    expect((await send(event)).status).toBe(400)
    expect(await about(event.resourceinstance)).toEqual([])
  })

  test('fails as ordered, and keeps nothing then', async () => {
    const event = published()
    await fetch(`${altinn.url}/faults`, {
      method: 'POST',
      body: JSON.stringify({ target: 'events', status: 503, times: 1 }),
    })

    expect([(await send(event)).status, (await send(event)).status]).toEqual([503, 200])
    expect(await about(event.resourceinstance)).toHaveLength(1)
  })

  test('is slow as ordered, and answers as usual then', async () => {
    const event = published()
    await fetch(`${altinn.url}/faults`, {
      method: 'POST',
      body: JSON.stringify({ target: 'events', delayMs: 300, times: 1 }),
    })
    const began = performance.now()

    expect((await send(event)).status).toBe(200)
    expect(performance.now() - began).toBeGreaterThan(290)
  })
})

describe('the memory of events', () => {
  test('keeps the newest and forgets the oldest', () => {
    const events = eventStore({ maxKept: 2 })
    for (const resourceinstance of ['a', 'b', 'a']) events.add(published({ resourceinstance }))

    expect(events.count()).toBe(2)
    expect(events.about('a')).toHaveLength(1)
    expect(events.newest(10).map(({ event }) => event.resourceinstance)).toEqual(['a', 'b'])
  })
})

describe('the page', () => {
  test('shows each event once, with its receiver, its role and how often it came', async () => {
    const event = published({ type: 'no.altinn.broker.<b>' })
    await send(event)
    await send(event)

    const answer = await fetch(altinn.url)
    const page = await answer.text()

    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(page.split(event.id)).toHaveLength(2)
    for (const shown of ['Fjord Regnskap AS', '/organisation/986252932', 'Recipient', '×2', '/token?org=']) {
      expect(page).toContain(shown)
    }
    expect(page).toContain('no.altinn.broker.&lt;b&gt;')
    expect(page).not.toMatch(/https?:\/\//)
  })

  test('is what a browser gets from /events; others get JSON', async () => {
    const browser = await fetch(`${altinn.url}/events`, { headers: { accept: 'text/html,*/*;q=0.8' } })
    const other = await fetch(`${altinn.url}/events`)

    expect(browser.headers.get('content-type')).toMatch(/^text\/html/)
    expect(other.headers.get('content-type')).toMatch(/^application\/json/)
  })
})

describe('a webhook subscription', () => {
  /** A subscriber that answers with these statuses in turn, then 200. */
  async function subscriber(...statuses: number[]) {
    const got: { type: string; id: string }[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      got.push(JSON.parse(body))
      response.writeHead(statuses.shift() ?? 200).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    return { got, endPoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
  }

  const subscribe = (filters: Record<string, unknown>) =>
    fetch(`${altinn.url}/events/api/v1/subscriptions`, { method: 'POST', body: JSON.stringify(filters) })
  const created = async (filters: Record<string, unknown>) =>
    z.object({ id: z.number(), validated: z.boolean() }).parse(await (await subscribe(filters)).json())
  const subscription = async (id: number) => (await fetch(`${altinn.url}/events/api/v1/subscriptions/${id}`)).json()
  const resource = `new-${randomUUID()}`
  const resourceFilter = `urn:altinn:resource:${resource}`

  test('is validated, and then gets the events that match all its filters', async () => {
    const { got, endPoint } = await subscriber()
    const alternativeSubjectFilter = '/organisation/986252932'
    const typeFilter = 'no.altinn.broker.published'
    const answer = await subscribe({ endPoint, resourceFilter, alternativeSubjectFilter, typeFilter })
    const matching = published({ resource: resourceFilter })

    await send(published())
    await send(published({ resource: resourceFilter, type: 'no.altinn.broker.filepurged' }))
    await send(published({ resource: resourceFilter, alternativesubject: '/organisation/910753614' }))
    await send(matching)

    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({ id: expect.any(Number), endPoint, validated: true })
    await until(() => expect(got).toHaveLength(2))
    expect(got[0]).toMatchObject({ type: 'platform.events.validatesubscription', specversion: '1.0' })
    expect(got[1]).toEqual(matching)
  })

  test.each(['https://platform.example/broker/api/v1/file', 'https://platform.example/broker/'])(
    'gets the events whose source is below its filter: %s',
    async (sourceFilter) => {
      const { got, endPoint } = await subscriber()
      const source = 'https://platform.example/broker/api/v1/file'
      await subscribe({ endPoint, resourceFilter, sourceFilter })
      const matching = published({ resource: resourceFilter, source })

      await send(published({ resource: resourceFilter, source: 'https://platform.example/brokers/api/v1/file' }))
      await send(published({ resource: resourceFilter, source: 'https://other.example/broker/api/v1/file' }))
      await send(matching)

      await until(() => expect(got.slice(1)).toEqual([matching]))
    },
  )

  test('stays inactive while its end point refuses the validation, and is validated again', async () => {
    const { got, endPoint } = await subscriber(500)
    const { id, validated } = await created({ endPoint, resourceFilter })
    await send(published({ resource: resourceFilter }))

    expect(validated).toBe(false)
    await until(async () => expect(await subscription(id)).toMatchObject({ validated: true }))
    expect(got.map(({ type }) => type)).toEqual(Array(2).fill('platform.events.validatesubscription'))
  })

  test('gets an event again that it did not take', async () => {
    const { got, endPoint } = await subscriber(200, 500)
    await subscribe({ endPoint, resourceFilter })
    const event = published({ resource: resourceFilter })

    await send(event)

    await until(() => expect(got.slice(1)).toEqual([event, event]))
  })

  test('gets nothing once it is deleted', async () => {
    const { got, endPoint } = await subscriber()
    const witness = await subscriber()
    const { id } = await created({ endPoint, resourceFilter })
    await subscribe({ endPoint: witness.endPoint, resourceFilter })

    const deleted = await fetch(`${altinn.url}/events/api/v1/subscriptions/${id}`, { method: 'DELETE' })
    await send(published({ resource: resourceFilter }))

    expect(deleted.status).toBe(200)
    await until(() => expect(witness.got).toHaveLength(2))
    expect(got).toHaveLength(1)
    expect((await fetch(`${altinn.url}/events/api/v1/subscriptions/${id}`)).status).toBe(404)
  })

  test.each([
    ['an end point', { resourceFilter }],
    ['a resource', { endPoint: 'http://127.0.0.1:1/' }],
  ])('is refused without %s', async (_, filters) => {
    expect((await subscribe(filters)).status).toBe(400)
  })
})
