import { describe, expect, test } from 'vitest'
import type { SearchRequest } from '../../../src/domain/projections/search.js'
import { err } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, policyOf, type World } from '../../support/memoryBroker.js'
import { kari, ola, sender } from '../../support/samples.js'

const asSender = { resourceId: 'bilag', role: 'Sender' as const }
const asRecipient = { resourceId: 'bilag', role: 'Recipient' as const }
const whole = { after: undefined, limit: 100 }

async function listed(
  { broker }: Pick<World, 'broker'>,
  who: typeof kari,
  request: SearchRequest & { role: 'Sender' | 'Recipient' },
  page: Parameters<World['broker']['listFileTransfers']>[2] = whole,
) {
  const found = await broker.listFileTransfers(callerFor(who), request, page)
  if (!found.ok) throw new Error(found.reason)
  return found.value
}

describe('listing file transfers', () => {
  test('gives what the organisation sends or what it receives, as it is now', async () => {
    const world = await memoryWorld()
    const id = await world.published({ recipients: [kari, ola] })
    await world.broker.downloadFile(callerFor(kari), id, undefined)

    const [sent, received, ofAStranger] = [
      await listed(world, sender, asSender),
      await listed(world, kari, asRecipient),
      await listed(world, sender, asRecipient),
    ]

    expect(sent.transfers).toMatchObject([
      { id, status: 'Published', recipients: { [kari]: { status: 'DownloadStarted' } } },
    ])
    expect(received.transfers).toEqual(sent.transfers)
    expect(ofAStranger.transfers).toEqual([])
  })

  test('goes on after the limit, until all are listed once', async () => {
    const world = await memoryWorld()
    const all: string[] = []
    for (let i = 0; i < 5; i++) all.push(await world.begin())

    const seen: string[][] = []
    let after: Parameters<World['broker']['listFileTransfers']>[2]['after']
    do {
      const { transfers, next } = await listed(world, sender, asSender, { after, limit: 2 })
      seen.push(transfers.map(({ id }) => id))
      after = next
    } while (after)

    expect(seen.map((page) => page.length)).toEqual([2, 2, 1])
    expect(seen.flat().toSorted()).toEqual(all.toSorted())
  })

  test('leaves out what is in the index alone', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const gone = world.start(({ transfers }) => ({ transfers: { ...transfers, read: async () => undefined } }))

    expect((await listed(world, sender, asSender)).transfers).toMatchObject([{ id }])
    expect((await listed({ broker: gone }, sender, asSender)).transfers).toEqual([])
  })

  test.each([
    ['write', asSender],
    ['read', asRecipient],
  ] as const)('needs the right to %s', async (action, request) => {
    const world = await memoryWorld()
    const mayOnly = (permitted: 'write' | 'read') =>
      world.start(() => ({ access: policyOf(async (_, { actions }) => actions.includes(permitted)) }))
    const other = action === 'write' ? 'read' : 'write'

    expect((await mayOnly(action).listFileTransfers(callerFor(kari), request, whole)).ok).toBe(true)
    expect(await mayOnly(other).listFileTransfers(callerFor(kari), request, whole)).toEqual(err('NoAccessToResource'))
  })

  test('of a resource that does not exist is refused', async () => {
    const { broker } = await memoryWorld()

    expect(await broker.listFileTransfers(callerFor(kari), { ...asSender, resourceId: 'none' }, whole)).toEqual(
      err('NoAccessToResource'),
    )
  })
})
