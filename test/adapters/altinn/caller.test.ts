import { describe, expect, test } from 'vitest'
import { callerOf } from '../../../src/adapters/altinn/caller.js'
import { kari, ola, vendor } from '../../support/builders.js'

const iso6523 = (organization: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${organization}` })
const systemUser = {
  type: 'urn:altinn:systemuser',
  systemuser_id: ['11111111-0000-4000-8000-000986252932'],
  systemuser_org: iso6523(kari),
  system_id: 'the-system',
}

describe('the organisation that calls', () => {
  test.each([
    ['in an array', [systemUser]],
    ['the first in an array', [systemUser, { ...systemUser, systemuser_org: iso6523(ola) }]],
    ['as an object', systemUser],
    ['as the text of an object', JSON.stringify(systemUser)],
    ['as the text of an array', JSON.stringify([systemUser])],
    ['as texts in an array', [JSON.stringify(systemUser)]],
  ])('is that of the system user: %s', (_, authorization_details) => {
    const claims = { authorization_details, 'urn:altinn:orgNumber': ola, consumer: iso6523(vendor) }

    expect(callerOf(claims).organization).toBe(kari)
  })

  const { type, ...withoutType } = systemUser
  const { systemuser_id, ...withoutId } = systemUser
  const { systemuser_org, ...withoutOrganization } = systemUser
  const { system_id, ...withoutSystem } = systemUser
  test.each<[unknown]>([
    ['no JSON'],
    ['[]'],
    [[[]]],
    [{}],
    [null],
    [5],
    [withoutType],
    [withoutId],
    [withoutOrganization],
    [withoutSystem],
    [{ ...systemUser, systemuser_id: 'not a list' }],
    [{ ...systemUser, systemuser_org: `0192:${kari}` }],
    [{ ...systemUser, systemuser_org: iso6523('12') }],
  ])('cannot be told of a system user that is not as it should be, whatever else is there: %j', (details) => {
    const claims = { authorization_details: details, 'urn:altinn:orgNumber': ola, consumer: iso6523(vendor) }

    expect(callerOf(claims).organization).toBeUndefined()
  })

  test('is looked for among the other claims when there is an empty list of system users, which is no claim', () => {
    const none = { authorization_details: [] }

    expect(callerOf({ ...none, 'urn:altinn:orgNumber': ola }).organization).toBe(ola)
    expect(callerOf({ ...none, consumer: iso6523(kari) }).organization).toBe(kari)
    expect(callerOf({ ...none, 'urn:altinn:orgNumber': [], consumer: iso6523(kari) }).organization).toBe(kari)
  })

  test.each([kari, `0192:${kari}`, `urn:altinn:organization:identifier-no:${kari}`, Number(kari)])(
    'is that of the enterprise token without a system user: %s',
    (organization) => {
      expect(callerOf({ 'urn:altinn:orgNumber': organization, consumer: iso6523(ola) }).organization).toBe(kari)
    },
  )

  test.each<[unknown]>([[iso6523(kari)], [JSON.stringify(iso6523(kari))]])(
    'is the consumer of a Maskinporten token: %j',
    (consumer) => {
      expect(callerOf({ consumer }).organization).toBe(kari)
    },
  )

  test.each<[unknown]>([
    [undefined],
    [null],
    [''],
    ['no JSON'],
    [{}],
    [[iso6523(kari)]],
    [{ ID: `0192:${kari}` }],
    [iso6523('x')],
  ])('cannot be told of a consumer that is not as it should be: %j', (consumer) => {
    expect(callerOf({ consumer }).organization).toBeUndefined()
  })
})

describe('the vendor that calls for it', () => {
  test('is the consumer, also with a system user', () => {
    expect(callerOf({ authorization_details: [systemUser], consumer: iso6523(vendor) }).vendor).toBe(vendor)
  })

  test.each<[unknown]>([[undefined], ['no JSON'], [{}], [iso6523('x')]])('is unknown without: %j', (consumer) => {
    expect(callerOf({ authorization_details: [systemUser], consumer }).vendor).toBeUndefined()
  })
})

describe('the scopes of a token', () => {
  test('are parted by spaces', () => {
    expect(callerOf({ scope: 'openid altinn:broker.read' }).scopes).toEqual(['openid', 'altinn:broker.read'])
  })

  test.each<[unknown]>([[undefined], [5], [['altinn:broker.read']]])('are none in %j', (scope) => {
    expect(callerOf({ scope }).scopes).toEqual([])
  })
})

test('a caller has all claims with it, for the policy', () => {
  const claims = { iss: 'x', consumer: iso6523(kari), anything: { else: 1 } }

  expect(callerOf(claims).claims).toEqual(claims)
})
