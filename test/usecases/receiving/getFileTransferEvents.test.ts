import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import type { EventEntry } from '../../../src/usecases/ports/events.js'
import { callerFor, memoryWorld, policyOf, type World } from '../../support/memoryBroker.js'
import { anyOrganization, kari, ola, request, sender } from '../../support/samples.js'
import { good } from '../../support/tus.js'

const lines = (entries: EventEntry[]) =>
  entries.map(({ event: { sequence, type, actor }, last }) =>
    [sequence, type, actor.role, actor.organization, last?.status ?? 'never tried'].join(' '),
  )

async function seenBy({ broker }: World, organization: typeof kari, id: string) {
  const found = await broker.getFileTransferEvents(callerFor(organization), id)
  if (!found.ok) throw new Error(found.reason)
  return found.value
}

describe('the events of a file transfer', () => {
  test('are all there for the sender, in order, the sender’s own first', async () => {
    const world = await memoryWorld()
    const id = await world.published()

    expect(lines(await seenBy(world, sender, id))).toEqual([
      `1 filetransferinitialized Sender ${sender} Delivered`,
      `3 uploadprocessing Sender ${sender} Delivered`,
      `5 published Sender ${sender} Delivered`,
      `5 published Recipient ${kari} Delivered`,
      `5 published Recipient ${ola} Delivered`,
    ])
  })

  test('are a recipient’s own for a recipient', async () => {
    const world = await memoryWorld()
    const id = await world.published()

    expect(lines(await seenBy(world, kari, id))).toEqual([`5 published Recipient ${kari} Delivered`])
  })

  test('wait although nothing has been sent, under the ids that they will have', async () => {
    const world = await memoryWorld()
    const crashing = world.start(() => ({ receiver: { post: () => new Promise(() => {}) } }))
    const id = good(await crashing.initializeFileTransfer(callerFor(sender), request()))
    const before = await seenBy(world, sender, id)

    world.advance(60)
    await world.broker.commits.resume()
    await world.work()

    expect(lines(before)).toEqual([`1 filetransferinitialized Sender ${sender} never tried`])
    expect(world.posted.map((event) => event.id)).toEqual(before.map((entry) => entry.id))
  })

  test('are in both roles for a sender that sends to itself', async () => {
    const world = await memoryWorld()
    const id = await world.published({ recipients: [sender] })

    const roles = (await seenBy(world, sender, id)).map(({ event }) => event.actor.role)

    expect(roles).toEqual(['Sender', 'Sender', 'Sender', 'Recipient'])
  })

  test('are shown to whoever may act for a recipient, as that recipient sees them', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const agent = world.start(() => ({ access: policyOf(async (_, { party }) => party === ola) }))

    const found = await agent.getFileTransferEvents(callerFor(anyOrganization()), id)

    expect(found.ok && lines(found.value)).toEqual([`5 published Recipient ${ola} Delivered`])
  })

  test('are not there for a transfer that is not there', async () => {
    const { broker } = await memoryWorld()

    expect(await broker.getFileTransferEvents(callerFor(sender), randomUUID())).toEqual(err('FileTransferNotFound'))
  })

  test.each([anyOrganization(), undefined])('are refused to anybody else (%s)', async (who) => {
    const world = await memoryWorld()
    const id = await world.begin()

    expect(await world.broker.getFileTransferEvents(callerFor(who), id)).toEqual(err('NoAccessToResource'))
  })
})
