import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, uploadOf, type World } from '../../support/memoryBroker.js'
import { anyOrganization } from '../../support/samples.js'

const down = () => Promise.reject(new Error('It is down.'))

const canStore = async ({ stores: { blobs } }: World, serviceOwner: ReturnType<typeof anyOrganization>) => {
  const place = { isScanned: true, serviceOwner, fileTransferId: 'a', attemptId: 'b' }
  const limits = { maxBytes: 99, expectedBytes: undefined, accept: () => true }
  return blobs.write(place, uploadOf('hello').body, limits).then(
    () => true,
    () => false,
  )
}

describe('registering a service owner', () => {
  test('makes a place for its files, and then says that it is ready', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()

    const answer = await world.broker.registerServiceOwner(callerFor(organization), 'Etaten')

    expect(answer).toEqual(ok(undefined))
    expect(await world.stores.serviceOwners.read(organization)).toEqual({
      organization,
      name: 'Etaten',
      storageReadyAt: world.clock.now,
    })
    expect(await canStore(world, organization)).toBe(true)
  })

  test('is refused for whoever is no organisation', async () => {
    const world = await memoryWorld()

    const answer = await world.broker.registerServiceOwner(callerFor(undefined), 'Etaten')

    expect(answer).toEqual(err('CallerOrganizationIdNotFound'))
  })

  test('is refused the second time, and the first name stays', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()
    await world.broker.registerServiceOwner(callerFor(organization), 'Etaten')

    const again = await world.broker.registerServiceOwner(callerFor(organization), 'Another')

    expect(again).toEqual(err('ServiceOwnerAlreadyExists'))
    expect((await world.stores.serviceOwners.read(organization))?.name).toBe('Etaten')
  })

  test('that breaks off says so, and is finished by asking again', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()
    const broken = world.start(({ blobs }) => ({ blobs: { ...blobs, provision: down } }))

    const first = await broken.registerServiceOwner(callerFor(organization), 'Etaten')
    expect(first).toEqual(err('ServiceOwnerInitializationFailed'))
    expect((await world.stores.serviceOwners.read(organization))?.storageReadyAt).toBeUndefined()

    const second = await world.broker.registerServiceOwner(callerFor(organization), 'Etaten')
    expect(second).toEqual(ok(undefined))
    expect((await world.stores.serviceOwners.read(organization))?.storageReadyAt).toEqual(world.clock.now)
    expect(await canStore(world, organization)).toBe(true)
  })

  test('that dies before it is marked as ready is finished by asking again', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()
    const broken = world.start(({ serviceOwners }) => ({ serviceOwners: { ...serviceOwners, setStorageReady: down } }))
    await broken.registerServiceOwner(callerFor(organization), 'Etaten')

    expect(await world.broker.registerServiceOwner(callerFor(organization), 'Etaten')).toEqual(ok(undefined))
  })

  test('by two at once leaves an owner that is ready', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()

    const answers = await Promise.all(
      [1, 2].map(() => world.start().registerServiceOwner(callerFor(organization), 'Etaten')),
    )

    expect(answers.some((answer) => answer.ok)).toBe(true)
    expect((await world.stores.serviceOwners.read(organization))?.storageReadyAt).toBeDefined()
  })
})

describe('a registration during an outage', () => {
  test('is not answered as a failed one, and is finished by asking again', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()
    const outage = Object.assign(new Error('The storage is busy.'), { statusCode: 503 })
    const broken = world.start(({ blobs }) => ({ blobs: { ...blobs, provision: () => Promise.reject(outage) } }))

    await expect(broken.registerServiceOwner(callerFor(organization), 'Etaten')).rejects.toBe(outage)

    expect(world.log).toContainEqual(expect.objectContaining({ event: 'serviceOwner.storageFailed' }))
    expect(await world.broker.registerServiceOwner(callerFor(organization), 'Etaten')).toEqual(ok(undefined))
  })
})

describe('asking for the own service owner', () => {
  test('gives it with its name, and since when its storage is ready', async () => {
    const world = await memoryWorld()
    const organization = anyOrganization()
    await world.broker.registerServiceOwner(callerFor(organization), 'Etaten')

    expect(await world.broker.getServiceOwner(callerFor(organization))).toEqual(
      ok({ organization, name: 'Etaten', storageReadyAt: world.clock.now }),
    )
  })

  test('is refused for whoever is no organisation, or none that has registered', async () => {
    const { broker } = await memoryWorld()

    expect(await broker.getServiceOwner(callerFor(undefined))).toEqual(err('CallerOrganizationIdNotFound'))
    expect(await broker.getServiceOwner(callerFor(anyOrganization()))).toEqual(err('ServiceOwnerNotFound'))
  })
})
