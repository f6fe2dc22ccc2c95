import { describe, expect, test } from 'vitest'
import { namesOf } from '../../clients/console/src/state/names/names.js'
import type { Session } from '../../clients/console/src/state/session.js'

/** A Broker that has a name for every organisation, and records the calls. */
function namingBroker() {
  const calls: string[][] = []
  const broker = {
    async getOrganizationNames(organizations: string[]) {
      calls.push(organizations)
      return organizations.map((organization) => ({
        organization: `0192:${organization}`,
        name: `Firma ${organization}`,
      }))
    },
  }
  const session = { id: crypto.randomUUID(), broker, nameOf: () => undefined } as unknown as Session
  return { calls, broker, names: namesOf(session) }
}

describe('the names of organisations', () => {
  test('of one moment are one call, each is requested once, and what is no organisation never', async () => {
    const { calls, names } = namingBroker()

    await Promise.all([names.load(['900000001']), names.load(['900000002', '900000001']), names.load(['urn'])])
    await names.load(['900000002'])

    expect(calls).toEqual([['900000001', '900000002']])
    expect(names.of('900000002')).toBe('Firma 900000002')
  })

  test('that cannot be had are no error, and are requested again', async () => {
    const { calls, broker, names } = namingBroker()
    const works = broker.getOrganizationNames
    broker.getOrganizationNames = async () => Promise.reject(new Error('404'))

    await names.load(['900000001'])
    expect(names.of('900000001')).toBeUndefined()
    broker.getOrganizationNames = works
    await names.load(['900000001'])

    expect(calls).toEqual([['900000001']])
    expect(names.of('900000001')).toBe('Firma 900000001')
  })
})
