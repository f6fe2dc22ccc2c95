import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import { callerFor, memoryWorld } from '../../support/memoryBroker.js'
import { at, later, request, sender } from '../../support/samples.js'

const DAY = 24 * 3600

describe('initializing with an Idempotency-Key', () => {
  test('leads to one transfer, however often and however parallel it is asked', async () => {
    const { broker, stores } = await memoryWorld()
    const asked = request()

    const ids = await Promise.all(
      Array.from({ length: 5 }, () => broker.initializeFileTransfer(callerFor(sender), asked, 'key')),
    )

    expect(new Set(ids.map((each) => (each.ok ? each.value : each.reason))).size).toBe(1)
    await broker.settled()
    expect(stores.searchIndex.rows().filter(({ actor }) => actor.role === 'Sender')).toHaveLength(1)
  })

  test('is refused for another request', async () => {
    const { broker } = await memoryWorld()
    await broker.initializeFileTransfer(callerFor(sender), request({ fileName: 'one' }), 'key')

    const other = await broker.initializeFileTransfer(callerFor(sender), request({ fileName: 'other' }), 'key')

    expect(other).toEqual(err('IdempotencyKeyReused'))
  })

  test('begins anew after 24 hours', async () => {
    const { broker, clock } = await memoryWorld()
    const asked = request()
    const first = await broker.initializeFileTransfer(callerFor(sender), asked, 'key')
    clock.now = later(DAY)
    const same = await broker.initializeFileTransfer(callerFor(sender), asked, 'key')
    clock.now = later(DAY + 1)

    const second = await broker.initializeFileTransfer(callerFor(sender), asked, 'key')

    expect(same).toEqual(first)
    expect(second).not.toEqual(first)
  })

  test('is not answered with the id of a transfer that could not be created in time', async () => {
    const { broker, stores, clock, read, start } = await memoryWorld()
    const stalled = start(() => ({
      outbox: {
        ...stores.outbox,
        async add(...entry) {
          await stores.outbox.add(...entry)
          clock.now = later(3600)
        },
      },
    }))

    const refused = await stalled.initializeFileTransfer(callerFor(sender), request(), 'key')

    expect(refused).toEqual(err('FileTransferBusy'))
    const again = await broker.initializeFileTransfer(callerFor(sender), request(), 'key')
    expect((await read(again.ok ? again.value : '')).transfer.status).toBe('Initialized')
  })

  test('creates what an earlier request had only claimed', async () => {
    const { broker, stores, read, start } = await memoryWorld()
    const asked = request()
    const dying = start(() => ({
      transfers: {
        ...stores.transfers,
        commit: async () => {
          throw new Error('the process dies')
        },
      },
    }))
    await expect(dying.initializeFileTransfer(callerFor(sender), asked, 'key')).rejects.toThrow()

    const again = await broker.initializeFileTransfer(callerFor(sender), asked, 'key')

    const id = again.ok ? again.value : ''
    expect((await read(id)).transfer).toMatchObject({ id, status: 'Initialized', createdAt: at })
  })
})
