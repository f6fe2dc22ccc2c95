import { beforeAll, describe, expect, test } from 'vitest'
import type { Broker } from '../../src/usecases/broker.js'
import { crashStack, type World } from '../support/crashStack.js'
import { FAULTS, injectEach } from '../support/faultyClients.js'
import { callerFor } from '../support/memoryBroker.js'
import { anyOrganization } from '../support/samples.js'

const makeWorld = crashStack()
let world: World

beforeAll(async () => {
  world = await makeWorld()
})

/**
 * Has a process cut off, or miss a call, at every call in turn; tells the calls of one that was spared. `act` begins
 * anew each time, under a name of its own, and `inspect` looks at what is left.
 */
async function cutOff(
  act: (broker: Broker, name: string) => Promise<unknown>,
  inspect: (name: string, isPromised: boolean) => Promise<void>,
): Promise<number> {
  const { calls } = await injectEach(FAULTS, async (injector, fault) => {
    const name = fault.replaceAll(' ', '-')
    const answer = await act(world.start(injector).broker, name).catch(() => undefined)
    const isPromised = typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true
    await inspect(name, isPromised)
  })
  return calls
}

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test('of registering a service owner leaves what the next request completes', async () => {
    const { broker } = world.recovering
    let organization = anyOrganization()

    const calls = await cutOff(
      (doomed) => {
        organization = anyOrganization()
        return doomed.registerServiceOwner(callerFor(organization), 'Eier')
      },
      async (name, isPromised) => {
        const again = await broker.registerServiceOwner(callerFor(organization), 'Eier')
        const registered = await broker.getServiceOwner(callerFor(organization))

        if (isPromised) expect({ name, again }).toMatchObject({ again: { reason: 'ServiceOwnerAlreadyExists' } })
        expect({ name, registered }).toMatchObject({ registered: { ok: true, value: { name: 'Eier' } } })
        expect(registered.ok && registered.value.storageReadyAt).toBeInstanceOf(Date)
        for (const account of [world.clients.scanned, world.clients.unscanned]) {
          expect(await account.getContainerClient(`serviceowner-${organization}`).exists()).toBe(true)
        }
      },
    )

    expect(calls).toBeGreaterThan(3)
  })

  test('of configuring a resource leaves it unchanged or configured', async () => {
    const { broker } = world.recovering
    const caller = callerFor(world.owner)

    const calls = await cutOff(
      (doomed, id) => doomed.configureResource(caller, id, { maxFileTransferSize: 7 }),
      async (id, isPromised) => {
        const left = await broker.getResource(caller, id)
        if (isPromised || left.ok) expect(left).toMatchObject({ value: { maxFileTransferSize: 7 } })
        expect(await broker.configureResource(caller, id, { maxFileTransferSize: 8 })).toMatchObject({ ok: true })
        expect(await broker.getResource(caller, id)).toMatchObject({ value: { maxFileTransferSize: 8 } })
      },
    )

    expect(calls).toBeGreaterThan(3)
  })
})
