import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { isComplete, MAX_PARTS, WHOLE } from '../../../../src/domain/tus/upload.js'
import type { Ports } from '../../../../src/usecases/broker.js'
import { callerFor, memoryWorld, scanOf, uploadOf, type World } from '../../../support/memoryBroker.js'
import { later, sender } from '../../../support/samples.js'
import { fileOf, good, tusCaller, tusClient, withBlocksOf } from '../../../support/tus.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const down = () => Promise.reject(new Error('It is down.'))
const typesOf = async (world: World, id: string) => (await world.factsOf(id)).map(({ type }) => type)
const statusOf = async (world: World, id: string) => (await world.read(id)).transfer.status
const uploadsOf = async (world: World, id: string) =>
  (await world.stores.tusUploads.ofFileTransfer(id)).map(({ upload }) => upload.id)

/** A transfer with this much of an upload of ten bytes. */
async function begun(content = '', asked = {}) {
  const world = await memoryWorld()
  const id = await world.begin(asked)
  const client = tusClient(world.broker, id)
  good(await client.create(10))
  if (content !== '') good(await client.patch(0, content))
  await world.broker.settled()
  return { world, id, client }
}

/** A transfer whose ten bytes are all there, in a process that could not finish. */
async function unfinished(asked = {}) {
  const { world, id, client } = await begun('12345', asked)
  const broker = world.start(({ blocks }) => ({ blocks: { ...blocks, commit: down } }))
  good(await tusClient(broker, id).patch(5, '67890'))
  await broker.settled()
  return { world, id, client }
}

describe('a TUS upload with its last byte', () => {
  test('is complete and checked like any other, its MD5 known without another reading', async () => {
    const { world, id } = await begun('1234567890')

    const { transfer } = await world.read(id)
    expect(transfer).toMatchObject({ status: 'UploadProcessing', file: { sizeBytes: 10, md5: md5('1234567890') } })
    await world.work()
    expect(await statusOf(world, id)).toBe('UploadProcessing')
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    expect(await statusOf(world, id)).toBe('Published')
  })

  test.each([
    ['is known of a file in one request', ['1234567890'], sha256('1234567890')],
    ['is not computed over several requests', ['12345', '67890'], undefined],
  ])('has a SHA-256 that %s', async (_, pieces, expected) => {
    const { world, id, client } = await begun()
    let offset = 0
    for (const piece of pieces) {
      good(await client.patch(offset, piece, WHOLE, { declaredBytes: piece.length }))
      offset += piece.length
    }
    await world.broker.settled()

    const { transfer } = await world.read(id)
    expect(transfer).toMatchObject({ file: { sizeBytes: 10, md5: md5('1234567890') } })
    expect('file' in transfer ? transfer.file?.sha256 : 'no file').toBe(expected)
  })

  test.each([
    ['is published when it is right', sha256('1234567890'), { status: 'Published' }],
    ['fails when it is another', sha256('another'), { status: 'Failed', reason: 'Checksum mismatch' }],
  ])('over several requests with a SHA-256 is read once, and %s', async (_, checksumSha256, expected) => {
    const { world, id, client } = await begun('12345', { checksumSha256, disableVirusScan: true })
    good(await client.patch(5, '67890'))
    await world.broker.settled()
    expect(await statusOf(world, id)).toBe('UploadProcessing')

    await world.work()

    expect((await world.read(id)).transfer).toMatchObject(expected)
  })

  test('is published before the answer where no scan is asked for', async () => {
    const { world, id } = await begun('1234567890', { disableVirusScan: true })

    expect(await statusOf(world, id)).toBe('Published')
    expect((await fileOf(world, id))?.bytes.toString()).toBe('1234567890')
  })

  test('fails the transfer when it is not what was promised, and keeps nothing', async () => {
    const { world, id } = await begun('1234567890', { checksum: md5('another') })
    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Failed', reason: 'Checksum mismatch' })
    expect(world.stores.blobs.locations()).toEqual([])
    expect(await uploadsOf(world, id)).toEqual([])
  })

  test('is recorded only when somebody has been asked to finish it', async () => {
    const { world, id } = await begun('12345')
    const steps: string[] = []
    const broker = world.start(({ messages, tusUploads }) => ({
      messages: {
        ...messages,
        async finishUpload(...given) {
          for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
          await messages.finishUpload(...given)
          steps.push('asked')
        },
      },
      tusUploads: {
        ...tusUploads,
        async save(transfer, upload, replaced) {
          if (isComplete(upload)) steps.push('recorded')
          return tusUploads.save(transfer, upload, replaced)
        },
      },
    }))

    good(await tusClient(broker, id).patch(5, '67890'))

    expect(steps).toEqual(['asked', 'recorded'])
  })

  test('is finished by whoever was asked to when the process could not', async () => {
    const { world, id } = await unfinished()
    expect(await statusOf(world, id)).toBe('UploadStarted')

    world.advance(31)
    await world.work()

    expect(await statusOf(world, id)).toBe('UploadProcessing')
    expect((await fileOf(world, id))?.bytes.toString()).toBe('1234567890')
  })

  test.each(['HEAD', 'PATCH'])('is finished by %s when the process could not', async (method) => {
    const { world, id, client } = await unfinished()

    const answer = method === 'HEAD' ? await client.head() : await client.patch(10, '')

    expect(good(answer).offset).toBe(10)
    expect(await statusOf(world, id)).toBe('UploadProcessing')
  })

  test('is finished by the deadline for idle uploads when nobody else has', async () => {
    const { world, id } = await unfinished()
    world.stores.messages.take(new Date('2999-01-01')) // the message is lost

    world.advance(86_400 + 60)
    await world.broker.expireDue()
    await world.work()

    expect(await typesOf(world, id)).toContain('UploadCompleted')
    expect(await statusOf(world, id)).not.toBe('Failed')
  })

  test('loses against a plain upload that was first, which stays', async () => {
    const { world, id, client } = await begun('12345')
    await world.broker.uploadFile(callerFor(sender), id, uploadOf('plain'))
    await world.broker.settled()

    const late = await client.patch(5, '67890')

    expect(late).toEqual({ ok: false, reason: expect.stringMatching(/UploadNotFound|FileTransferAlreadyUploaded/) })
    expect((await fileOf(world, id))?.bytes.toString()).toBe('plain')
    expect(await uploadsOf(world, id)).toEqual([])
    expect(world.stores.blocks.tails()).toEqual([])
  })
})

describe('a TUS upload that gets no more bytes', () => {
  test('is given up 24 hours after the last, and leaves nothing behind', async () => {
    const { world, id, client } = await begun('1')
    world.advance(23 * 3600)
    good(await client.patch(1, '2'))
    world.advance(2 * 3600)
    await world.broker.expireDue()
    await world.work()
    expect(await statusOf(world, id)).toBe('UploadStarted')
    expect(await typesOf(world, id)).toContain('UploadContinued')

    world.advance(22 * 3600 + 60)
    await world.broker.expireDue()
    await world.work()

    expect(await statusOf(world, id)).toBe('Failed')
    expect(await uploadsOf(world, id)).toEqual([])
    expect(world.stores.blocks.tails()).toEqual([])
    expect((await client.head()).ok).toBe(false)
  })

  test('is not there any more when its time is over, before it has been cleared away', async () => {
    const { world, client } = await begun('1')

    world.advance(86_400)

    expect(await client.head()).toEqual({ ok: false, reason: 'UploadNotFound' })
    expect(await client.patch(1, '2')).toEqual({ ok: false, reason: 'UploadNotFound' })
  })

  test('goes with its transfer when that is cancelled', async () => {
    const { world, id } = await begun('12345')

    await world.broker.cancelFileTransfer(callerFor(sender), id)
    await world.broker.settled()

    expect(await uploadsOf(world, id)).toEqual([])
    expect(world.stores.blocks.tails()).toEqual([])
  })
})

describe('a file that came in parts', () => {
  async function joined(asked = {}, contents = ['one', 'two']) {
    const world = await memoryWorld()
    const id = await world.begin(asked)
    const client = tusClient(world.broker, id)
    const parts: string[] = []
    for (const content of contents) {
      const part = good(await client.create(content.length, { kind: 'part' }))
      good(await client.patch(0, content, part.id))
      parts.push(part.id)
    }
    good(await client.join(parts))
    await world.broker.settled()
    return { world, id, client, parts }
  }

  test('is read once before it is published, and then its MD5 is known', async () => {
    const { world, id } = await joined({ disableVirusScan: true })
    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadProcessing' })

    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({
      status: 'Published',
      file: { md5: md5('onetwo'), sha256: sha256('onetwo') },
    })
    expect(world.stores.blobs.openSources()).toBe(0)
  })

  test('fails when it is not what was promised', async () => {
    const { world, id } = await joined({ checksum: md5('twoone') })

    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Failed', reason: 'Checksum mismatch' })
    expect(world.stores.blobs.locations()).toEqual([])
  })

  test('is read in turns when it takes long, each of which goes on where the one before ended', async () => {
    const { world, id } = await joined({ disableVirusScan: true }, ['one', 'two', 'three'])
    const readFrom: (number | undefined)[] = []
    const slow = world.start(({ blobs }) => ({
      blobs: {
        ...blobs,
        async read(place, etag, range) {
          readFrom.push(range?.first)
          const source = await blobs.read(place, etag, range)
          return source && { ...source, bytes: slowly(world, source.bytes) }
        },
      },
    }))

    await world.work(slow)

    expect(readFrom).toEqual([undefined, undefined, 4, 8])
    expect((await world.read(id)).transfer).toMatchObject({ status: 'Published', file: { md5: md5('onetwothree') } })
  })

  test('is joined once: the same parts again are answered the same, others are refused', async () => {
    const { world, id, client, parts } = await joined()

    expect((await client.join(parts)).ok).toBe(false) // the transfer has its file
    expect(await uploadsOf(world, id)).toEqual([WHOLE])
    expect(good(await client.head()).parts).toEqual(parts)
  })

  test('may not come in more parts than can be joined', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const client = tusClient(world.broker, id)
    const part = good(await client.create(1, { kind: 'part' }))
    for (let number = 1; number < MAX_PARTS; number++) {
      await world.stores.tusUploads.save(id, { ...part, id: String(number).padStart(32, 'a') }, undefined)
    }

    expect(await client.create(1, { kind: 'part' })).toEqual({ ok: false, reason: 'TooManyParts' })
  })

  test.each([
    ['one after the other', 1],
    ['at the same time', 0],
  ])('have short blocks up to 16 GiB together, created %s', async (_, seenAtFirst) => {
    const world = await memoryWorld()
    const id = await world.begin({ disableVirusScan: true })
    const part = [10 * 2 ** 30, { kind: 'part' }] as const
    const one = good(await tusClient(world.broker, id).create(...part))
    let reads = 0
    const broker = world.start(({ tusUploads }) => ({
      tusUploads: {
        ...tusUploads,
        ofFileTransfer: async (...args) =>
          (await tusUploads.ofFileTransfer(...args)).slice(0, reads++ === 0 ? seenAtFirst : undefined),
      },
    }))

    const other = good(await tusClient(broker, id).create(...part))

    const stored = await world.stores.tusUploads.ofFileTransfer(id)
    expect([one.blockBytes, other.blockBytes].map((bytes) => Math.floor(bytes / 2 ** 20))).toEqual([4, 39])
    expect(stored.find(({ upload }) => upload.id === other.id)?.upload.blockBytes).toBe(other.blockBytes)
  })

  test('may not be longer together than the resource allows', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 5 })
    const id = await world.begin()
    const client = tusClient(world.broker, id)
    const parts = []
    for (const content of ['one', 'two']) {
      const part = good(await client.create(3, { kind: 'part' }))
      good(await client.patch(0, content, part.id))
      parts.push(part.id)
    }

    expect(await client.join(parts)).toEqual({ ok: false, reason: 'UploadTooLarge' })
    expect((await client.join(parts.slice(1))).ok).toBe(true)
  })
})

describe('a writer', () => {
  test('whose storage fails once keeps what was acknowledged before', async () => {
    const { world, id, client } = await begun()
    await withBlocksOf(4, world, id)
    good(await client.patch(0, '123'))
    const broker = world.start(({ blocks }) => ({ blocks: { ...blocks, stage: down } }))

    const failed = await tusClient(broker, id).patch(3, '45')

    expect(failed).toEqual({ ok: false, reason: 'UploadFailed' })
    expect(good(await client.head()).offset).toBe(3)
    good(await client.patch(3, '4567890'))
    expect((await fileOf(world, id))?.bytes.toString()).toBe('1234567890')
  })

  test('keeps others out while it writes', async () => {
    const { client } = await begun()
    const goOn = Promise.withResolvers<void>()
    async function* held() {
      yield Buffer.from('12345')
      await goOn.promise
    }
    const first = client.patch(0, '', WHOLE, { body: held() })

    await expect.poll(() => client.patch(0, 'xxxxx')).toEqual({ ok: false, reason: 'UploadLocked' })
    goOn.resolve()

    expect(good(await first).offset).toBe(5)
    expect(good(await client.patch(5, '67890')).offset).toBe(10)
  })

  test('whose lease has run out changes nothing any more, though its bytes still come', async () => {
    const { world, id, client } = await begun()
    await withBlocksOf(2, world, id)
    const goOn = Promise.withResolvers<void>()
    async function* held() {
      yield Buffer.from('xx')
      await goOn.promise
      yield Buffer.from('xx')
    }
    const late = client.patch(0, '', WHOLE, { body: held() })
    await expect.poll(async () => good(await client.head()).lease).toBe(1)
    world.advance(31)

    good(await client.patch(0, '12345'))
    goOn.resolve()

    expect(await late).toEqual({ ok: false, reason: 'UploadLocked' })
    good(await client.patch(5, '67890'))
    expect((await fileOf(world, id))?.bytes.toString()).toBe('1234567890')
  })

  test('whose lease another has taken, who has brought nothing yet, leaves it to the other', async () => {
    const { world, client } = await begun()
    const writer = async (text: string) => {
      const { promise, resolve: goOn } = Promise.withResolvers<void>()
      const { lease } = good(await client.head())
      async function* held() {
        yield Buffer.from(text)
        await promise
      }
      const answer = client.patch(0, '', WHOLE, { body: held() })
      await expect.poll(async () => good(await client.head()).lease).toBe(lease + 1)
      return { answer, goOn }
    }
    const late = await writer('xxx')
    world.advance(31)
    const other = await writer('123')

    late.goOn()
    expect(await late.answer).toEqual({ ok: false, reason: 'UploadLocked' })
    other.goOn()

    expect(good(await other.answer).offset).toBe(3)
  })

  test('who ends while its lease is renewed lets go of the upload in the end', async () => {
    const { world, id, client } = await begun()
    const { promise, resolve: goOn } = Promise.withResolvers<void>()
    let saves = 0
    const broker = world.start(({ tusUploads }) => ({
      tusUploads: {
        ...tusUploads,
        async save(...given) {
          if (++saves === 2) await promise
          return tusUploads.save(...given)
        },
      },
    }))
    async function* slowly() {
      world.advance(11)
      yield Buffer.from('1')
    }

    const ending = tusClient(broker, id).patch(0, '', WHOLE, { body: slowly(), declaredBytes: 2 })
    await expect.poll(() => saves).toBe(2)
    for (let turn = 0; turn < 10; turn++) await nextTurn()
    goOn()

    expect(await ending).toEqual({ ok: false, reason: 'UploadFailed' })
    for (let turn = 0; turn < 10; turn++) await nextTurn()
    expect(good(await client.patch(0, '123')).offset).toBe(3)
  })

  test('leaves no bytes beside the blocks but the last', async () => {
    const { world, client } = await begun()

    for (const [at, byte] of [...'123'].entries()) good(await client.patch(at, byte))
    await world.broker.settled()

    expect(world.stores.blocks.tails()).toHaveLength(1)
  })

  test('whose record was written and not answered lets go of the upload all the same', async () => {
    const { world, id, client } = await begun('123')
    const broker = world.start(losingOneAnswer)
    async function* broken() {
      yield Buffer.from('4')
      world.advance(11)
      yield Buffer.from('5')
      await broker.settled()
      throw new Error('The client has gone.')
    }

    const answer = await tusClient(broker, id).patch(3, '', WHOLE, { body: broken(), declaredBytes: 7 })

    expect(answer).toEqual({ ok: false, reason: 'UploadFailed' })
    expect(good(await client.patch(3, '4567890')).offset).toBe(10)
  })

  test('whose last record was written and not answered takes nothing back of it', async () => {
    const { world, id, client } = await begun('123')
    const shown: number[] = []
    const broker = world.start((ports) =>
      losingOneAnswer(ports, async () => void shown.push(good(await client.head()).offset)),
    )

    await tusClient(broker, id).patch(3, '45')

    expect(shown).toEqual([5])
    expect(good(await client.head()).offset).toBe(5)
  })

  test('whose upload was replaced changes nothing of the other', async () => {
    const { world, id, client } = await begun()
    const goOn = Promise.withResolvers<void>()
    async function* held() {
      yield Buffer.from('xx')
      await goOn.promise
    }
    const late = client.patch(0, '', WHOLE, { body: held() })
    await expect.poll(async () => good(await client.head()).lease).toBe(1)

    good(await client.create(5))
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>()
    async function* other() {
      yield Buffer.from('h')
      read()
      await late
      yield Buffer.from('ello')
    }
    const newer = client.patch(0, '', WHOLE, { body: other() })
    await isRead
    expect(good(await client.head())).toMatchObject({ lease: 1, offset: 0 })
    goOn.resolve()

    expect((await late).ok).toBe(false)
    expect(good(await newer).offset).toBe(5)
    expect((await fileOf(world, id))?.bytes.toString()).toBe('hello')
  })

  test('whose token is over goes on with what it began, and with nothing else', async () => {
    const { world, id } = await begun('12345')
    const expired = tusClient(world.broker, id, tusCaller(sender, 'client', true))
    const other = tusClient(world.broker, id, tusCaller(sender, 'another', true))

    expect(await other.patch(5, '67890')).toEqual({ ok: false, reason: 'TokenExpired' })
    expect(good(await expired.head()).offset).toBe(5)
    expect(good(await expired.patch(5, '67890')).offset).toBe(10)
    world.advance(60)
    await world.work()
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    expect(await expired.head()).toEqual({ ok: false, reason: 'TokenExpired' })
  })
})

describe('a token whose time is over', () => {
  const MINUTE = 60
  /** The caller of such a token, which was valid for so many seconds around the beginning of the world. */
  const over = (from: number, until: number) => {
    const [iat, exp] = [later(from), later(until)].map((time) => time.getTime() / 1000)
    return tusCaller(sender, 'client', true, { iat: iat ?? 0, exp: exp ?? 0 })
  }

  test.each([
    ['was valid when the upload began', over(-MINUTE, MINUTE), true],
    ['was over when it began', over(-9 * MINUTE, -MINUTE), false],
    ['was issued later', over(2 * MINUTE, 3 * MINUTE), false],
  ])('that %s goes on with it, by every method: %s', async (_, caller, isGood) => {
    const { world, id } = await begun('12345')
    world.advance(10 * MINUTE)
    const client = tusClient(world.broker, id, caller)
    const answers = [await client.head(), await client.create(10), await client.patch(5, '6'), await client.end()]

    expect(answers.map(({ ok }) => ok)).toEqual(answers.map(() => isGood))
    if (!isGood) expect(answers).toEqual(answers.map(() => ({ ok: false, reason: 'TokenExpired' })))
  })

  test('goes on until it has been over for as long as an upload may be idle', async () => {
    const { world, id, client } = await begun('1')
    const expired = tusClient(world.broker, id, over(-MINUTE, MINUTE))
    world.advance(23 * 3600)
    good(await client.patch(1, '2'))
    world.advance(3600)
    expect(good(await expired.patch(2, '3')).offset).toBe(3)

    world.advance(2 * MINUTE)

    expect(await expired.head()).toEqual({ ok: false, reason: 'TokenExpired' })
    expect(good(await client.head()).offset).toBe(3)
  })

  test('takes the place of no upload, and begins parts of one that runs', async () => {
    const { world, id } = await begun('12345')
    const expired = tusClient(world.broker, id, over(-MINUTE, MINUTE))
    world.advance(2 * MINUTE)

    expect(await expired.create(11)).toEqual({ ok: false, reason: 'TokenExpired' })
    const part = good(await expired.create(5, { kind: 'part' }))
    expect(good(await expired.patch(0, 'hello', part.id)).offset).toBe(5)
    expect(good(await expired.join([part.id])).offset).toBe(5)
    expect(good(await expired.head()).offset).toBe(5)
    expect((await fileOf(world, id))?.bytes.toString()).toBe('hello')
  })
})

/** The first record of a writer after its lease is written, and its answer is lost. */
function losingOneAnswer({ tusUploads }: Ports, meanwhile = async () => {}): Partial<Ports> {
  let saves = 0
  return {
    tusUploads: {
      ...tusUploads,
      async save(...given) {
        const saved = await tusUploads.save(...given)
        if (++saves === 2) {
          await meanwhile()
          throw new Error('It does not answer.')
        }
        return saved
      },
    },
  }
}

/** Some bytes at a time, with more than a turn between them. */
async function* slowly(world: World, bytes: AsyncIterable<Uint8Array>) {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += 4) {
      world.advance(121)
      yield chunk.subarray(at, at + 4)
    }
  }
}
