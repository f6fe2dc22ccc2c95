import { describe, expect, test } from 'vitest'
import type { InitializeRequest } from '../../../src/domain/fileTransfer/initialize.js'
import type { Resource } from '../../../src/domain/resource.js'
import { err, ok } from '../../../src/domain/result.js'
import type { ResourceRegistry } from '../../../src/usecases/ports/resources.js'
import { callerFor, type Given, memoryWorld, policyOf } from '../../support/memoryBroker.js'
import { all, kari, later, ola, organization, owner, request, sender } from '../../support/samples.js'

/** What is wrong, and how it is told. Each is told before those after it. */
type Fault = {
  problem: string
  resource?: Partial<Resource>
  ports?: (given: Given) => Partial<Given>
  asked?: Partial<InitializeRequest>
}
const registry = (given: Partial<ResourceRegistry>): ResourceRegistry => ({
  find: async () => ({ owner, hasAccessList: true }),
  areOnAccessList: async () => true,
  ...given,
})
const faults: Fault[] = [
  { problem: 'NoAccessToResource', ports: () => ({ access: policyOf(async () => false) }) },
  {
    problem: 'ServiceOwnerNotConfigured',
    ports: ({ serviceOwners }) => ({ serviceOwners: { ...serviceOwners, read: async () => undefined } }),
  },
  {
    problem: 'NotApprovedForDisabledVirusScan',
    ports: () => ({ isProduction: true }),
    asked: { disableVirusScan: true },
  },
  {
    problem: 'StorageProviderNotReady',
    ports: ({ serviceOwners }) => ({
      serviceOwners: {
        ...serviceOwners,
        read: async (organization) => ({ organization, name: 'Eier', storageReadyAt: undefined }),
      },
    }),
  },
  { problem: 'InvalidResourceDefinition', ports: () => ({ registry: registry({ find: async () => undefined }) }) },
  {
    problem: 'RecipientNotInAccessList',
    ports: () => ({ registry: registry({ areOnAccessList: async (_, parties) => !parties.includes(ola) }) }),
  },
  { problem: 'RequiredPartyInvalidRecipientConfiguration', resource: { requiredParty: '0192:910000007' } },
]

describe('initializing a file transfer', () => {
  test('answers its id, and keeps all that was asked for', async () => {
    const world = await memoryWorld({ timeToLiveSeconds: 3600 })
    const vendor = organization('999888777')
    const asked = request({ propertyList: { nøkkel: 'verdi' }, checksum: 'ABC' })

    const answer = await world.broker.initializeFileTransfer(callerFor(sender, vendor), asked)
    await world.broker.settled()

    if (!answer.ok) throw new Error(JSON.stringify(answer.reason))
    const { disableVirusScan, recipients, ...kept } = asked
    expect((await world.read(answer.value)).transfer).toMatchObject({
      ...kept,
      serviceOwner: owner,
      status: 'Initialized',
      useVirusScan: true,
      createdAt: world.clock.now,
      expirationTime: later(3600),
      recipients: { [kari]: { status: 'Initialized' }, [ola]: { status: 'Initialized' } },
    })
    expect(await world.factsOf(answer.value)).toEqual([
      { type: 'Initialized', vendor, by: { organization: sender }, at: world.clock.now },
    ])
  })

  test('shows it in the searches of all, tells the sender, and sets the time of its expiry', async () => {
    const world = await memoryWorld()

    const id = await world.begin()
    await world.work()

    const rows = world.stores.searchIndex.rows()
    expect(rows.map(({ actor }) => `${actor.organization} ${actor.role}`)).toEqual([
      ...[`${sender} Sender`, `${kari} Recipient`, `${ola} Recipient`],
    ])
    expect(world.posted.map(({ type }) => type)).toEqual(['no.altinn.broker.filetransferinitialized'])
    expect(await all(world.stores.due.dueBy(later(30 * 86_400)))).toMatchObject([
      { fileTransferId: id, kind: 'expire' },
    ])
    expect(await all(world.stores.outbox.all())).toEqual([])
  })

  test('gives each transfer an id of its own', async () => {
    const world = await memoryWorld()

    const ids = await Promise.all(Array.from({ length: 20 }, () => world.begin()))

    expect(new Set(ids).size).toBe(20)
  })

  test.each(faults.map((fault, index) => ({ ...fault, index })))(
    'is refused with $problem before any later rule is looked at',
    async ({ problem, index }) => {
      const present = faults.slice(index)
      const world = await memoryWorld(Object.assign({}, ...present.map(({ resource }) => resource)))
      // Of two faults in one port the earlier one counts.
      const broker = world.start((ports) =>
        Object.assign({}, ...present.toReversed().map(({ ports: breakIt }) => breakIt?.(ports))),
      )
      const asked = request(Object.assign({}, ...present.map((fault) => fault.asked)))

      const answer = await broker.initializeFileTransfer(callerFor(sender), asked)

      expect(answer).toEqual(err(problem))
      expect(world.stores.messages.sent()).toEqual([])
      expect(await all(world.stores.outbox.all())).toEqual([])
    },
  )

  test('is refused for a resource that is not known, as for one without access', async () => {
    const world = await memoryWorld()

    const answer = await world.broker.initializeFileTransfer(callerFor(sender), request({ resourceId: 'another' }))

    expect(answer).toEqual(err('NoAccessToResource'))
  })

  test('is refused when the required party is not the only recipient', async () => {
    const world = await memoryWorld({ requiredParty: '0192:910000007' })

    const answer = await world.broker.initializeFileTransfer(callerFor(sender), request({ recipients: [kari] }))

    expect(answer).toEqual(err('RequiredPartyNotSpecified'))
  })

  test.each([
    ['sends', { sender: organization('910000007') }],
    ['is the only recipient', { recipients: [organization('910000007')] }],
  ])('is possible when the required party %s', async (_, asked) => {
    const world = await memoryWorld({ requiredParty: '0192:910000007' })
    const { sender: who } = request(asked)

    expect(await world.broker.initializeFileTransfer(callerFor(who), request(asked))).toMatchObject({ ok: true })
  })

  test('asks the access list about no one where there is none', async () => {
    const world = await memoryWorld()
    const asked: string[] = []
    const broker = world.start(() => ({
      registry: {
        find: async () => ({ owner, hasAccessList: false }),
        areOnAccessList: async (_, parties) => asked.push(...parties) < 0,
      },
    }))

    expect(await broker.initializeFileTransfer(callerFor(sender), request())).toMatchObject({ ok: true })
    expect(asked).toEqual([])
  })

  test('may go without a scan in production when the resource is approved for it', async () => {
    const world = await memoryWorld({ isApprovedForDisabledVirusScan: true })
    const broker = world.start(() => ({ isProduction: true }))

    const answer = await broker.initializeFileTransfer(callerFor(sender), request({ disableVirusScan: true }))

    expect(answer).toMatchObject({ ok: true })
  })

  test('asks for the right to write for the sender on the resource', async () => {
    const world = await memoryWorld()
    const asked: unknown[] = []
    const broker = world.start(() => ({
      access: policyOf(async (_, question) => asked.push(question) > 0),
    }))

    await broker.initializeFileTransfer(callerFor(organization('999888777')), request())

    expect(asked).toEqual([{ actions: ['write'], resourceId: 'bilag', party: sender }])
  })

  test('is created though the answer of the store was lost', async () => {
    const world = await memoryWorld()
    const broker = world.start(({ transfers }) => ({
      transfers: {
        ...transfers,
        async commit(...args) {
          await transfers.commit(...args)
          return transfers.commit(...args)
        },
      },
    }))

    const answer = await broker.initializeFileTransfer(callerFor(sender), request())

    expect(answer).toEqual(ok(expect.any(String)))
    if (answer.ok) expect(await world.factsOf(answer.value)).toHaveLength(1)
  })
})
