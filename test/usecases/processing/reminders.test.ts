import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, type World } from '../../support/memoryBroker.js'
import { anyOrganizations, kari, ola, request, sender } from '../../support/samples.js'

const DAY = 86_400
const RESOURCE = { reminders: [7 * DAY, -2 * DAY] }

/** The timer runs, and what it found is worked off. */
async function tick(world: World) {
  await world.broker.expireDue()
  await world.work()
}
const pass = async (world: World, days: number) => {
  world.advance(days * DAY)
  await tick(world)
}
const confirm = async ({ broker }: World, id: string, who: typeof kari) => {
  await broker.downloadFile(callerFor(who), id, undefined)
  await broker.confirmDownload(callerFor(who), id)
  await broker.settled()
}
const reminded = ({ posted }: World) =>
  posted
    .filter(({ type }) => type === 'no.altinn.broker.downloadreminder')
    .map((event) => `${event.alternativesubject?.slice(-9)} ${event.data.Role}`)
    .toSorted()

describe('reminders', () => {
  test('go to each recipient at each time, and to nobody else', async () => {
    const world = await memoryWorld(RESOURCE)
    const id = await world.published()

    await pass(world, 6.9)
    expect(reminded(world)).toEqual([])
    await pass(world, 0.1)
    const both = [`${kari} Recipient`, `${ola} Recipient`].toSorted()
    expect(reminded(world)).toEqual(both)
    await pass(world, 20.9)
    expect(reminded(world)).toEqual(both)
    await pass(world, 0.1)
    expect(reminded(world)).toEqual([...both, ...both].toSorted())

    await pass(world, 3)
    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(reminded(world)).toHaveLength(4)
    expect(world.log.filter(({ event }) => event === 'fileTransfer.reminded')).toMatchObject([
      { details: { recipients: 2 } },
      { details: { recipients: 2 } },
    ])
  })

  test('do not go to a recipient who has confirmed, and end with the last confirmation', async () => {
    const world = await memoryWorld(RESOURCE)
    const id = await world.published()
    await confirm(world, id, kari)

    await pass(world, 7)
    expect(reminded(world)).toEqual([`${ola} Recipient`])
    await confirm(world, id, ola)
    await pass(world, 21)

    expect(reminded(world)).toHaveLength(1)
  })

  test('that the timer was too late for are one, with one event for each recipient', async () => {
    const world = await memoryWorld({ reminders: [DAY, 2 * DAY, 3 * DAY] })
    await world.published()

    await pass(world, 10)
    await pass(world, 10)

    expect(reminded(world)).toHaveLength(2)
  })

  test('that the timer comes to after the expiry are not sent: the file is deleted', async () => {
    const world = await memoryWorld(RESOURCE)
    const id = await world.published()

    await pass(world, 31)

    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(reminded(world)).toEqual([])
    expect(await Array.fromAsync(world.stores.due.dueBy(new Date(8e15)))).toEqual([])
  })

  test('are sent once, however often their message comes', async () => {
    const world = await memoryWorld(RESOURCE)
    await world.published()
    world.advance(7 * DAY)
    await world.broker.expireDue()
    const [message] = world.stores.messages.take(world.clock.now)
    if (!message) throw new Error('There is no message.')

    for (let times = 0; times < 3; times++) await world.handle(message)
    await world.work()

    expect(reminded(world)).toHaveLength(2)
    expect(new Set(world.posted.map(({ id }) => id)).size).toBe(world.posted.length)
  })

  test('do not go to a recipient who confirmed before, whoever is first in the same moment', async () => {
    for (let round = 0; round < 20; round++) {
      const world = await memoryWorld({ reminders: [DAY] })
      const id = await world.published()
      await world.broker.downloadFile(callerFor(kari), id, undefined)
      world.advance(DAY)
      await world.broker.expireDue()
      const [message] = world.stores.messages.take(world.clock.now)
      if (!message) throw new Error('There is no message.')
      const acts = [() => world.broker.confirmDownload(callerFor(kari), id), () => world.handle(message)]

      await Promise.all((round % 2 === 0 ? acts : acts.toReversed()).map((act) => act()))
      await world.work()

      const types = (await world.factsOf(id)).map(({ type }) => type)
      const wasFirst = types.indexOf('DownloadConfirmed') < types.indexOf('DownloadReminded')
      const whom = wasFirst ? [ola] : [kari, ola]
      expect(types.filter((type) => type === 'DownloadReminded')).toHaveLength(1)
      expect(reminded(world)).toEqual(whom.map((each) => `${each} Recipient`).toSorted())
    }
  })

  test('go to a thousand recipients, as one row', async () => {
    const world = await memoryWorld(RESOURCE)
    const id = await world.published({ recipients: anyOrganizations(1000) })

    await pass(world, 7)
    await pass(world, 1) // events of so many are enqueued one after the other

    expect(reminded(world)).toHaveLength(1000)
    expect((await world.factsOf(id)).filter(({ type }) => type === 'DownloadReminded')).toHaveLength(1)
  })

  test('are in the delivery log of the sender, and a recipient has its own', async () => {
    const world = await memoryWorld(RESOURCE)
    const id = await world.published()
    await pass(world, 7)

    const seen = async (who: typeof kari) => {
      const log = await world.broker.getFileTransferEvents(callerFor(who), id)
      return log.ok && log.value.filter(({ event }) => event.type === 'downloadreminder').length
    }

    expect([await seen(sender), await seen(kari)]).toEqual([2, 1])
  })
})

describe('the reminders that a sender chooses', () => {
  test('are a part of the request that an idempotency key stands for', async () => {
    const { broker } = await memoryWorld(RESOURCE)
    const begin = (reminders?: number[]) =>
      broker.initializeFileTransfer(callerFor(sender), request({ reminders }), 'a key')

    const first = await begin([7 * DAY])

    expect(await begin([7 * DAY])).toEqual(first)
    expect(await begin([])).toEqual(err('IdempotencyKeyReused'))
    expect(await begin()).toEqual(err('IdempotencyKeyReused'))
  })
})
