import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { evolve } from '../../../src/domain/fileTransfer/evolve.js'
import type { Fact } from '../../../src/domain/fileTransfer/state.js'
import { err } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, policyOf, type World } from '../../support/memoryBroker.js'
import { all, anyOrganization, kari, ola, organization, sender } from '../../support/samples.js'

const down = () => Promise.reject(new Error('It is down.'))

/** What a recipient gets. @throws when it is refused. */
async function download(world: World, id: string, range?: string, who = kari) {
  const answer = await world.broker.downloadFile(callerFor(who), id, range)
  if (!answer.ok) throw new Error(JSON.stringify(answer.reason))
  const { source, ...rest } = answer.value
  return { ...rest, content: Buffer.concat(await all(source.bytes)).toString() }
}

const startedBy = async (world: World, id: string, recipient = kari) =>
  (await world.factsOf(id)).filter((fact) => fact.type === 'DownloadStarted' && fact.recipient === recipient)

describe('downloading a file', () => {
  test('gives the whole file under its name', async () => {
    const world = await memoryWorld()
    const id = await world.published({ fileName: 'årsregnskap.pdf' }, 'hello')

    expect(await download(world, id)).toEqual({
      fileName: 'årsregnskap.pdf',
      sizeBytes: 5,
      range: undefined,
      content: 'hello',
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      entityTag: expect.stringMatching(/^"[\x21\x23-\x7e]+"$/),
    })
    expect(world.stores.blobs.openSources()).toBe(0)
  })

  test.each([
    ['bytes=0-0', 'h', { first: 0, last: 0 }],
    ['bytes=1-3', 'ell', { first: 1, last: 3 }],
    ['bytes=3-', 'lo', { first: 3, last: 4 }],
    ['bytes=-2', 'lo', { first: 3, last: 4 }],
    ['bytes=-99', 'hello', { first: 0, last: 4 }],
    ['bytes=2-99', 'llo', { first: 2, last: 4 }],
    ['bytes=3-1', 'hello', undefined],
    ['bytes=0-1,3-4', 'hello', undefined],
    ['lines=1-2', 'hello', undefined],
  ])('gives the part that %s asks for', async (header, content, range) => {
    const world = await memoryWorld()
    const id = await world.published({}, 'hello')

    expect(await download(world, id, header)).toMatchObject({ content, range, sizeBytes: 5 })
  })

  test('gives the part only of the file that it is asked of, and all of it otherwise', async () => {
    const world = await memoryWorld()
    const id = await world.published({}, 'hello')
    const { entityTag } = await download(world, id)
    const asked = async (ifRange: string) => {
      const answer = await world.broker.downloadFile(callerFor(kari), id, 'bytes=1-3', ifRange)
      return answer.ok ? [answer.value.range, answer.value.entityTag] : answer
    }

    expect(await asked(entityTag)).toEqual([{ first: 1, last: 3 }, entityTag])
    expect(await asked('"other"')).toEqual([undefined, entityTag])
  })

  test('gives an empty file', async () => {
    const world = await memoryWorld()
    const id = await world.published({}, '')

    expect(await download(world, id)).toMatchObject({ content: '', sizeBytes: 0 })
  })

  test('is recorded before the first byte, with the vendor who acts for the recipient', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const vendor = organization('999888777')

    const answer = await world.broker.downloadFile(callerFor(kari, vendor), id, undefined)

    expect(answer.ok).toBe(true)
    expect(await startedBy(world, id)).toMatchObject([{ recipient: kari, vendor }])
    expect((await world.read(id)).transfer.recipients).toMatchObject({
      [kari]: { status: 'DownloadStarted' },
      [ola]: { status: 'Initialized' },
    })
  })

  test('is recorded each time for the whole file', async () => {
    const world = await memoryWorld()
    const id = await world.published()

    for (let i = 0; i < 3; i++) await download(world, id)

    expect(await startedBy(world, id)).toHaveLength(3)
  })

  test('in parts is one download for five minutes, of each recipient', async () => {
    const world = await memoryWorld()
    const id = await world.published()

    await download(world, id, 'bytes=0-1')
    world.advance(299)
    await download(world, id, 'bytes=2-3')
    await download(world, id, 'bytes=0-1', ola)
    expect(await startedBy(world, id)).toHaveLength(1)
    expect(await startedBy(world, id, ola)).toHaveLength(1)

    world.advance(1)
    await download(world, id, 'bytes=4-')
    expect(await startedBy(world, id)).toHaveLength(2)
  })

  test('in parts, all asked for at once by several processes, is one download', async () => {
    const world = await memoryWorld()
    const id = await world.published()

    await Promise.all(
      ['bytes=0-0', 'bytes=1-1', 'bytes=2-2', 'bytes=3-3'].map((range) =>
        world.start().downloadFile(callerFor(kari), id, range),
      ),
    )

    expect(await startedBy(world, id)).toHaveLength(1)
  })

  test('again after a confirmation is recorded, and the recipient has still confirmed', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    await download(world, id)
    await world.broker.confirmDownload(callerFor(kari), id)

    await download(world, id)

    expect(await startedBy(world, id)).toHaveLength(2)
    expect((await world.read(id)).transfer.recipients[kari]?.status).toBe('DownloadConfirmed')
  })

  test('is possible while the transfer is closed and not yet purged', async () => {
    const world = await memoryWorld()
    const id = await world.confirmed()

    expect(await download(world, id)).toMatchObject({ content: 'hello' })
    expect((await world.read(id)).transfer.status).toBe('AllConfirmedDownloaded')
  })

  test('is refused for a transfer that is not there', async () => {
    const world = await memoryWorld()

    expect(await world.broker.downloadFile(callerFor(kari), randomUUID(), undefined)).toEqual(
      err('FileTransferNotFound'),
    )
  })

  test.each([
    ['the sender', sender],
    ['another organisation', anyOrganization()],
    ['a person without an organisation', undefined],
  ])('is refused for %s, whatever the policy says', async (_, who) => {
    const world = await memoryWorld()
    const id = await world.published()
    const broker = world.start(() => ({ access: policyOf(async () => true) }))

    expect(await broker.downloadFile(callerFor(who), id, undefined)).toEqual(err('NoAccessToResource'))
    expect(await world.factsOf(id)).toHaveLength(5)
  })

  test('is refused for a recipient that the policy does not let receive', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const broker = world.start(() => ({ access: policyOf(async () => false) }))

    expect(await broker.downloadFile(callerFor(kari), id, undefined)).toEqual(err('NoAccessToResource'))
  })

  test('is refused before the file is published, and after it is purged', async () => {
    const world = await memoryWorld()
    const [begun, uploaded, purged] = [await world.begin(), await world.uploaded(), await world.confirmed()]
    world.advance(7200)
    await world.broker.expireDue()
    await world.work()

    for (const id of [begun, uploaded, purged]) {
      expect(await world.broker.downloadFile(callerFor(kari), id, undefined)).toEqual(err('FileTransferNotAvailable'))
    }
  })

  test('of a part outside the file is refused with the size, and is no download', async () => {
    const world = await memoryWorld()
    const id = await world.published({}, 'hello')

    const answer = await world.broker.downloadFile(callerFor(kari), id, 'bytes=5-')

    expect(answer).toEqual(err({ problem: 'InvalidByteRange', sizeBytes: 5, entityTag: expect.any(String) }))
    expect(await startedBy(world, id)).toEqual([])
  })

  test('closes the source when another process purges the transfer at that moment', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const broker = world.start(({ outbox, transfers }) => ({
      outbox: {
        ...outbox,
        async add(mark, deadlines) {
          await outbox.add(mark, deadlines)
          const { transfer, version } = await world.read(id)
          const fact: Fact = { type: 'Purged', released: [], at: transfer.lastFactAt }
          await transfers.commit(evolve(transfer, fact), [fact], randomUUID(), version)
        },
      },
    }))

    const answer = await broker.downloadFile(callerFor(kari), id, undefined)

    expect(answer).toEqual(err('FileTransferNotAvailable'))
    expect(world.stores.blobs.openSources()).toBe(0)
    expect(await startedBy(world, id)).toEqual([])
  })

  test('closes the source when the download cannot be recorded', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    const broker = world.start(({ transfers }) => ({ transfers: { ...transfers, commit: down } }))

    await expect(broker.downloadFile(callerFor(kari), id, undefined)).rejects.toThrow('It is down.')

    expect(world.stores.blobs.openSources()).toBe(0)
  })

  test('fails when the file is not the one that was recorded', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    for (const place of world.stores.blobs.locations()) await world.stores.blobs.remove(place)

    await expect(world.broker.downloadFile(callerFor(kari), id, undefined)).rejects.toThrow('not in storage')
  })
})
