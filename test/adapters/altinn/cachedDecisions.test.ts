import { describe, expect, test } from 'vitest'
import { cachedDecisions } from '../../../src/adapters/altinn/cachedDecisions.js'
import type { AccessPolicy } from '../../../src/usecases/ports/access.js'
import { callerFor } from '../../support/memoryBroker.js'
import { at, kari, later, ola } from '../../support/samples.js'

const asked = { actions: ['read' as const], resourceId: 'bilag', party: kari, isReadOnly: true as const }
const holder = { ...callerFor(kari), claims: { jti: 'one' } }

/** A policy with this answer, and how often it has been asked. */
function policyOf({ seconds = 10, most = 100 } = {}) {
  const world = { now: at, answer: true, questions: 0 }
  const policy: AccessPolicy = {
    permittedParties: async () => [],
    async isPermitted() {
      world.questions++
      return world.answer
    },
  }
  return { world, policy: cachedDecisions(policy, seconds, () => world.now, most) }
}

describe('a cached decision', () => {
  test('is valid for the same question of the same token for some seconds', async () => {
    const { world, policy } = policyOf()
    await policy.isPermitted(holder, asked)
    world.now = later(9)

    expect(await policy.isPermitted(holder, asked)).toBe(true)
    expect(world.questions).toBe(1)
  })

  test('is over after that: what Altinn says then holds', async () => {
    const { world, policy } = policyOf()
    await policy.isPermitted(holder, asked)
    world.now = later(10)
    world.answer = false

    expect(await policy.isPermitted(holder, asked)).toBe(false)
  })

  test.each([
    ['another token', { ...holder, claims: { jti: 'two' } }, asked],
    ['another party', holder, { ...asked, party: ola }],
    ['another resource', holder, { ...asked, resourceId: 'other' }],
    ['another action', holder, { ...asked, actions: ['write' as const] }],
    ['another transfer', holder, { ...asked, fileTransferId: 'one' }],
  ])('is not good for %s', async (_, caller, question) => {
    const { world, policy } = policyOf()
    await policy.isPermitted(holder, asked)
    world.answer = false

    expect(await policy.isPermitted(caller, question)).toBe(false)
  })

  test('is made each time before anything is sent or received', async () => {
    const { world, policy } = policyOf()
    const { isReadOnly, ...toSend } = asked
    await policy.isPermitted(holder, asked)
    world.answer = false

    expect(await policy.isPermitted(holder, toSend)).toBe(false)
  })

  test('is made each time where nothing is to be cached', async () => {
    const { world, policy } = policyOf({ seconds: 0 })
    await policy.isPermitted(holder, asked)
    await policy.isPermitted(holder, asked)

    expect(world.questions).toBe(2)
  })

  test('is evicted when there are too many and it is the least recently used', async () => {
    const { world, policy } = policyOf({ most: 1 })
    await policy.isPermitted(holder, asked)
    await policy.isPermitted(holder, { ...asked, party: ola })
    await policy.isPermitted(holder, { ...asked, party: ola })
    await policy.isPermitted(holder, asked)

    expect(world.questions).toBe(3)
  })
})

test('a denial is never cached', async () => {
  const { world, policy } = policyOf()
  world.answer = false
  await policy.isPermitted(holder, asked)
  world.answer = true

  expect(await policy.isPermitted(holder, asked)).toBe(true)
})
