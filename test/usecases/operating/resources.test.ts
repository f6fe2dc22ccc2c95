import { describe, expect, test } from 'vitest'
import { newResource } from '../../../src/domain/resource.js'
import { err, ok } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, type World } from '../../support/memoryBroker.js'
import { anyOrganization, owner } from '../../support/samples.js'

describe('configuring a resource', () => {
  test('makes a resource of the registry known, with what was asked for', async () => {
    const world = await memoryWorld()
    const asked = { maxFileTransferSize: 1000, fileTransferTimeToLive: 'P1D', purgeFileTransferGracePeriod: 'PT0S' }

    expect(await world.broker.configureResource(callerFor(owner), 'ny', asked)).toEqual(ok(undefined))

    expect((await world.stores.resources.read('ny'))?.resource).toEqual({
      ...newResource('ny', owner),
      maxFileTransferSize: 1000,
      timeToLiveSeconds: 86_400,
      graceSeconds: 0,
    })
  })

  test('changes what was asked for, and leaves the rest', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 1000, graceSeconds: 60 })

    await world.broker.configureResource(callerFor(owner), 'bilag', { maxFileTransferSize: 2000 })

    expect((await world.stores.resources.read('bilag'))?.resource).toMatchObject({
      maxFileTransferSize: 2000,
      graceSeconds: 60,
    })
  })

  test('sets reminders, leaves them, and takes them away, with a line in the log for each change alone', async () => {
    const world = await memoryWorld()
    const configure = async (reminders?: number[]) => {
      await world.broker.configureResource(callerFor(owner), 'bilag', { reminders })
      return (await world.stores.resources.read('bilag'))?.resource.reminders
    }

    expect(await configure([604_800, -172_800])).toEqual([604_800, -172_800])
    expect(await configure()).toEqual([604_800, -172_800])
    await configure([604_800, -172_800])
    expect(await configure([])).toEqual([])
    const changes = world.log.filter(({ event }) => event === 'resource.configured')
    expect(changes.map(({ details }) => details.changed)).toEqual([
      { reminders: [604_800, -172_800] },
      { reminders: [] },
    ])
  })

  test('is refused for a resource that the registry does not know', async () => {
    const world = await memoryWorld()
    const broker = world.start(({ registry }) => ({ registry: { ...registry, find: async () => undefined } }))

    expect(await broker.configureResource(callerFor(owner), 'ny', {})).toEqual(err('InvalidResourceDefinition'))
  })

  test('is refused for whoever does not own it, in the registry or in Broker', async () => {
    const world = await memoryWorld()

    for (const who of [anyOrganization(), undefined]) {
      for (const id of ['ny', 'bilag']) {
        expect(await world.broker.configureResource(callerFor(who), id, {})).toEqual(err('NoAccessToResource'))
      }
    }
    expect(await world.stores.resources.read('ny')).toBeUndefined()
  })

  test('is refused for an owner that has not registered', async () => {
    const world = await memoryWorld()
    const stranger = anyOrganization()
    const broker = world.start(({ registry }) => ({
      registry: { ...registry, find: async () => ({ owner: stranger, hasAccessList: false }) },
    }))

    const answer = await broker.configureResource(callerFor(stranger), 'ny', {})

    expect(answer).toEqual(err('ServiceOwnerHasNotBeenConfigured'))
  })

  test('is refused when a rule forbids it, and nothing is changed', async () => {
    const world = await memoryWorld()
    const before = await world.stores.resources.read('bilag')

    const answer = await world.broker.configureResource(callerFor(owner), 'bilag', { maxFileTransferSize: -1 })

    expect(answer).toEqual(err('MaxUploadSizeCannotBeNegative'))
    expect(await world.stores.resources.read('bilag')).toEqual(before)
  })

  test('looks at the limit of the scanner in production alone', async () => {
    const world = await memoryWorld()
    const asked = { maxFileTransferSize: 50_000_000_001 }
    const production = world.start(() => ({ isProduction: true }))

    expect(await production.configureResource(callerFor(owner), 'bilag', asked)).toEqual(
      err('MaxUploadSizeForVirusScan'),
    )
    expect(await world.broker.configureResource(callerFor(owner), 'bilag', asked)).toEqual(ok(undefined))
  })

  test('loses nothing when several do it at once', async () => {
    const world = await memoryWorld()

    await Promise.all([
      world.broker.configureResource(callerFor(owner), 'bilag', { maxFileTransferSize: 1000 }),
      world.broker.configureResource(callerFor(owner), 'bilag', { fileTransferTimeToLive: 'P1D' }),
      world.broker.configureResource(callerFor(owner), 'bilag', { requiredParty: '910000001' }),
    ])

    expect((await world.stores.resources.read('bilag'))?.resource).toMatchObject({
      maxFileTransferSize: 1000,
      timeToLiveSeconds: 86_400,
      requiredParty: '910000001',
    })
  })

  test('fails when others change it all the time', async () => {
    const world = await memoryWorld()
    const broker = world.start(({ resources }) => ({ resources: { ...resources, save: async () => 'conflict' } }))

    await expect(broker.configureResource(callerFor(owner), 'bilag', {})).rejects.toThrow('by others all the time')
  })
})

describe('looking at a resource', () => {
  test('shows its owner how it is configured', async () => {
    const world = await memoryWorld({ graceSeconds: 60 })

    expect(await world.broker.getResource(callerFor(owner), 'bilag')).toEqual(
      ok({ ...newResource('bilag', owner), graceSeconds: 60 }),
    )
  })

  test('is refused for one that is not configured, and for anybody else', async () => {
    const world = await memoryWorld()

    expect(await world.broker.getResource(callerFor(owner), 'ny')).toEqual(err('ResourceHasNotBeenConfigured'))
    for (const who of [anyOrganization(), undefined]) {
      expect(await world.broker.getResource(callerFor(who), 'bilag')).toEqual(err('NoAccessToResource'))
    }
  })
})

describe('approving a resource for unscanned transfers', () => {
  const approval = async ({ stores }: World, id = 'bilag') =>
    (await stores.resources.read(id))?.resource.isApprovedForDisabledVirusScan

  test('changes nothing else, may be repeated and taken back, and tells who did it', async () => {
    const world = await memoryWorld({ graceSeconds: 60 })
    const before = (await world.stores.resources.read('bilag'))?.resource
    const operator = callerFor(anyOrganization())

    for (const approved of [true, true, false, true]) {
      expect(await world.broker.approveUnscanned(operator, 'bilag', approved)).toEqual(ok(undefined))
      expect(await approval(world)).toBe(approved)
    }

    expect((await world.stores.resources.read('bilag'))?.resource).toEqual({
      ...before,
      isApprovedForDisabledVirusScan: true,
    })
    expect(world.log.at(-1)).toMatchObject({
      level: 'info',
      details: { resourceId: 'bilag', isApproved: true, by: operator.organization },
    })
  })

  test('is refused for a resource that Broker does not know', async () => {
    const world = await memoryWorld()

    expect(await world.broker.approveUnscanned(callerFor(owner), 'ny', true)).toEqual(
      err('ResourceHasNotBeenConfigured'),
    )
    expect(await approval(world, 'ny')).toBeUndefined()
  })

  test('survives what the owner configures at the same moment, and after it', async () => {
    const world = await memoryWorld()
    let isFirst = true
    const broker = world.start(({ resources }) => ({
      resources: {
        ...resources,
        async save(resource, replaced) {
          if (isFirst) {
            isFirst = false
            await world.broker.configureResource(callerFor(owner), 'bilag', { maxFileTransferSize: 5 })
          }
          return resources.save(resource, replaced)
        },
      },
    }))

    await broker.approveUnscanned(callerFor(owner), 'bilag', true)
    await world.broker.configureResource(callerFor(owner), 'bilag', { purgeFileTransferGracePeriod: 'PT1H' })

    expect((await world.stores.resources.read('bilag'))?.resource).toMatchObject({
      maxFileTransferSize: 5,
      graceSeconds: 3600,
      isApprovedForDisabledVirusScan: true,
    })
  })
})
