import { describe, expect, test } from 'vitest'
import type { OrganizationNumber } from '../../../src/domain/organizationNumber.js'
import { logEvents } from '../../../src/domain/projections/logEvents.js'
import { replayDeadLetters } from '../../../src/usecases/operating/deadLetters.js'
import type { Caller } from '../../../src/usecases/ports/access.js'
import type { Log } from '../../../src/usecases/ports/telemetry.js'
import { callerFor, memoryWorld, type World } from '../../support/memoryBroker.js'
import { anyOrganization, owner } from '../../support/samples.js'

const CLIENT = 'client-1'
const by = (organization: OrganizationNumber): Caller => ({
  ...callerFor(organization),
  claims: { client_id: CLIENT },
})

describe('a change of configuration is one line, with who made it and what changed', () => {
  const told = (world: World) => world.log.map(({ event, details }) => ({ event, ...details }))
  const who = { by: owner, clientId: CLIENT }

  test('of a resource', async () => {
    const world = await memoryWorld()
    const asked = { maxFileTransferSize: 5, externalServiceCodeLegacy: `a\n${'x'.repeat(1000)}` }
    world.log.length = 0

    await world.broker.configureResource(by(owner), 'bilag', asked)
    await world.broker.configureResource(by(owner), 'bilag', asked)
    await world.broker.configureResource(by(owner), 'bilag', { maxFileTransferSize: -1 })

    const changed = { maxFileTransferSize: 5, externalServiceCodeLegacy: `a${'x'.repeat(98)}` }
    const event = 'resource.configured'
    expect(told(world)).toEqual([{ event, resourceId: 'bilag', isNew: false, changed, ...who }])
  })

  test('of an approval', async () => {
    const world = await memoryWorld()
    world.log.length = 0

    await world.broker.approveUnscanned(by(owner), 'bilag', true)

    expect(told(world)).toMatchObject([{ resourceId: 'bilag', isApproved: true, ...who }])
  })

  test('of a service owner', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()
    world.log.length = 0

    await world.broker.registerServiceOwner(by(organization), 'Etaten')
    await world.broker.registerServiceOwner(by(organization), 'Etaten')

    const event = 'serviceOwner.registered'
    expect(told(world)).toEqual([{ event, organization, by: organization, clientId: CLIENT }])
  })

  test('of maintenance', async () => {
    const world = await memoryWorld()
    const author = { organization: owner, clientId: CLIENT }
    const deadLetters = {
      entities: ['due'],
      peek: async () => [],
      replay: async () => ({ replayed: 3, isEmpty: true }),
    }
    const log: Log = (event, details = {}) => void world.log.push({ event, ...logEvents[event], details })
    world.log.length = 0

    await world.broker.cleanUpUseCaseTests(3, author)
    await replayDeadLetters({ deadLetters, log, now: () => new Date() })(author)

    expect(told(world)).toMatchObject([
      { minAgeDays: 3, found: 0, ...who },
      { queue: 'due', count: 3, ...who },
    ])
  })
})
