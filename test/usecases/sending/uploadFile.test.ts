import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { brokenOff, bytesOf, callerFor, memoryWorld, uploadOf, type World } from '../../support/memoryBroker.js'
import { all, kari, later, organization, sender } from '../../support/samples.js'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const md5 = (content: string) => createHash('md5').update(content).digest('hex')
const down = () => Promise.reject(new Error('It is down.'))
const vendor = organization('999888777')

const placesOf = ({ stores }: World, id: string) =>
  stores.blobs.locations().filter(({ fileTransferId }) => fileTransferId === id)

/** A body that waits, once its first bytes are read, until it is told to go on. */
function heldBack(...contents: string[]) {
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  async function* body() {
    begun.resolve()
    await goOn.promise
    yield* bytesOf(...contents)
  }
  return { body: body(), begun: begun.promise, goOn: goOn.resolve }
}

describe('uploading a file', () => {
  test('stores it, and waits for the scanner', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    const answer = await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))
    await world.broker.settled()

    expect(answer).toEqual(ok(id))
    const { transfer } = await world.read(id)
    const file = {
      sizeBytes: 5,
      md5: md5('hello'),
      sha256: sha256('hello'),
      etag: expect.any(String),
      attemptId: expect.any(String),
    }
    expect(transfer).toMatchObject({ status: 'UploadProcessing', file, isChecked: true })
    expect(placesOf(world, id)).toMatchObject([{ isScanned: true }])
    expect(world.stores.messages.sent().map(({ entity }) => entity)).not.toContain('uploadProcessing')
    const kinds = (await all(world.stores.due.dueBy(later(5000)))).map(({ kind }) => kind)
    expect(kinds).toEqual(['scanWarning'])
  })

  test('without a scan stores it in the other account, and publishes it before the answer', async () => {
    const world = await memoryWorld()

    const id = await world.uploaded({ disableVirusScan: true })

    expect(placesOf(world, id)).toMatchObject([{ isScanned: false }])
    expect((await world.read(id)).transfer.status).toBe('Published')
    expect((await all(world.stores.due.dueBy(later(5000)))).map(({ kind }) => kind)).toEqual([])
  })

  test('takes a file whose length nobody declared, and an empty one', async () => {
    const world = await memoryWorld()
    const [id, empty] = [await world.begin(), await world.begin()]

    const answer = await world.broker.uploadFile(callerFor(sender), id, {
      body: bytesOf('a', 'b'),
      declaredBytes: undefined,
    })
    const answerToEmpty = await world.broker.uploadFile(callerFor(sender), empty, { body: bytesOf(), declaredBytes: 0 })

    expect([answer, answerToEmpty]).toEqual([ok(id), ok(empty)])
    expect((await world.read(id)).transfer).toMatchObject({ file: { sizeBytes: 2, md5: md5('ab') } })
    expect((await world.read(empty)).transfer).toMatchObject({ file: { sizeBytes: 0, md5: md5('') } })
  })

  test('remembers the vendor who did it', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    await world.broker.uploadFile(callerFor(sender, vendor), id, uploadOf('hello'))

    expect(await world.factsOf(id)).toContainEqual(expect.objectContaining({ type: 'UploadStarted', vendor }))
  })

  test('is refused for a transfer that is not there', async () => {
    const world = await memoryWorld()

    const answer = await world.broker.uploadFile(callerFor(sender), randomUUID(), uploadOf('hello'))

    expect(answer).toEqual(err('FileTransferNotFound'))
  })

  test('is refused for anybody but the sender, even when a file is there already', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()

    expect(await world.broker.uploadFile(callerFor(kari), id, uploadOf('hello'))).toEqual(err('NoAccessToResource'))
  })

  test('is refused when the resource is not there any more', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start(({ resources }) => ({ resources: { ...resources, recent: async () => undefined } }))

    expect(await broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(err('InvalidResourceDefinition'))
  })

  test('is refused the second time, whatever it would send', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 5 })
    const id = await world.uploaded()
    const before = await world.read(id)

    const again = await world.broker.uploadFile(callerFor(sender), id, uploadOf('much too large'))

    expect(again).toEqual(err('FileTransferAlreadyUploaded'))
    expect(await world.read(id)).toEqual(before)
    expect(placesOf(world, id)).toHaveLength(1)
  })

  test('of more than the resource allows is refused before a byte is read, when that was declared', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 5 })
    const id = await world.begin()
    let isTouched = false
    async function* body() {
      isTouched = true
      yield Buffer.from('hello!')
    }

    const answer = await world.broker.uploadFile(callerFor(sender), id, { body: body(), declaredBytes: 6 })

    expect(answer).toEqual(err('FileSizeTooBig'))
    expect(isTouched).toBe(false)
    expect((await world.read(id)).transfer.status).toBe('Initialized')
    expect(await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(ok(id))
  })

  test('of more than the resource allows is refused while it streams, and may be tried again', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 5 })
    const id = await world.begin()

    const answer = await world.broker.uploadFile(callerFor(sender), id, {
      body: bytesOf('hel', 'lo!'),
      declaredBytes: undefined,
    })

    expect(answer).toEqual(err('FileSizeTooBig'))
    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadStarted', attempts: [] })
    expect(placesOf(world, id)).toEqual([])
    expect(await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(ok(id))
  })

  test('that breaks off leaves the transfer waiting for another, and nothing in storage', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    const answer = await world.broker.uploadFile(callerFor(sender), id, { body: brokenOff('hel'), declaredBytes: 5 })
    await world.broker.settled()

    expect(answer).toEqual(err('UploadFailed'))
    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadStarted', attempts: [] })
    expect(placesOf(world, id)).toEqual([])
    expect(await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(ok(id))
  })

  test.each([4, 6])('of five bytes is not taken when %d were declared', async (declaredBytes) => {
    const world = await memoryWorld()
    const id = await world.begin()

    const answer = await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello', declaredBytes))

    expect(answer).toEqual(err('UploadFailed'))
    expect((await world.read(id)).transfer.status).toBe('UploadStarted')
  })

  test('whose store fails may be tried again, and what was stored all the same is deleted', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const broker = world.start(({ blobs }) => ({
      blobs: {
        ...blobs,
        async write(...args) {
          await blobs.write(...args)
          throw new Error('The answer was lost.')
        },
      },
    }))

    const answer = await broker.uploadFile(callerFor(sender), id, uploadOf('hello'))
    await broker.settled()

    expect(answer).toEqual(err('UploadFailed'))
    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadStarted', attempts: [] })
    expect(placesOf(world, id)).toEqual([])
    expect(world.log).toContainEqual(expect.objectContaining({ event: 'upload.notStored' }))
  })

  test('whose store is down is told to come back, and may be tried again', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const outage = Object.assign(new Error('It is down.'), { statusCode: 503 })
    const broker = world.start(({ blobs }) => ({
      blobs: { ...blobs, write: () => Promise.reject(outage) },
    }))

    await expect(broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).rejects.toBe(outage)

    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadStarted', attempts: [] })
    expect(await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(ok(id))
  })

  test('whose attempt cannot be given up either is left to its deadline', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    let commits = 0
    const broker = world.start(({ transfers, blobs }) => ({
      blobs: { ...blobs, write: down },
      transfers: { ...transfers, commit: (...args) => (++commits > 1 ? down() : transfers.commit(...args)) },
    }))

    expect(await broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(err('UploadFailed'))

    const kinds = (await all(world.stores.due.dueBy(later(86_400)))).map(({ kind }) => kind)
    expect(kinds).toEqual(['uploadIdle'])
  })

  test.each([
    ...[md5('hello'), md5('hello').toUpperCase(), '', null].map((checksum) => ({ checksum })),
    { checksumSha256: sha256('hello') },
    { checksum: md5('hello'), checksumSha256: sha256('hello') },
  ])('keeps the promise %j', async (promised) => {
    const world = await memoryWorld()
    const id = await world.begin(promised)

    expect(await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))).toEqual(ok(id))
  })

  test.each([
    ['MD5', { checksum: md5('hello') }],
    ['SHA-256', { checksumSha256: sha256('hello') }],
    ['SHA-256, though the MD5 is right,', { checksum: md5('jello'), checksumSha256: sha256('hello') }],
  ])('whose %s is not what was promised fails the transfer for good, and tells the sender', async (_, promised) => {
    const world = await memoryWorld()
    const id = await world.begin(promised)

    const answer = await world.broker.uploadFile(callerFor(sender), id, uploadOf('jello'))
    await world.work()

    expect(answer).toEqual(err('ChecksumMismatch'))
    expect((await world.read(id)).transfer).toMatchObject({ status: 'Failed', reason: 'Checksum mismatch' })
    expect(placesOf(world, id)).toEqual([])
    expect(world.posted.map(({ type }) => type)).toContain('no.altinn.broker.uploadfailed')
    const again = await world.broker.uploadFile(callerFor(sender), id, uploadOf('hello'))
    expect(again).toEqual(err('FileTransferAlreadyUploaded'))
  })
})

describe('two uploads at once', () => {
  test('are won by the first that is complete, and the loser deletes its own file alone', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const slow = heldBack('slow')
    const losing = world.broker.uploadFile(callerFor(sender), id, { body: slow.body, declaredBytes: 4 })
    await slow.begun

    const winner = await world.broker.uploadFile(callerFor(sender), id, uploadOf('quick'))
    slow.goOn()
    const loser = await losing
    await world.broker.settled()

    expect(winner).toEqual(ok(id))
    expect(loser).toEqual(err('FileTransferAlreadyUploaded'))
    const { transfer } = await world.read(id)
    expect(transfer).toMatchObject({ status: 'UploadProcessing', file: { md5: md5('quick') } })
    const current = 'file' in transfer ? transfer.file?.attemptId : undefined
    expect(placesOf(world, id)).toMatchObject([{ attemptId: current }])
  })

  test('that end at the same moment end with one file', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const bodies = ['one', 'two', 'three'].map((content) => heldBack(content))
    // Processes of their own: nothing but the store keeps them apart.
    const uploads = bodies.map(({ body }) =>
      world.start().uploadFile(callerFor(sender), id, { body, declaredBytes: undefined }),
    )
    await Promise.all(bodies.map(({ begun }) => begun))
    for (const { goOn } of bodies) goOn()

    const answers = await Promise.all(uploads)

    expect(answers.filter((answer) => answer.ok)).toHaveLength(1)
    expect(answers.filter((answer) => !answer.ok && answer.reason === 'FileTransferAlreadyUploaded')).toHaveLength(2)
    expect(placesOf(world, id)).toHaveLength(1)
  })

  test('do not end each other when one of them breaks off', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const slow = heldBack('hello')
    const running = world.broker.uploadFile(callerFor(sender), id, { body: slow.body, declaredBytes: 5 })
    await slow.begun

    await world.broker.uploadFile(callerFor(sender), id, { body: brokenOff('hel'), declaredBytes: 5 })
    slow.goOn()

    expect(await running).toEqual(ok(id))
  })

  test('end together when one of them is not what was promised', async () => {
    const world = await memoryWorld()
    const id = await world.begin({ checksum: md5('hello') })
    const slow = heldBack('hello')
    const running = world.broker.uploadFile(callerFor(sender), id, { body: slow.body, declaredBytes: 5 })
    await slow.begun

    await world.broker.uploadFile(callerFor(sender), id, uploadOf('jello'))
    slow.goOn()

    expect(await running).toEqual(err('FileTransferAlreadyUploaded'))
    expect((await world.read(id)).transfer.status).toBe('Failed')
    expect(placesOf(world, id)).toEqual([])
  })

  test('may be as many as are tried: the oldest of more than sixteen gives way', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const bodies = Array.from({ length: 17 }, () => heldBack('hello'))
    const uploads = []
    for (const { body, begun } of bodies) {
      uploads.push(world.broker.uploadFile(callerFor(sender), id, { body, declaredBytes: 5 }))
      await begun
    }

    bodies[0]?.goOn()
    expect(await uploads[0]).toEqual(err('FileTransferAlreadyUploaded'))
    bodies[16]?.goOn()
    expect(await uploads[16]).toEqual(ok(id))

    for (const { goOn } of bodies) goOn()
    await Promise.all(uploads)
    expect(placesOf(world, id)).toHaveLength(1)
  })

  test('lose to the end of the transfer', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const slow = heldBack('hello')
    const running = world.broker.uploadFile(callerFor(sender), id, { body: slow.body, declaredBytes: 5 })
    await slow.begun
    world.advance(30 * 86_400)
    await world.broker.expireDue()
    await world.work()

    slow.goOn()

    expect(await running).toEqual(err('FileTransferAlreadyUploaded'))
    expect((await world.read(id)).transfer.status).toBe('Purged')
    expect(placesOf(world, id)).toEqual([])
  })
})
