import { describe, expect, test } from 'vitest'
import { attemptsInUse, fileOf } from '../../../src/domain/fileTransfer/state.js'
import { resumeSideEffects } from '../../../src/usecases/commit/sideEffects.js'
import { memoryWorld } from '../../support/memoryBroker.js'
import { good, tusClient } from '../../support/tus.js'

const nothing = { projections: [], events: [], counted: [], statistics: [], obsoleteDeadlines: [] }

describe('the side effects of a change', () => {
  test('never deletes the file that the state holds', async () => {
    const world = await memoryWorld()
    const { transfer } = await world.read(await world.published())
    const attemptId = fileOf(transfer)?.attemptId ?? ''

    await resumeSideEffects(world.broker.ports, transfer, { ...nothing, released: [attemptId], resumable: [] })

    expect(world.stores.blobs.locations()).toMatchObject([{ attemptId }])
  })

  test('never discards an upload that the state holds', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const client = tusClient(world.broker, id)
    good(await client.create(10))
    good(await client.patch(0, 'hello'))
    const { transfer } = await world.read(id)
    const [attemptId = ''] = attemptsInUse(transfer)

    await resumeSideEffects(world.broker.ports, transfer, { ...nothing, released: [attemptId], resumable: [attemptId] })

    expect(good(await client.head()).offset).toBe(5)
    expect(good(await client.patch(5, 'world')).offset).toBe(10)
  })
})
