import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'

const issuedSystemUser = '22222222-0000-4000-8000-000910753614'
let altinn: Altinn
let brokerToken: string

beforeAll(async () => {
  altinn = await startAltinn({ port: 0 })
  brokerToken = await token('org=991825827&scope=altinn:authorization/authorize.admin')
  await token(`org=910753614&scope=altinn:broker.read&systemUser=${issuedSystemUser}`)
})
afterAll(() => altinn.stop())

const token = async (query: string) => (await fetch(`${altinn.url}/token?${query}`)).text()

const attribute = (attributeId: string, value: string) => ({ attributeId, value, dataType: 'string', issuer: 'Altinn' })
const organization = (number: string) => attribute('urn:altinn:organization:identifier-no', number)
const systemUser = (uuid: string) => attribute('urn:altinn:systemuser:uuid', uuid)

type Question = { subject: ReturnType<typeof attribute>; actions: string[]; party: string; resource?: string }

function question({ subject, actions, party, resource = 'altinn-broker-test-resource-1' }: Question) {
  return {
    request: {
      accessSubject: [{ attribute: [subject] }],
      action: actions.map((action) => ({
        attribute: [attribute('urn:oasis:names:tc:xacml:1.0:action:action-id', action)],
      })),
      resource: [{ attribute: [attribute('urn:altinn:resource', resource), organization(party)] }],
    },
  }
}

const ask = (body: unknown, bearer = brokerToken) =>
  fetch(`${altinn.url}/authorization/api/v1/authorize`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

async function decision(asked: Question) {
  const shape = z.object({ response: z.tuple([z.object({ decision: z.string() })]) })
  return shape.parse(await (await ask(question(asked))).json()).response[0].decision
}

describe('the PDP', () => {
  const fjord = organization('986252932')

  test('permits an organisation to act for itself, and returns the authentication level it requires', async () => {
    const answer = await ask(question({ subject: fjord, actions: ['read'], party: '986252932' }))

    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      response: [
        {
          decision: 'Permit',
          obligations: [
            {
              id: 'urn:altinn:obligation:authenticationLevel1',
              attributeAssignment: [
                {
                  category: 'urn:altinn:minimum-authenticationlevel',
                  attributeId: 'urn:altinn:obligation-assignment:1',
                  value: '3',
                },
              ],
            },
          ],
        },
      ],
    })
  })

  test('answers several questions of one request in their order, each with what was to be in the result', async () => {
    const resourceOf = (party: string) => ({
      id: party,
      attribute: [
        attribute('urn:altinn:resource', 'altinn-broker-test-resource-1'),
        { ...organization(party), includeInResult: true },
      ],
    })
    const { request } = question({ subject: fjord, actions: ['read'], party: '' })
    const parties = ['910753614', '986252932']
    const references = (those: string[]) => ({
      requestReference: those.map((party) => ({ referenceId: ['s', 'a', party] })),
    })
    const parts = {
      accessSubject: request.accessSubject.map((each) => ({ ...each, id: 's' })),
      action: request.action.map((each) => ({ ...each, id: 'a' })),
    }
    const decisions = async (those: string[]) => {
      const answer = await ask({
        request: { ...parts, resource: those.map(resourceOf), multiRequests: references(those) },
      })
      return (
        (await answer.json()) as { response: { decision: string; category: { attribute: { value: string }[] }[] }[] }
      ).response.map(({ decision, category }) => [
        decision,
        ...category.flatMap(({ attribute: found }) => found.map(({ value }) => value)),
      ])
    }

    expect(await decisions(parties)).toEqual([
      ['NotApplicable', '910753614'],
      ['Permit', '986252932'],
    ])
    expect(await decisions(['986252932'])).toEqual([['Permit', '986252932']])
  })

  test('knows the organisation by its older attribute too', async () => {
    const subject = attribute('urn:altinn:organizationnumber', '986252932')

    expect(await decision({ subject, actions: ['write'], party: '986252932' })).toBe('Permit')
  })

  test('does not let one organisation act for another', async () => {
    expect(await decision({ subject: fjord, actions: ['read'], party: '910753614' })).toBe('NotApplicable')
  })

  test('denies everything to a denied organisation', async () => {
    const subject = organization('910000999')

    expect(await decision({ subject, actions: ['write'], party: '910000999' })).toBe('Deny')
  })

  test('lets a system user act for the organisation that its token was issued for, and for no other', async () => {
    const subject = systemUser(issuedSystemUser)

    expect(await decision({ subject, actions: ['read'], party: '910753614' })).toBe('Permit')
    expect(await decision({ subject, actions: ['read'], party: '986252932' })).toBe('NotApplicable')
  })

  test('lets a system user of the world act for its organisations', async () => {
    const subject = systemUser('11111111-0000-4000-8000-000986252932')

    expect(await decision({ subject, actions: ['read'], party: '986252932' })).toBe('Permit')
  })

  test('does not know a system user that was not issued', async () => {
    const subject = systemUser('33333333-0000-4000-8000-000986252932')

    expect(await decision({ subject, actions: ['read'], party: '986252932' })).toBe('NotApplicable')
  })

  test('takes several actions as one bag: a rule for either permits', async () => {
    const resource = 'altinn-broker-one-way-resource'
    const asked = { subject: fjord, party: '986252932', resource }

    expect(await decision({ ...asked, actions: ['write'] })).toBe('NotApplicable')
    expect(await decision({ ...asked, actions: ['write', 'read'] })).toBe('Permit')
  })

  test('has a policy for a new resource, and none for one it does not know', async () => {
    const asked = { subject: fjord, actions: ['write'], party: '986252932' }

    expect(await decision({ ...asked, resource: 'new-resource' })).toBe('Permit')
    expect(await decision({ ...asked, resource: 'unheard-of' })).toBe('NotApplicable')
  })

  test.each([
    ['a token without the scope', 'org=991825827&scope=altinn:broker.read'],
    ['an expired token', 'org=991825827&scope=altinn:authorization/authorize.admin&expiresIn=-1'],
    ['a raw Maskinporten token', 'org=991825827&scope=altinn:authorization/authorize.admin&kind=maskinporten'],
  ])('does not answer %s', async (_, query) => {
    const asked = question({ subject: fjord, actions: ['read'], party: '986252932' })

    expect((await ask(asked, await token(query))).status).toBe(401)
  })

  test('refuses what is no XACML request', async () => {
    expect((await ask({ request: {} })).status).toBe(400)
  })
})
