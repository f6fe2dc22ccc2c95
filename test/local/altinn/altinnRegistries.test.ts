import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'
import { browserFetch } from '../../support/browserFetch.js'

let altinn: Altinn
beforeAll(async () => {
  altinn = await startAltinn({ port: 0 })
})
afterAll(() => altinn.stop())

const get = (path: string) => fetch(altinn.url + path)
const post = (path: string, body: unknown) => fetch(altinn.url + path, { method: 'POST', body: JSON.stringify(body) })

describe('the Resource Registry', () => {
  const resource = (id: string) => get(`/resourceregistry/api/v1/resource/${id}`)

  test('knows the demo resource and its owner', async () => {
    expect(await (await resource('altinn-broker-test-resource-1')).json()).toMatchObject({
      identifier: 'altinn-broker-test-resource-1',
      accessListMode: 'Disabled',
      hasCompetentAuthority: {
        organization: '991825827',
        orgcode: 'ttd',
        name: { nb: 'Digitaliseringsdirektoratet' },
      },
    })
  })

  test('says where an access list counts', async () => {
    expect(await (await resource('altinn-broker-access-list-resource')).json()).toMatchObject({
      accessListMode: 'Enabled',
    })
  })

  test('knows any id that begins with new- as a resource of 991825827', async () => {
    expect(await (await resource('new-whatever')).json()).toMatchObject({
      identifier: 'new-whatever',
      hasCompetentAuthority: { organization: '991825827' },
    })
  })

  test('does not know any other id', async () => {
    expect((await resource('unheard-of')).status).toBe(404)
  })
})

describe('an access list', () => {
  const memberships = async (resource: string, organization: string) => {
    const query = new URLSearchParams({
      resource: `urn:altinn:resource:${resource}`,
      party: `urn:altinn:organization:identifier-no:${organization}`,
    })
    return (await get(`/resourceregistry/api/v1/access-lists/memberships?${query}`)).json()
  }

  test('has its members, as parties of the Register', async () => {
    expect(await memberships('altinn-broker-access-list-resource', '986252932')).toMatchObject({
      data: [
        {
          party: 'urn:altinn:party:uuid:00000000-0000-4000-8000-000986252932',
          resource: 'urn:altinn:resource:altinn-broker-access-list-resource',
        },
      ],
    })
  })

  test('has no other organisation', async () => {
    expect(await memberships('altinn-broker-access-list-resource', '910753614')).toMatchObject({ data: [] })
    expect(await memberships('altinn-broker-test-resource-1', '986252932')).toMatchObject({ data: [] })
  })
})

describe('the Register', () => {
  const nordlys = {
    partyId: 50910753,
    partyUuid: '00000000-0000-4000-8000-000910753614',
    orgNumber: '910753614',
    name: 'Nordlys Arkiv AS',
  }

  test('finds a party by its UUID', async () => {
    const answer = await get('/register/api/v1/parties/byuuid/00000000-0000-4000-8000-000910753614')

    expect(await answer.json()).toMatchObject(nordlys)
  })

  test('finds a party by its organisation number', async () => {
    expect(await (await post('/register/api/v1/parties/lookup', { orgNo: '910753614' })).json()).toMatchObject(nordlys)
  })

  test('answers 404 for a party it does not know', async () => {
    expect((await get('/register/api/v1/parties/byuuid/00000000-0000-4000-8000-000000000000')).status).toBe(404)
    expect((await post('/register/api/v1/parties/lookup', { orgNo: '123456785' })).status).toBe(404)
  })

  test('refuses a lookup without a number', async () => {
    expect((await post('/register/api/v1/parties/lookup', {})).status).toBe(400)
  })
})

describe('failures on order', () => {
  const register = '/register/api/v1/parties/byuuid/00000000-0000-4000-8000-000910753614'
  const registry = '/resourceregistry/api/v1/resource/new-x'
  const statuses = async (path: string, times: number) => {
    const found: number[] = []
    for (let call = 0; call < times; call++) found.push((await get(path)).status)
    return found
  }

  test('fail the next n calls to their target, and no more', async () => {
    const ordered = await post('/faults', { target: 'register', status: 503, times: 2 })

    expect(ordered.status).toBe(200)
    expect(await statuses(registry, 1)).toEqual([200])
    expect(await statuses(register, 3)).toEqual([503, 503, 200])
  })

  test('reach the Resource Registry and the PDP', async () => {
    await post('/faults', { target: 'resourceregistry', status: 500, times: 1 })
    await post('/faults', { target: 'pdp', status: 502, times: 1 })

    expect(await statuses(registry, 2)).toEqual([500, 200])
    expect((await post('/authorization/api/v1/authorize', {})).status).toBe(502)
    expect((await post('/authorization/api/v1/authorize', {})).status).toBe(401)
  })

  test('can be called off', async () => {
    await post('/faults', { target: 'register', status: 503, times: 5 })
    await post('/faults', { target: 'register', status: 503, times: 0 })

    expect(await statuses(register, 1)).toEqual([200])
  })

  test.each([
    ['a target it does not have', { target: 'moon', status: 500, times: 1 }],
    ['a status that is no failure', { target: 'pdp', status: 200, times: 1 }],
    ['no number of times', { target: 'pdp', status: 500 }],
  ])('are refused with %s', async (_, order) => {
    expect((await post('/faults', order)).status).toBe(400)
  })
})

describe('the simulator', () => {
  test('answers 404 where nothing is, and 405 to a wrong method', async () => {
    expect((await get('/nothing')).status).toBe(404)
    expect((await get('/faults')).status).toBe(405)
  })

  test('answers pages of any origin', async () => {
    const page = browserFetch('https://app.example')
    const headers = { authorization: 'Basic YTpi', 'content-type': 'application/json' }

    const token = await page(`${altinn.url}/token?org=991825827&scope=altinn:broker.read`, { headers })
    const fault = await page(`${altinn.url}/faults`, { method: 'POST', headers, body: '{}' })
    const nothing = await page(`${altinn.url}/faults`)

    expect([token.status, fault.status, nothing.status]).toEqual([200, 400, 405])
  })
})
