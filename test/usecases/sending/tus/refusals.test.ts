import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { WHOLE } from '../../../../src/domain/tus/upload.js'
import type { Ports } from '../../../../src/usecases/broker.js'
import { callerFor, memoryWorld, uploadOf } from '../../../support/memoryBroker.js'
import { kari, sender } from '../../../support/samples.js'
import { fileOf, good, tusCaller, tusClient, withBlocksOf } from '../../../support/tus.js'

const refusal = (reason: string) => ({ ok: false, reason })
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')
const withoutResources = ({ resources }: Ports): Partial<Ports> => ({
  resources: { ...resources, recent: async () => undefined },
})

/** A transfer that waits for its file, and the client of its sender. */
async function waiting(resource = {}) {
  const world = await memoryWorld(resource)
  const id = await world.begin({ disableVirusScan: true })
  return { world, id, client: tusClient(world.broker, id) }
}

/** A transfer with an upload of ten bytes. */
async function begun(resource = {}) {
  const { world, id, client } = await waiting(resource)
  good(await client.create(10))
  return { world, id, client }
}

/** Parts with these contents, all sent. */
async function withParts(contents: string[]) {
  const { world, id, client } = await waiting()
  const parts: string[] = []
  for (const content of contents) {
    const part = good(await client.create(content.length, { kind: 'part' }))
    if (content !== '') good(await client.patch(0, content, part.id))
    parts.push(part.id)
  }
  return { world, id, client, parts }
}

/** A process in which another upload is complete just when this one is about to be changed. */
const overtakenBy = (act: () => Promise<unknown>) => {
  let isFirst = true
  return ({ tusUploads }: Ports): Partial<Ports> => ({
    tusUploads: {
      ...tusUploads,
      async ofFileTransfer(id) {
        const found = await tusUploads.ofFileTransfer(id)
        if (isFirst) {
          isFirst = false
          await act()
        }
        return found
      },
    },
  })
}

describe('beginning a TUS upload', () => {
  test('is refused for a transfer that is not there, for a token that is over without a word about that', async () => {
    const { broker } = await memoryWorld()

    expect(await tusClient(broker, 'nothing').create(1)).toEqual(refusal('FileTransferNotFound'))
    expect(await tusClient(broker, 'nothing', tusCaller(sender, 'client', true)).create(1)).toEqual(
      refusal('TokenExpired'),
    )
  })

  test('is for the sender alone', async () => {
    const { world, id } = await waiting()

    expect(await tusClient(world.broker, id, tusCaller(kari)).create(1)).toEqual(refusal('NoAccessToResource'))
  })

  test('is refused once the transfer has its file', async () => {
    const { world, id, client } = await waiting()
    await world.broker.uploadFile(callerFor(sender), id, uploadOf('plain'))

    expect(await client.create(1)).toEqual(refusal('FileTransferAlreadyUploaded'))
  })

  test('is refused when another upload is complete just before it', async () => {
    const { world, id } = await waiting()
    const late = world.start(overtakenBy(() => world.broker.uploadFile(callerFor(sender), id, uploadOf('plain'))))

    expect(await tusClient(late, id).create(1)).toEqual(refusal('FileTransferAlreadyUploaded'))
    expect((await fileOf(world, id))?.bytes.toString()).toBe('plain')
  })

  test('is refused without a resource', async () => {
    const { world, id } = await waiting()

    expect(await tusClient(world.start(withoutResources), id).create(1)).toEqual(refusal('InvalidResourceDefinition'))
  })

  test.each(['whole', 'part'] as const)('is refused for a %s that is longer than the resource allows', async (kind) => {
    const { client } = await waiting({ maxFileTransferSize: 10 })

    expect(await client.create(11, { kind })).toEqual(refusal('UploadTooLarge'))
    expect((await client.create(10, { kind })).ok).toBe(true)
  })

  test.each([
    ['of the same length is one upload', 10, { ok: true }],
    ['of different lengths has one winner', 11, refusal('FileTransferBusy')],
  ])('twice at once %s', async (_, length, outcome) => {
    const { world, id, client } = await waiting()
    const late = world.start(overtakenBy(() => client.create(10)))

    expect(await tusClient(late, id).create(length)).toMatchObject(outcome)
    expect(good(await client.head()).lengthBytes).toBe(10)
  })

  test('whose record others change all the time is to be tried again', async () => {
    const { world, id } = await waiting()
    let tries = 0
    const unlucky = world.start(({ tusUploads }) => ({
      tusUploads: {
        ...tusUploads,
        async save() {
          tries++
          return 'conflict'
        },
      },
    }))

    expect(await tusClient(unlucky, id).create(10)).toEqual(refusal('FileTransferBusy'))
    expect(tries).toBe(5)
  })

  test('without a byte is at once the whole file', async () => {
    const { world, id, client } = await waiting()

    expect(good(await client.create(0)).offset).toBe(0)

    expect(await fileOf(world, id)).toMatchObject({ sizeBytes: 0, md5: 'd41d8cd98f00b204e9800998ecf8427e' })
  })
})

describe('appending to a TUS upload', () => {
  test('is refused for a transfer that is not there, for a token that is over without a word about that', async () => {
    const { broker } = await memoryWorld()

    expect(await tusClient(broker, 'nothing').patch(0, '1')).toEqual(refusal('FileTransferNotFound'))
    expect(await tusClient(broker, 'nothing', tusCaller(sender, 'client', true)).patch(0, '1')).toEqual(
      refusal('TokenExpired'),
    )
  })

  test('is for the sender alone, also for who has a token without a subject', async () => {
    const { world, id } = await begun()
    const nameless = { ...tusCaller(kari), claims: { sub: 7 } }

    expect(await tusClient(world.broker, id, tusCaller(kari)).patch(0, '1')).toEqual(refusal('NoAccessToResource'))
    expect(await tusClient(world.broker, id, nameless).patch(0, '1')).toEqual(refusal('NoAccessToResource'))
  })

  test('is refused at another place than the end, and for more bytes than are to come', async () => {
    const { client } = await begun()
    good(await client.patch(0, '123'))

    expect(await client.patch(2, '3')).toEqual(refusal('OffsetMismatch'))
    expect(await client.patch(4, '5')).toEqual(refusal('OffsetMismatch'))
    expect(await client.patch(3, '45678901', WHOLE, { declaredBytes: 8 })).toEqual(refusal('TooManyBytes'))
    expect(await client.patch(3, '45678901')).toEqual(refusal('TooManyBytes'))
    expect(good(await client.patch(3, '4567890', WHOLE, { declaredBytes: 7 })).offset).toBe(10)
  })

  test('is refused for a part that belongs to an attempt of old', async () => {
    const { world, id, client } = await begun()
    const part = good(await client.create(5, { kind: 'part' }))
    good(await client.create(11)) // takes the place of the first attempt

    expect(await client.patch(0, '1', part.id)).toEqual(refusal('UploadNotFound'))
    expect((await world.read(id)).transfer.status).toBe('UploadStarted')
  })

  test('is refused for a part once the transfer has its file', async () => {
    const { client, parts } = await withParts(['one', 'two'])
    const rest = good(await client.create(3, { kind: 'part' }))
    good(await client.join(parts))

    const answer = await client.patch(0, 'x', rest.id)

    expect(answer).toEqual(refusal('UploadNotFound'))
  })

  test('is refused for a file that was joined from its parts', async () => {
    const { world, client, parts } = await withParts(['one', 'two'])
    good(await client.join(parts))
    await world.broker.settled()

    expect(await client.patch(6, 'x')).toEqual(refusal('UploadIsFinal'))
  })

  test('keeps nothing whose checksum is not the one that was sent along', async () => {
    const { client } = await begun()
    const checksum = { algorithm: 'sha256' as const, digest: sha256('123') }

    expect(await client.patch(0, '124', WHOLE, { checksum })).toEqual(refusal('BytesDamaged'))
    expect(good(await client.head()).offset).toBe(0)
    expect(good(await client.patch(0, '123', WHOLE, { checksum })).offset).toBe(3)
  })

  test('of a dependency that is down for a while is not answered as a fault of the upload', async () => {
    const { world, id, client } = await begun()
    await withBlocksOf(2, world, id)
    const outage = Object.assign(new Error('The storage is busy.'), { statusCode: 503 })
    const down = world.start(({ blocks }) => ({ blocks: { ...blocks, stage: () => Promise.reject(outage) } }))

    await expect(tusClient(down, id).patch(0, '1234')).rejects.toBe(outage)

    expect(world.log).toContainEqual(expect.objectContaining({ event: 'upload.bytesNotStored' }))
    expect(good(await client.patch(0, '1234')).offset).toBe(4)
  })

  test.each([
    ['is not kept', undefined],
    ['was kept by another version', 'of another version'],
  ])('after blocks whose running MD5 %s ends in a file that is read once more', async (_, md5State) => {
    const { world, id, client } = await begun()
    await withBlocksOf(2, world, id)
    good(await client.patch(0, '1234'))
    const { tusUploads } = world.stores
    const read = await tusUploads.read(id, WHOLE)
    if (!read) throw new Error('There is no upload.')
    const { md5State: _kept, ...upload } = read.upload
    await tusUploads.save(id, { ...upload, ...(md5State !== undefined && { md5State }) }, read.version)

    good(await client.patch(4, '567890'))
    expect((await world.read(id)).transfer.status).toBe('UploadProcessing')
    await world.work()

    const md5 = createHash('md5').update('1234567890').digest('hex')
    expect((await world.read(id)).transfer).toMatchObject({ status: 'Published', file: { md5 } })
    const unreadable = world.log.filter(({ event }) => event === 'upload.md5StateUnreadable')
    expect(unreadable).toHaveLength(md5State === undefined ? 0 : 1)
  })
})

describe('joining parts', () => {
  test.each([
    ['without any', () => [], 'PartMissing'],
    ['with one that is not there', ([one = '']: string[]) => [one, 'f'.repeat(32)], 'PartMissing'],
    ['with one twice', ([one = '']: string[]) => [one, one], 'PartTwice'],
  ])('%s is refused', async (_, order, reason) => {
    const { client, parts } = await withParts(['one', 'two'])

    expect(await client.join(order(parts))).toEqual(refusal(reason))
  })

  test('is refused as long as one of them is not complete', async () => {
    const { client, parts } = await withParts(['one'])
    const rest = good(await client.create(3, { kind: 'part' }))

    expect(await client.join([...parts, rest.id])).toEqual(refusal('PartUnfinished'))
  })

  test.each([
    ['in the same order is answered the same', (parts: string[]) => parts, { ok: true }],
    ['in another order is refused', (parts: string[]) => parts.toReversed(), refusal('JoinedAlready')],
  ])('again, before the file is made, %s', async (_, order, outcome) => {
    const { world, id, client, parts } = await withParts(['one', 'two'])
    const down = () => Promise.reject(new Error('The storage makes no file.'))
    const broken = world.start(({ blocks }) => ({ blocks: { ...blocks, commit: down } }))
    good(await tusClient(broken, id).join(parts))
    expect((await world.read(id)).transfer.status).toBe('UploadStarted')

    expect(await client.join(order(parts))).toMatchObject(outcome)

    good(await client.head())
    expect((await fileOf(world, id))?.bytes.toString()).toBe('onetwo')
  })

  test('twice at once has one winner', async () => {
    const { world, id, client, parts } = await withParts(['one', 'two'])
    const broken = world.start(({ blocks }) => ({
      blocks: { ...blocks, commit: () => Promise.reject(new Error('The storage makes no file.')) },
    }))
    const late = world.start(overtakenBy(() => tusClient(broken, id).join(parts.toReversed())))

    expect(await tusClient(late, id).join(parts)).toEqual(refusal('UploadLocked'))

    good(await client.head())
    expect((await fileOf(world, id))?.bytes.toString()).toBe('twoone')
  })

  test('without a byte makes an empty file, its MD5 known', async () => {
    const { world, id, client, parts } = await withParts([''])

    good(await client.join(parts))

    expect(await fileOf(world, id)).toMatchObject({ sizeBytes: 0, md5: 'd41d8cd98f00b204e9800998ecf8427e' })
  })

  test('is refused once the transfer has its file', async () => {
    const { world, id, client, parts } = await withParts(['one'])
    await world.broker.uploadFile(callerFor(sender), id, uploadOf('plain'))

    expect(await client.join(parts)).toEqual(refusal('FileTransferAlreadyUploaded'))
  })
})

describe('ending a TUS upload', () => {
  test('is refused for one that is not there', async () => {
    const { client } = await waiting()

    expect(await client.end()).toEqual(refusal('UploadNotFound'))
    good(await client.create(10))
    expect(await client.end('f'.repeat(32))).toEqual(refusal('UploadNotFound'))
  })

  test('is refused while bytes come, and possible afterwards', async () => {
    const { world, client } = await begun()
    const { promise, resolve: goOn } = Promise.withResolvers<void>()
    async function* held() {
      yield Buffer.from('12345')
      await promise
    }
    const writing = client.patch(0, '', WHOLE, { body: held() })
    await expect.poll(async () => good(await client.head()).lease).toBe(1)

    expect(await client.end()).toEqual(refusal('UploadLocked'))
    goOn()
    good(await writing)

    expect(await client.end()).toEqual({ ok: true, value: undefined })
    await world.broker.settled()
    expect(await client.head()).toEqual(refusal('UploadNotFound'))
  })

  test('of one part leaves the others, and nothing of its own', async () => {
    const { world, id, client, parts } = await withParts(['one'])
    const ended = good(await client.create(9, { kind: 'part' }))
    good(await client.patch(0, 'xxx', ended.id))
    const empty = good(await client.create(9, { kind: 'part' }))
    expect(world.stores.blocks.tails()).toHaveLength(1)

    expect((await client.end(ended.id)).ok).toBe(true)
    expect((await client.end(empty.id)).ok).toBe(true)

    expect(world.stores.blocks.tails()).toEqual([])
    good(await client.join(parts))
    expect((await fileOf(world, id))?.bytes.toString()).toBe('one')
  })

  test('is refused for parts that have been joined, also before the file is made', async () => {
    const { world, id, client, parts } = await withParts(['one', 'two'])
    const broken = world.start(({ blocks }) => ({
      blocks: { ...blocks, commit: () => Promise.reject(new Error('The storage makes no file.')) },
    }))
    good(await tusClient(broken, id).join(parts))

    expect(await client.end(parts[0])).toEqual(refusal('UploadIsComplete'))
  })

  test('of the last of an attempt gives the attempt up; the transfer waits for another', async () => {
    const { world, id, client } = await begun()
    good(await client.patch(0, '123'))

    expect((await client.end()).ok).toBe(true)
    await world.broker.settled()

    expect((await world.factsOf(id)).at(-1)?.type).toBe('UploadAbandoned')
    expect(world.stores.blocks.tails()).toEqual([])
    good(await client.create(3))
    expect(good(await client.patch(0, 'new')).offset).toBe(3)
  })
})
