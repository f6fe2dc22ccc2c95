import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import type { InboxCursor } from '../../../src/usecases/receiving/listInboxChanges.js'
import { callerFor, memoryWorld, policyOf, scanOf, type World } from '../../support/memoryBroker.js'
import { kari, ola } from '../../support/samples.js'

type Asked = { cursor?: InboxCursor | 'latest'; limit?: number; seconds?: number; ending?: AbortSignal }
const list = ({ broker }: Pick<World, 'broker'>, who = kari, asked: Asked = {}) =>
  broker.listInboxChanges(callerFor(who), {
    cursor: undefined,
    limit: 100,
    seconds: undefined,
    ending: new AbortController().signal,
    ...asked,
  })
async function good(listed: ReturnType<typeof list>) {
  const found = await listed
  if (!found.ok) throw new Error(found.reason)
  return found.value
}
const typesOf = async (listed: ReturnType<typeof list>) => (await good(listed)).changes.map(({ type }) => type)

describe('what is new in an inbox', () => {
  test('is what concerns the organisation as a recipient, with the ids of the events at Altinn', async () => {
    const world = await memoryWorld()
    const id = await world.confirmed()
    const { changes } = await good(list(world))

    expect(changes.map(({ type, fileTransferId }) => [type, fileTransferId])).toEqual([
      ['published', id],
      ['downloadconfirmed', id],
    ])
    expect(changes.map(({ eventId }) => eventId)).toEqual(
      world.posted.filter(({ data }) => data.Role === 'Recipient').map((event) => event.id),
    )
    expect(await typesOf(list(world, ola))).toEqual([])
  })

  test('is also that a file was withdrawn, and that one was never confirmed', async () => {
    const world = await memoryWorld()
    const withdrawn = await world.uploaded({ recipients: [kari], disableVirusScan: false })
    await world.broker.recordScanResult(scanOf((await world.read(withdrawn)).transfer))
    await world.broker.recordScanResult(scanOf((await world.read(withdrawn)).transfer, 'Malicious'))
    await world.published({ recipients: [kari] })
    await world.work()
    world.advance(31 * 86_400)
    await world.broker.expireDue()
    await world.work()

    expect(await typesOf(list(world))).toEqual([
      'published',
      'uploadfailed',
      'published',
      'fileneverconfirmeddownloaded',
    ])
  })

  test('comes page by page, from the oldest on, and after the cursor', async () => {
    const world = await memoryWorld()
    const ids = [await world.published(), await world.published(), await world.published()]
    const first = await good(list(world, kari, { limit: 2 }))
    const second = await good(list(world, kari, { limit: 2, cursor: first.cursor }))
    const end = await good(list(world, kari, { cursor: second.cursor }))

    expect([...first.changes, ...second.changes].map(({ fileTransferId }) => fileTransferId)).toEqual(ids)
    expect([first.hasMore, second.hasMore, end.hasMore]).toEqual([true, false, false])
    expect(end).toMatchObject({ changes: [], cursor: second.cursor })
  })

  test('can be left out up to now', async () => {
    const world = await memoryWorld()
    await world.published()
    const end = await good(list(world, kari, { cursor: 'latest' }))
    const id = await world.published()

    expect(end).toMatchObject({ changes: [], hasMore: false })
    expect((await good(list(world, kari, { cursor: end.cursor }))).changes).toMatchObject([{ fileTransferId: id }])
  })

  test('leaves out what the caller may not read, and goes on behind it', async () => {
    const world = await memoryWorld()
    await world.published()
    const broker = world.start(() => ({ access: policyOf(async () => false) }))
    const hidden = await good(list({ broker }))

    expect(hidden.changes).toEqual([])
    expect((await good(list(world, kari, { cursor: hidden.cursor }))).changes).toEqual([])
  })

  test('asks the policy once about each resource, and may take a decision of some seconds ago', async () => {
    const world = await memoryWorld()
    await world.published()
    await world.published()
    const asked: unknown[] = []
    const broker = world.start(() => ({
      access: policyOf(async (_, question) => asked.push(question) > 0),
    }))
    await list({ broker })

    expect(asked).toEqual([{ actions: ['read'], resourceId: 'bilag', party: kari, isReadOnly: true }])
  })

  test('is refused to who stands for no organisation', async () => {
    const { broker } = await memoryWorld()
    const request = { cursor: undefined, limit: 1, seconds: undefined, ending: AbortSignal.abort() }

    expect(await broker.listInboxChanges(callerFor(undefined), request)).toEqual(err('NoAccessToResource'))
  })

  test('is gone after a cursor of another inbox, of the future, or of what has been removed', async () => {
    const world = await memoryWorld()
    await world.published()
    await world.published()
    const { cursor } = await good(list(world, kari, { limit: 1 }))
    const others = (await good(list(world, ola))).cursor
    const gone = err('InboxCursorExpired')

    expect(await list(world, kari, { cursor: others })).toEqual(gone)
    expect(await list(world, kari, { cursor: { ...cursor, sequence: 3 } })).toEqual(gone)
    world.advance(31 * 86_400)
    await world.broker.sweepOrphans()
    expect(await list(world, kari, { cursor })).toEqual(gone)
    const anew = await good(list(world))
    expect(anew).toMatchObject({ changes: [], hasMore: false })
    await world.published()
    expect(await typesOf(list(world, kari, { cursor: anew.cursor }))).toEqual(['published'])
  })

  test('is waited for, and comes as soon as it is there', async () => {
    const world = await memoryWorld()
    let isWaiting = () => {}
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve
    })
    const broker = world.start(() => ({
      pause: () => {
        isWaiting()
        return new Promise(() => {})
      },
    }))
    const { cursor } = await good(list({ broker }))
    const waited = typesOf(list({ broker }, kari, { cursor, seconds: 30 }))
    await waiting
    const id = await world.begin({ disableVirusScan: true })
    await broker.uploadFile(callerFor((await world.read(id)).transfer.sender), id, {
      body: (async function* () {
        yield Buffer.from('hello')
      })(),
      declaredBytes: 5,
    })

    expect(await waited).toEqual(['published'])
  })
})
