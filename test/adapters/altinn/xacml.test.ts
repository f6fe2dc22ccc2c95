import type { JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  decisionAnswer,
  decisionRequest,
  manyDecisionsRequest,
  partiesPermitted,
  permits,
} from '../../../src/adapters/altinn/xacml.js'
import { fileTransferId, kari, ola } from '../../support/builders.js'

const iss = 'https://platform.altinn.no/authentication/api/v1/openid/'
const consumer = { authority: 'iso6523-actorid-upis', ID: `0192:${kari}` }
const systemUserId = '11111111-0000-4000-8000-000986252932'
const systemUser = {
  type: 'urn:altinn:systemuser',
  systemuser_id: [systemUserId],
  systemuser_org: consumer,
  system_id: 'the-system',
}
const asked = { actions: ['write'], resourceId: 'letters', party: kari }

/** The subject that is made of these claims: name and value of each attribute. */
function subjectOf(claims: JWTPayload) {
  const attributes = decisionRequest(claims, asked)?.request.accessSubject[0]?.attribute
  return attributes?.map(({ attributeId, value }) => `${attributeId}=${value}`).sort()
}

describe('the question to the policy', () => {
  test('of a system user about a file transfer', () => {
    const claims = { iss, authorization_details: [systemUser], consumer, scope: 'altinn:broker.read', jti: 'x' }

    expect(decisionRequest(claims, { ...asked, actions: ['read'], fileTransferId })).toEqual({
      request: {
        accessSubject: [
          {
            attribute: [
              {
                attributeId: 'urn:altinn:systemuser:uuid',
                value: systemUserId,
                dataType: 'string',
                issuer: iss,
                includeInResult: false,
              },
            ],
          },
        ],
        action: [
          {
            attribute: [
              {
                attributeId: 'urn:oasis:names:tc:xacml:1.0:action:action-id',
                value: 'read',
                dataType: 'string',
                issuer: 'Altinn',
              },
            ],
          },
        ],
        resource: [
          {
            attribute: [
              { attributeId: 'urn:altinn:resource', value: 'letters', dataType: 'string', issuer: 'Altinn' },
              {
                attributeId: 'urn:altinn:organization:identifier-no',
                value: '986252932',
                dataType: 'string',
                issuer: 'Altinn',
              },
              {
                attributeId: 'urn:altinn:resource:instance-id',
                value: fileTransferId,
                dataType: 'string',
                issuer: 'Altinn',
              },
            ],
          },
        ],
      },
    })
  })

  test('of a sender has no instance', () => {
    const resource = decisionRequest({ consumer }, asked)?.request.resource[0]?.attribute

    expect(resource?.map(({ attributeId }) => attributeId)).toEqual([
      'urn:altinn:resource',
      'urn:altinn:organization:identifier-no',
    ])
  })

  test('of a search has two actions, in their order', () => {
    const { action } = decisionRequest({ consumer }, { ...asked, actions: ['write', 'read'] })?.request ?? {}

    expect(action?.map(({ attribute }) => attribute.map(({ value }) => value))).toEqual([['write'], ['read']])
  })
})

describe('the subject', () => {
  test('is the system user alone', () => {
    const claims = {
      authorization_details: systemUser,
      consumer,
      scope: 'a',
      pid: '01017012345',
      'urn:altinn:org': 'ttd',
    }

    expect(subjectOf(claims)).toEqual([`urn:altinn:systemuser:uuid=${systemUserId}`])
  })

  test.each(['urn:altinn:person:uuid', 'urn:altinn:userid', 'urn:altinn:partyid'])(
    'is not the system user beside the claim %s',
    (claim) => {
      const subject = subjectOf({ authorization_details: systemUser, [claim]: '7' })

      expect(subject).toContain(`${claim}=7`)
      expect(subject).not.toContain(`urn:altinn:systemuser:uuid=${systemUserId}`)
    },
  )

  test('is none for a malformed system user', () => {
    expect(decisionRequest({ authorization_details: 'no JSON', consumer }, asked)).toBeUndefined()
  })

  test('is found among the other claims when the list of system users is empty', () => {
    expect(subjectOf({ authorization_details: [], consumer })).toEqual(subjectOf({ consumer }))
  })

  test('is the organisation of an enterprise token, by both names, with scope, session and Altinn’s claims', () => {
    const claims = {
      iss,
      scope: 'altinn:broker.write',
      jti: 'the-session',
      consumer,
      'urn:altinn:orgNumber': kari,
      'urn:altinn:authlevel': 3,
    }

    expect(subjectOf(claims)).toEqual(
      [
        'urn:scope=altinn:broker.write',
        'urn:altinn:sessionid=the-session',
        `urn:altinn:orgNumber=${kari}`,
        'urn:altinn:authlevel=3',
        `urn:altinn:organizationnumber=${kari}`,
        `urn:altinn:organization:identifier-no=${kari}`,
      ].sort(),
    )
  })

  test('is the consumer of a Maskinporten token, under one name', () => {
    expect(subjectOf({ consumer })).toEqual([`urn:altinn:organization:identifier-no=${kari}`])
  })

  test.each([
    { ...consumer, authority: 'another' },
    { ...consumer, ID: kari },
    { ...consumer, ID: `0192:x:${kari}` },
    'no JSON',
  ])('is not a consumer that is not as it should be: %j', (other) => {
    expect(subjectOf({ consumer: other, scope: 'a' })).toEqual(['urn:scope=a'])
  })

  test('is the organisation that the token names as the policy does', () => {
    const claims = { 'urn:altinn:organization:identifier-no': kari, consumer: { ...consumer, ID: '0192:910753614' } }

    expect(subjectOf(claims)).toContain(`urn:altinn:organization:identifier-no=${kari}`)
    expect(subjectOf({ 'urn:altinn:organization:identifier-no': kari })).toEqual([
      `urn:altinn:organization:identifier-no=${kari}`,
    ])
  })

  test.each([
    [['urn:altinn:person:uuid', 'urn:altinn:userid', 'urn:altinn:partyid'], 'urn:altinn:person:uuid'],
    [['urn:altinn:userid', 'urn:altinn:partyid'], 'urn:altinn:userid'],
    [['urn:altinn:partyid'], 'urn:altinn:partyid'],
  ])('is one person: of %j the first', (names, first) => {
    const claims = Object.fromEntries(names.map((name) => [name, '7']))

    expect(subjectOf({ ...claims, consumer })).toEqual([`${first}=7`])
  })

  test('has one session, the first that the token names', () => {
    expect(subjectOf({ sid: 's', jti: 'j' })).toEqual(['urn:altinn:sessionid=s'])
    expect(subjectOf({ jti: 'j', sid: 's' })).toEqual(['urn:altinn:sessionid=j'])
  })

  test('is a person too when the token has the number of one', () => {
    expect(subjectOf({ consumer, pid: '01017012345' })).toContain('urn:altinn:person:identifier-no=01017012345')
  })

  test('does not include claims of other kinds', () => {
    expect(subjectOf({ aud: 'x', client_id: 'y', exp: 1, iat: 1 })).toEqual([])
  })
})

describe('the answer of the policy', () => {
  const obligation = (category: string, value: string) => ({ attributeAssignment: [{ category, value }] })
  const level = (value: string) => obligation('urn:altinn:minimum-authenticationlevel', value)
  const levelOfOwner = (value: string) => obligation('urn:altinn:minimum-authenticationlevel-org', value)
  const answer = (obligations: unknown, decision = 'Permit') =>
    decisionAnswer.parse({ response: [{ decision, obligations }] })
  const atLevel = (value: unknown) => ({ 'urn:altinn:authlevel': value })

  test.each(['Deny', 'NotApplicable', 'Indeterminate', 'permit'])('does not permit with %s', (decision) => {
    expect(permits(answer(undefined, decision), atLevel(4))).toBe(false)
  })

  test.each([undefined, null, [], [{ attributeAssignment: null }]])(
    'permits without obligations: %j',
    (obligations) => {
      expect(permits(answer(obligations), {})).toBe(true)
    },
  )

  test('permits with obligations of other kinds', () => {
    expect(permits(answer([obligation('urn:altinn:something-else', 'a text')]), {})).toBe(true)
  })

  test('permits only when every decision does', () => {
    const permit = { decision: 'Permit' }

    expect(permits(decisionAnswer.parse({ response: [permit, permit] }), {})).toBe(true)
    expect(permits(decisionAnswer.parse({ response: [permit, { decision: 'Deny' }] }), {})).toBe(false)
  })

  test('without a decision is no answer', () => {
    expect(() => decisionAnswer.parse({ response: [] })).toThrow()
  })

  test.each<[string, unknown, boolean]>([
    ['3', 3, true],
    ['3', '3', true],
    ['3', 4, true],
    ['4', 3, false],
    ['4', 'x', false],
    ['0', 0, true],
  ])('that asks for level %s permits level %j: %s', (minimum, own, isPermitted) => {
    expect(permits(answer([level(minimum)]), atLevel(own))).toBe(isPermitted)
  })

  test.each(['x', '', null])('that asks for a level which cannot be read does not permit: %j', (value) => {
    const unreadable = [{ attributeAssignment: [{ category: 'urn:altinn:minimum-authenticationlevel', value }] }]

    expect(permits(answer(unreadable), atLevel(3))).toBe(false)
  })

  test('counts a Maskinporten token as level 3', () => {
    const claims = { iss: 'https://test.maskinporten.no/', consumer }

    expect(permits(answer([level('3')]), claims)).toBe(true)
    expect(permits(answer([level('4')]), claims)).toBe(false)
  })

  test('counts any other token without a level as level 0', () => {
    expect(permits(answer([level('1')]), { iss, consumer })).toBe(false)
    expect(permits(answer([level('1')]), { iss: 'https://maskinporten.no/' })).toBe(false)
  })

  test('may ask less of the owner of the service', () => {
    const obligations = [level('4'), levelOfOwner('3')]

    expect(permits(answer(obligations), { ...atLevel(3), 'urn:altinn:org': 'ttd' })).toBe(true)
    expect(permits(answer(obligations), { ...atLevel(2), 'urn:altinn:org': 'ttd' })).toBe(false)
    expect(permits(answer(obligations), atLevel(3))).toBe(false)
    expect(permits(answer([level('4')]), { ...atLevel(3), 'urn:altinn:org': 'ttd' })).toBe(false)
  })

  test('asks nothing more of an owner who is strong enough as it is', () => {
    expect(permits(answer([level('3'), levelOfOwner('4')]), { ...atLevel(3), 'urn:altinn:org': 'ttd' })).toBe(true)
  })
})

describe('many questions in one request', () => {
  const claims = { iss, consumer }

  test('share the subject and the action, and name the party that each is about', () => {
    const { request } = manyDecisionsRequest(claims, { ...asked, fileTransferId }, [kari, ola]) ?? {}
    const single = decisionRequest(claims, { ...asked, fileTransferId, party: ola })?.request

    expect(request?.multiRequests.requestReference).toEqual(
      [kari, ola].map((party) => ({ referenceId: ['s', 'a0', `r${party}`] })),
    )
    expect(request?.accessSubject).toEqual([{ id: 's', ...single?.accessSubject[0] }])
    expect(request?.action).toEqual([{ id: 'a0', ...single?.action[0] }])
    const attribute = single?.resource[0]?.attribute.map((each) =>
      each.value === ola ? { ...each, includeInResult: true } : each,
    )
    expect(request?.resource[1]).toEqual({ id: `r${ola}`, attribute })
  })

  test('are not asked for a token without a subject', () => {
    expect(manyDecisionsRequest({ authorization_details: 'no JSON' }, asked, [kari])).toBeUndefined()
  })

  test('are each decided by itself, whatever the order of the answers', () => {
    const category = (party: string, categoryId = 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource') => [
      { categoryId, attribute: [{ attributeId: 'urn:altinn:organization:identifier-no', value: party }] },
    ]
    const response = [
      { decision: 'Permit', category: category(ola) },
      { decision: 'Deny', category: category(kari) },
      { decision: 'Permit', category: category(kari, 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject') },
      { decision: 'Permit' },
    ]

    expect(partiesPermitted(decisionAnswer.parse({ response }), claims)).toEqual([ola])
  })
})
