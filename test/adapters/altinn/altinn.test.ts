import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'
import { callerOf } from '../../../src/adapters/altinn/caller.js'
import { altinnEvents } from '../../../src/adapters/altinn/events.js'
import { pdpAccessPolicy } from '../../../src/adapters/altinn/pdpAccessPolicy.js'
import { type Platform, platform } from '../../../src/adapters/altinn/platform.js'
import { altinnParties } from '../../../src/adapters/altinn/register.js'
import { undiciRequest } from '../../../src/adapters/altinn/request.js'
import { altinnResourceRegistry } from '../../../src/adapters/altinn/resourceRegistry.js'
import { parseOrganizationNumber } from '../../../src/domain/organizationNumber.js'
import { isOutage } from '../../../src/domain/outage.js'
import { kari, ola, sender, stranger } from '../../support/builders.js'
import { at, later } from '../../support/samples.js'

// The adapters of Altinn's services against the Altinn of the local stack.

let altinn: Altinn
let ask: Platform
const asked: string[] = []

beforeAll(async () => {
  altinn = await startAltinn({ port: 0, log: () => {} })
  const tokenFor = async (query: string) => (await fetch(`${altinn.url}/token?${query}`)).text()
  const calls = platform({
    url: new URL(`${altinn.url}/`),
    subscriptionKey: undefined,
    ownToken: (scope) => tokenFor(`org=${sender}&scope=${encodeURIComponent(scope)}`),
    request: undiciRequest(),
  })
  ask = (path, init) => {
    asked.push(path)
    return calls(path, init)
  }
})
afterAll(() => altinn.stop())
afterEach(() => {
  asked.length = 0
})

/** An organisation that is not in Register. */
const unknown = parseOrganizationNumber('312345678') ?? kari

const order = (target: string, status: number, times = 1) =>
  fetch(`${altinn.url}/faults`, { method: 'POST', body: JSON.stringify({ target, status, times }) })

/** A platform that gives this answer to everything. */
const answering =
  (status: number, body?: unknown): Platform =>
  async (path) =>
    Object.defineProperty(new Response(body === undefined ? null : JSON.stringify(body), { status }), 'url', {
      value: `https://platform.example/${path}`,
    })

const holder = (organization: string, more = {}) =>
  callerOf({
    iss: `${altinn.url}/authentication/api/v1/openid/`,
    'urn:altinn:orgNumber': organization,
    'urn:altinn:authlevel': 3,
    ...more,
  })

describe('the access policy', () => {
  const write = { actions: ['write' as const], resourceId: 'altinn-broker-test-resource-1', party: sender }
  const log = vi.fn()
  const policy = () => pdpAccessPolicy(ask, log)
  afterEach(() => log.mockClear())

  test('permits an organisation to act for itself', async () => {
    expect(await policy().isPermitted(holder(sender), write)).toBe(true)
  })

  test('denies an organisation to act for another', async () => {
    expect(await policy().isPermitted(holder(kari), write)).toBe(false)
  })

  test('denies what the decision point denies', async () => {
    expect(await policy().isPermitted(holder(stranger), { ...write, party: stranger })).toBe(false)
  })

  test('denies a caller who was not authenticated strongly enough', async () => {
    const level4 = { ...write, resourceId: 'altinn-broker-level-4-resource' }

    expect(await policy().isPermitted(holder(sender), level4)).toBe(false)
    expect(await policy().isPermitted(holder(sender, { 'urn:altinn:authlevel': 4 }), level4)).toBe(true)
  })

  test('permits a system user those of many parties that it may act for, asked about in a few requests', async () => {
    const details = [
      {
        type: 'urn:altinn:systemuser',
        systemuser_id: ['11111111-0000-4000-8000-000986252932'],
        systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${sender}` },
        system_id: 'system',
      },
    ]
    const systemUser = holder(sender, { authorization_details: details })
    const many = Array.from({ length: 999 }, (_, index) => parseOrganizationNumber(String(910_000_000 + index)) ?? ola)
    const question = { actions: ['read' as const], resourceId: 'altinn-broker-test-resource-1', fileTransferId: 'x' }

    expect(await policy().permittedParties(systemUser, question, [...many, kari])).toEqual([kari])
    expect(asked).toHaveLength(10)
    expect(await policy().permittedParties(systemUser, question, [kari])).toEqual([kari])
    expect(await policy().permittedParties(systemUser, question, [ola])).toEqual([])
    expect(await policy().permittedParties(systemUser, question, [])).toEqual([])
    expect(await policy().permittedParties(callerOf({}), question, [kari])).toEqual([])
    expect(asked).toHaveLength(12)
  })

  test('permits none of many parties when the authentication was too weak', async () => {
    const question = { actions: ['read' as const], resourceId: 'altinn-broker-level-4-resource' }

    expect(await policy().permittedParties(holder(kari), question, [ola, kari])).toEqual([])
    const strong = holder(kari, { 'urn:altinn:authlevel': 4 })
    expect(await policy().permittedParties(strong, question, [ola, kari])).toEqual([kari])
  })

  test('asks nothing about a caller without an organisation', async () => {
    const unknown = holder(sender, { authorization_details: 'no JSON' })

    expect(await policy().isPermitted(unknown, write)).toBe(false)
    expect(asked).toEqual([])
  })

  test.each([500, 503, 429, 400, 401, 403])('that gives no decision has denied nobody: %d', async (status) => {
    await order('pdp', status)

    await expect(policy().isPermitted(holder(sender), write)).rejects.toSatisfy(isOutage)
    expect(log).toHaveBeenCalledExactlyOnceWith('access.noDecision', { status })
  })
})

describe('the Resource Registry', () => {
  const registry = () => altinnResourceRegistry(ask)
  const WITH_LIST = 'altinn-broker-access-list-resource'

  test('knows the owner of a resource, and whether it has an access list', async () => {
    expect(await registry().find('altinn-broker-test-resource-1')).toEqual({ owner: sender, hasAccessList: false })
    expect(await registry().find('altinn-broker-access-list-resource')).toEqual({ owner: sender, hasAccessList: true })
  })

  test('does not know any other', async () => {
    expect(await registry().find('unknown')).toBeUndefined()
    expect(await altinnResourceRegistry(answering(204)).find('unknown')).toBeUndefined()
  })

  test('is asked for exactly this resource, whatever its name', async () => {
    await registry().find('a/b?c')

    expect(asked).toEqual(['resourceregistry/api/v1/resource/a%2Fb%3Fc'])
  })

  test('is asked once by those who ask at the same time, and again by the next', async () => {
    const shared = registry()
    const ask = (count: number) =>
      Promise.all(Array.from({ length: count }, () => shared.find('altinn-broker-test-resource-1')))

    expect(new Set((await ask(5)).map((found) => found?.owner))).toEqual(new Set([sender]))
    expect(asked).toHaveLength(1)
    await ask(1)
    expect(asked).toHaveLength(2)
  })

  test.each(['ttd', 'TTD'])('has Altinn’s own test owner under its code: %s', async (orgcode) => {
    const found = altinnResourceRegistry(answering(200, { hasCompetentAuthority: { organization: '', orgcode } }))

    expect(await found.find('letters')).toEqual({ owner: '991825827', hasAccessList: false })
  })

  test.each([
    {},
    { hasCompetentAuthority: null },
    { hasCompetentAuthority: { organization: null, orgcode: 'brg' } },
    { hasCompetentAuthority: { organization: 'none', orgcode: null } },
  ])('does not know a resource without an owner: %j', async (resource) => {
    expect(await altinnResourceRegistry(answering(200, resource)).find('letters')).toBeUndefined()
  })

  test('that does not answer is a failure, and not an unknown resource', async () => {
    await order('resourceregistry', 503)

    await expect(registry().find('altinn-broker-test-resource-1')).rejects.toSatisfy(isOutage)
  })

  test('knows who is on an access list', async () => {
    expect(await registry().areOnAccessList(WITH_LIST, [kari])).toBe(true)
    expect(await registry().areOnAccessList(WITH_LIST, [ola])).toBe(false)
    expect(await registry().areOnAccessList(WITH_LIST, [kari, ola])).toBe(false)
    expect(await registry().areOnAccessList(WITH_LIST, [kari, kari])).toBe(true)
    expect(asked).toHaveLength(4)
  })

  /** A registry with all parties on the list but these, which takes up to so many parties in one request. */
  const listWithout = (outsiders: string[], most: number): Platform => {
    return async (path) => {
      asked.push(path)
      const parties = new URL(path, 'https://platform.example/').searchParams.getAll('party')
      if (parties.length > most) return new Response('too many', { status: 400 })
      const members = parties.filter((party) => !outsiders.some((each) => party.endsWith(each)))
      // A member of two lists is named twice.
      return Response.json({ data: [...members, ...members].map((party) => ({ party: `uuid-of-${party}` })) })
    }
  }
  const thousand = Array.from(
    { length: 1000 },
    (_, index) => parseOrganizationNumber(String(910_000_000 + index)) ?? kari,
  )

  test.each([
    ['all on the list', [], true, 20],
    ['one that is not, who is among the first', ['910000003'], false, 1],
    ['one that is not, who is the last', ['910000999'], false, 20],
  ])('is asked about a thousand recipients some few times: %s', async (_, outsiders, expected, most) => {
    expect(await altinnResourceRegistry(listWithout(outsiders, 1000)).areOnAccessList('r', thousand)).toBe(expected)
    expect(asked.length).toBeLessThanOrEqual(most)
  })

  test.each([
    [[], true],
    [['910000999'], false],
  ])('is asked once about each when it takes one party only: without %j', async (outsiders, expected) => {
    expect(await altinnResourceRegistry(listWithout(outsiders, 1)).areOnAccessList('r', thousand)).toBe(expected)
    expect(asked.length).toBeLessThanOrEqual(1000 + 20)
  })

  test('that does not know a party has it on no list', async () => {
    expect(await altinnResourceRegistry(answering(400)).areOnAccessList('r', [kari])).toBe(false)
    expect(await altinnResourceRegistry(answering(400)).areOnAccessList('r', [kari, ola])).toBe(false)
  })

  test.each([500, 503, 429, 401, 403])('that does not answer has nobody refused: %d', async (status) => {
    await expect(altinnResourceRegistry(answering(status)).areOnAccessList('r', [kari])).rejects.toSatisfy(isOutage)
  })
})

describe('the party of an organisation', () => {
  /** The two functions of a table that the adapter uses. */
  const table = () => {
    const rows = new Map<string, Record<string, unknown>>()
    const client = {
      getEntity: async (partitionKey: string) => {
        const row = rows.get(partitionKey)
        if (row) return row
        throw Object.assign(new Error('no such row'), { statusCode: 404 })
      },
      upsertEntity: async (row: { partitionKey: string }) => void rows.set(row.partitionKey, row),
    }
    return client as unknown as Parameters<typeof altinnParties>[1]
  }
  let time = at
  const altinnPartiesOf = (platform: Platform, client: ReturnType<typeof table>) =>
    altinnParties(platform, client, () => time)
  const afterHours = (hours: number) => {
    time = later(3600 * hours)
  }
  beforeEach(() => afterHours(0))

  test('is looked up in Altinn Register', async () => {
    expect(await altinnPartiesOf(ask, table()).partyId(kari)).toBe('50986252')
    expect(asked).toEqual(['register/api/v1/parties/lookup'])
  })

  test('is looked up once', async () => {
    const parties = altinnPartiesOf(ask, table())

    await parties.partyId(kari)
    await parties.partyId(kari)

    expect(asked).toHaveLength(1)
  })

  test.each([
    ['known', () => ask, '50986252'],
    ['unknown', () => answering(404), undefined],
  ])('that is %s is remembered in the process, without a look at the table', async (_, register, partyId) => {
    const client = table()
    const parties = altinnPartiesOf(register(), client)
    await parties.partyId(kari)
    client.getEntity = () => Promise.reject(new Error('The table is down.'))

    expect(await parties.partyId(kari)).toBe(partyId)
  })

  test('is cached for later calls', async () => {
    const shared = table()
    await altinnPartiesOf(ask, shared).partyId(kari)

    expect(await altinnPartiesOf(ask, shared).partyId(kari)).toBe('50986252')
    expect(asked).toHaveLength(1)
  })

  test('is looked up again after a failure', async () => {
    const parties = altinnPartiesOf(ask, table())
    await order('register', 503)
    await expect(parties.partyId(kari)).rejects.toSatisfy(isOutage)

    expect(await parties.partyId(kari)).toBe('50986252')
  })

  test.each([404, 204, 400, 410, 422])('that Register does not know is none, and no failure: %d', async (status) => {
    expect(await altinnPartiesOf(answering(status), table()).partyId(unknown)).toBeUndefined()
  })

  test.each([500, 503, 429, 408, 401, 403])('is not known to be none after a failure: %d', async (status) => {
    await expect(altinnPartiesOf(answering(status), table()).partyId(unknown)).rejects.toSatisfy(isOutage)
  })

  test('that is none is asked for again after some hours, by this process and by others', async () => {
    const shared = table()
    const parties = altinnPartiesOf(ask, shared)
    const counts: number[] = []

    for (const hours of [0, 0, 3, 3.9, 4, 7.9, 8]) {
      afterHours(hours)
      expect(await parties.partyId(unknown)).toBeUndefined()
      expect(await altinnPartiesOf(ask, shared).partyId(unknown)).toBeUndefined()
      counts.push(asked.length)
    }

    expect(counts).toEqual([1, 1, 1, 1, 2, 2, 3])
  })

  test('that was none is found, once Register knows it', async () => {
    const shared = table()
    await altinnPartiesOf(answering(404), shared).partyId(kari)
    afterHours(4)

    expect(await altinnPartiesOf(ask, shared).partyId(kari)).toBe('50986252')
    expect(await altinnPartiesOf(answering(503), shared).partyId(kari)).toBe('50986252')
  })

  test('is one question, when many ask at the same time', async () => {
    const parties = altinnPartiesOf(ask, table())

    await Promise.all(Array.from({ length: 50 }, () => parties.partyId(unknown)))

    expect(asked).toHaveLength(1)
  })
})

describe('Altinn Events', () => {
  const event = {
    specversion: '1.0' as const,
    id: '7b9d9c2e-5d2f-5c55-9a4e-0d0a4d0c1b2a',
    type: 'no.altinn.broker.published' as const,
    time: '2026-03-02T10:00:05.000Z',
    resource: 'urn:altinn:resource:altinn-broker-test-resource-1',
    resourceinstance: '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11',
    source: 'https://platform.altinn.no/broker/api/v1/file',
    subject: '/party/50986252',
    alternativesubject: '/organisation/986252932',
    data: { Role: 'Recipient' as const },
  }

  test('takes an event as it is', async () => {
    expect(await altinnEvents(ask).post(event)).toBe(200)

    const received = await (await fetch(`${altinn.url}/events?resourceinstance=${event.resourceinstance}`)).json()
    expect(received).toEqual([{ receivedAt: expect.any(String), event }])
  })

  test.each([400, 401, 500])('that does not take it tells why: %d', async (status) => {
    await order('events', status)

    expect(await altinnEvents(ask).post(event)).toBe(status)
  })
})
