import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { linkedAttempt } from '../../../src/domain/fileTransfer/links.js'
import { attemptsInUse, fileOf } from '../../../src/domain/fileTransfer/state.js'
import { err, ok } from '../../../src/domain/result.js'
import type { BlobLocation } from '../../../src/usecases/ports/blobs.js'
import { memoryFileLinks } from '../../memory/memoryFileLinks.js'
import {
  type Broker,
  bytesOf,
  callerFor,
  memoryWorld,
  scanOf,
  uploadOf,
  type World,
} from '../../support/memoryBroker.js'
import { kari, later, organization, sender } from '../../support/samples.js'

const HELLO_SHA256 = createHash('sha256').update('hello').digest('hex')
const HELLO_MD5 = '5d41402abc4b2a76b9719d911017c592'
const unscanned = { disableVirusScan: true }
const asSender = callerFor(sender)

/** What is given to who asks for a link. @throws when it is refused. */
async function linkFor(world: World, id: string, by: Broker = world.broker) {
  const given = await by.createUploadLink(asSender, id)
  if (!given.ok) throw new Error(given.reason)
  return given.value
}
/** Puts a file where a link leads. */
async function put({ stores }: World, { url }: { url: string }, content = 'hello') {
  const [isScanned = '', serviceOwner = '', fileTransferId = '', attemptId = ''] = url.split(/\/\/|[/?]/).slice(1)
  const ids = { serviceOwner: organization(serviceOwner), fileTransferId, attemptId }
  const place: BlobLocation = { isScanned: isScanned === 'scanned', ...ids }
  const limits = { maxBytes: 1000, expectedBytes: undefined, accept: () => true }
  await stores.blobs.write(place, bytesOf(content), limits)
  return place
}
const complete = (world: World, id: string, who = sender) => world.broker.completeLinkedUpload(callerFor(who), id)
const statusOf = async (world: World, id: string) => (await world.read(id)).transfer.status
const typesOf = async (world: World, id: string) => (await world.factsOf(id)).map(({ type }) => type)
/** A world in which links let files be replaced, as those of an emulator do. */
const emulated = (world: World) => world.start(() => ({ links: memoryFileLinks({ mayReplace: true }) }))

describe('asking for a link to upload', () => {
  test('gives one to a new place in the account that the transfer asks for, for an hour', async () => {
    const world = await memoryWorld()
    const id = await world.begin(unscanned)

    const { url, headers, until } = await linkFor(world, id)

    const attemptId = linkedAttempt((await world.read(id)).transfer)?.id
    expect(url).toMatch(/^memory:\/\/unscanned\//)
    expect(url).toContain(`/${id}/${attemptId}?may=create`)
    expect(until).toEqual(later(3600))
    expect(headers).toEqual({ 'x-ms-blob-type': 'BlockBlob' })
  })

  test('again, before a file is there, gives one more to the same place', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const first = await linkFor(world, id)
    world.advance(1800)

    const second = await linkFor(world, id)

    const blobLocation = ({ url }: { url: string }) => url.split('?')[0]
    expect(blobLocation(second)).toBe(blobLocation(first))
    expect(second.until).toEqual(later(1800 + 3600))
    expect(await typesOf(world, id)).toEqual(['Initialized', 'UploadStarted', 'UploadLinkGiven', 'UploadLinkGiven'])
  })

  test('again, when a file is there, gives one to a new place and drops that file', async () => {
    const world = await memoryWorld()
    const id = await world.linked(unscanned, 'wrong')

    const place = await put(world, await linkFor(world, id), 'right')
    await world.broker.settled()

    expect(world.stores.blobs.locations()).toEqual([place])
    expect(await complete(world, id)).toEqual(ok(id))
    expect(fileOf((await world.read(id)).transfer)?.attemptId).toBe(place.attemptId)
  })

  test('by many at once leads to one place, or is to be tried again', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    const given = await Promise.all([1, 2, 3].map(() => world.start().createUploadLink(asSender, id)))

    const { transfer } = await world.read(id)
    expect(attemptsInUse(transfer)).toHaveLength(1)
    for (const each of given) {
      if (each.ok) expect(each.value.url).toContain(linkedAttempt(transfer)?.id)
      else expect(each.reason).toBe('FileTransferBusy')
    }
  })

  test('is refused as an upload is', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const gone = world.start(({ resources }) => ({ resources: { ...resources, recent: async () => undefined } }))

    expect(await world.broker.createUploadLink(asSender, 'nothing')).toEqual(err('FileTransferNotFound'))
    expect(await world.broker.createUploadLink(callerFor(kari), id)).toEqual(err('NoAccessToResource'))
    expect(await gone.createUploadLink(asSender, id)).toEqual(err('InvalidResourceDefinition'))
    expect(await typesOf(world, id)).toEqual(['Initialized'])
    const uploaded = await world.uploaded()
    expect(await world.broker.createUploadLink(asSender, uploaded)).toEqual(err('FileTransferAlreadyUploaded'))
  })

  test('is refused once the transfer has expired, also before it is purged', async () => {
    const world = await memoryWorld()
    const id = await world.begin(unscanned)

    world.advance(30 * 86_400)

    expect(await world.broker.createUploadLink(asSender, id)).toEqual(err('FileTransferAlreadyUploaded'))
    expect(await typesOf(world, id)).toEqual(['Initialized'])
  })

  test('is refused where none are given; who has one may still complete', async () => {
    const world = await memoryWorld()
    const id = await world.linked()
    const off = world.start(() => ({ linkMinutes: { upload: undefined, download: 10 } }))

    expect(await off.createUploadLink(asSender, id)).toEqual(err('UploadLinksSwitchedOff'))
    expect(await off.completeLinkedUpload(asSender, id)).toEqual(ok(id))
  })
})

describe('completing an upload by a link', () => {
  test('publishes at once what is neither scanned nor promised a checksum, without reading it', async () => {
    const world = await memoryWorld()
    const id = await world.linked(unscanned)

    expect(await complete(world, id)).toEqual(ok(id))

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Published', file: { sizeBytes: 5 } })
    await world.work()
    expect(fileOf((await world.read(id)).transfer)).not.toHaveProperty('md5')
    expect(world.log.map(({ event }) => event)).not.toContain('upload.hashed')
    expect(world.posted.map(({ type }) => type)).toContain('no.altinn.broker.published')
  })

  test('takes a file without a byte', async () => {
    const world = await memoryWorld()
    const id = await world.linked(unscanned, '')

    expect(await complete(world, id)).toEqual(ok(id))

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Published', file: { sizeBytes: 0 } })
  })

  test('waits for the scan, whether its verdict comes after or has come before', async () => {
    const world = await memoryWorld()
    const late = await world.linked()
    await complete(world, late)
    await world.work()
    expect(await statusOf(world, late)).toBe('UploadProcessing')
    await world.broker.recordScanResult(scanOf((await world.read(late)).transfer))
    expect(await statusOf(world, late)).toBe('Published')

    const early = await world.begin()
    const place = await put(world, await linkFor(world, early))
    const etag = (await world.stores.blobs.find(place))?.etag ?? ''
    const blobUrl = `https://scanned.blob.example/serviceowner-${place.serviceOwner}/${early}/${place.attemptId}`
    await world.broker.recordScanResult({ blobUrl, verdict: { result: 'Clean', etag, detail: '' } })
    await complete(world, early)
    await world.work()
    expect(await statusOf(world, early)).toBe('Published')
  })

  test.each([
    [
      'publishes a file that is what was promised',
      HELLO_MD5.toUpperCase(),
      { status: 'Published', file: { md5: HELLO_MD5 } },
    ],
    ['fails one that is not', 'f'.repeat(32), { status: 'Failed', reason: 'Checksum mismatch' }],
  ])('%s, when it has been read', async (_, checksum, outcome) => {
    const world = await memoryWorld()
    const id = await world.linked({ ...unscanned, checksum })

    expect(await complete(world, id)).toEqual(ok(id))
    expect(await statusOf(world, id)).toBe('UploadProcessing')
    await world.work()

    expect((await world.read(id)).transfer).toMatchObject(outcome)
    expect(world.stores.blobs.locations()).toHaveLength(outcome.status === 'Published' ? 1 : 0)
  })

  test.each([
    [
      'is published, its digests known',
      HELLO_SHA256,
      { status: 'Published', file: { md5: HELLO_MD5, sha256: HELLO_SHA256 } },
    ],
    ['fails when it is another file', 'f'.repeat(64), { status: 'Failed', reason: 'Checksum mismatch' }],
  ])('with a SHA-256 to compare is read, and %s', async (_, checksumSha256, outcome) => {
    const world = await memoryWorld()
    const id = await world.linked({ ...unscanned, checksumSha256 })
    await complete(world, id)
    await world.work()

    expect((await world.read(id)).transfer).toMatchObject(outcome)
  })

  test('is answered the same when it is said again, whatever has become of the file', async () => {
    const world = await memoryWorld()
    const id = await world.linked({ ...unscanned, checksum: 'f'.repeat(32) })

    const answers = await Promise.all([1, 2, 3].map(() => world.start().completeLinkedUpload(asSender, id)))
    await world.work()

    expect(answers).toEqual([ok(id), ok(id), ok(id)])
    expect(await statusOf(world, id)).toBe('Failed')
    expect(await complete(world, id)).toEqual(ok(id))
    expect((await typesOf(world, id)).filter((type) => type === 'UploadCompleted')).toHaveLength(1)
  })

  test('is refused, with the way to go, as long as there is no file', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    expect(await complete(world, id)).toEqual(err('NoFileAtUploadLink'))
    const link = await linkFor(world, id)
    expect(await complete(world, id)).toEqual(err('NoFileAtUploadLink'))
    await put(world, link)
    expect(await complete(world, id)).toEqual(ok(id))
  })

  test('is refused for a file that is too large, which is deleted; a smaller one may come', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 4 })
    const id = await world.linked(unscanned, 'hello')

    expect(await complete(world, id)).toEqual(err('FileSizeTooBig'))
    await world.broker.settled()

    expect(world.stores.blobs.locations()).toEqual([])
    expect(await complete(world, id)).toEqual(err('NoFileAtUploadLink'))
    await put(world, await linkFor(world, id), 'four')
    expect(await complete(world, id)).toEqual(ok(id))
  })

  test('is refused, and the file deleted, when another upload was first', async () => {
    const world = await memoryWorld()
    const id = await world.linked(unscanned, 'linked')

    const racing = world.start(({ blobs }) => ({
      blobs: {
        ...blobs,
        async find(place) {
          const found = await blobs.find(place)
          await world.broker.uploadFile(asSender, id, uploadOf('sent'))
          return found
        },
      },
    }))
    expect(await racing.completeLinkedUpload(asSender, id)).toEqual(err('FileTransferAlreadyUploaded'))
    await world.broker.settled()

    expect(fileOf((await world.read(id)).transfer)?.sizeBytes).toBe(4)
    expect(world.stores.blobs.locations()).toHaveLength(1)
    expect(await complete(world, id)).toEqual(err('FileTransferAlreadyUploaded'))
  })

  test('is for the sender alone, and for a transfer that is there', async () => {
    const world = await memoryWorld()
    const id = await world.linked()

    expect(await complete(world, id, kari)).toEqual(err('NoAccessToResource'))
    expect(await complete(world, 'nothing')).toEqual(err('FileTransferNotFound'))
    expect(await statusOf(world, id)).toBe('UploadStarted')
  })

  test('fails the transfer when the file is replaced before it has been read', async () => {
    const world = await memoryWorld()
    const id = await world.begin({ checksum: HELLO_MD5 })
    const link = await linkFor(world, id, emulated(world))
    const place = await put(world, link, 'hello')
    await complete(world, id)
    await world.stores.blobs.remove(place)
    await put(world, link, 'other')

    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({
      status: 'Failed',
      reason: 'The stored file is not the one that was uploaded',
    })
  })
})

describe('a link that is never completed', () => {
  test('leaves nothing behind: the upload is given up after a day, and what was put there is deleted', async () => {
    const world = await memoryWorld()
    const id = await world.linked()
    world.advance(86_400 + 1)

    await world.broker.expireDue()
    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Failed' })
    expect(world.stores.blobs.locations()).toEqual([])
  })

  test('and by which a file comes after the transfer has ended, gives it to nobody: it is swept', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    const link = await linkFor(world, id)
    await world.broker.cancelFileTransfer(asSender, id)
    await world.work()
    await put(world, link)
    expect(await complete(world, id)).toEqual(err('FileTransferAlreadyUploaded'))
    world.advance(48 * 3600 + 1)

    await world.broker.sweepOrphans()

    expect(world.stores.blobs.locations()).toEqual([])
  })
})

describe('asking for a link to download', () => {
  const ask = (world: World, id: string, who = kari, by = world.broker) => by.createDownloadLink(callerFor(who), id)

  test('gives one to the file under its name, for ten minutes, and counts as a download', async () => {
    const world = await memoryWorld()
    const id = await world.published({ fileName: 'årsregnskap.pdf' })

    const given = await ask(world, id)

    const { transfer } = await world.read(id)
    if (!given.ok) throw new Error(given.reason)
    expect(given.value.until).toEqual(later(600))
    expect(given.value.url).toContain(`/${id}/${fileOf(transfer)?.attemptId}?may=read`)
    expect(new URL(given.value.url).searchParams.get('fileName')).toBe('årsregnskap.pdf')
    expect(transfer.recipients[kari]).toMatchObject({ status: 'DownloadStarted', downloads: 1 })
    expect((await world.broker.confirmDownload(callerFor(kari), id)).ok).toBe(true)
  })

  test('is refused as a download is, and where none are given', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    const off = world.start(() => ({ linkMinutes: { upload: 60, download: undefined } }))

    expect(await ask(world, 'nothing')).toEqual(err('FileTransferNotFound'))
    expect(await ask(world, id, sender)).toEqual(err('NoAccessToResource'))
    expect(await ask(world, id)).toEqual(err('FileTransferNotAvailable'))
    expect(await ask(world, await world.published(), kari, off)).toEqual(err('DownloadLinksSwitchedOff'))
  })

  test('is refused once the file has expired, also before it is purged: a link would be over already', async () => {
    const world = await memoryWorld()
    const id = await world.published()

    world.advance(30 * 86_400 - 1)
    const last = await ask(world, id)
    world.advance(1)

    expect(last).toMatchObject({ ok: true, value: { until: later(30 * 86_400) } })
    expect(await ask(world, id)).toEqual(err('FileTransferNotAvailable'))
    expect((await world.read(id)).transfer.recipients[kari]?.downloads).toBe(1)
  })

  test('is refused as long as someone has a link that could replace the file', async () => {
    const world = await memoryWorld()
    const id = await world.begin(unscanned)
    await put(world, await linkFor(world, id, emulated(world)))
    await complete(world, id)

    expect(await ask(world, id)).toEqual(err('FileMayStillChange'))
    expect((await world.read(id)).transfer.recipients[kari]?.status).toBe('Initialized')
    world.advance(3600)
    expect((await ask(world, id)).ok).toBe(true)
  })

  test('gives one at once when the link that the file came by cannot replace it', async () => {
    const world = await memoryWorld()
    const id = await world.linked(unscanned)
    await complete(world, id)

    expect((await ask(world, id)).ok).toBe(true)
  })

  test('fails when the file is not the one that was published, and records nothing', async () => {
    const world = await memoryWorld()
    const id = await world.published()
    for (const place of world.stores.blobs.locations()) await world.stores.blobs.remove(place)

    await expect(ask(world, id)).rejects.toThrow('not in storage')

    expect((await world.read(id)).transfer.recipients[kari]?.status).toBe('Initialized')
  })
})

describe('completing an upload by a link that cannot be recorded', () => {
  test('is refused without a resource, and possible when there is one again', async () => {
    const world = await memoryWorld()
    const id = await world.linked()
    const gone = world.start(({ resources }) => ({ resources: { ...resources, recent: async () => undefined } }))

    expect(await gone.completeLinkedUpload(asSender, id)).toEqual(err('InvalidResourceDefinition'))
    expect(await complete(world, id)).toEqual(ok(id))
  })

  test('is to be tried again when a file that is too large cannot be given up, and nothing is deleted', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 4 })
    const id = await world.linked(unscanned, 'hello')
    const busy = world.start(({ transfers }) => ({
      transfers: { ...transfers, commit: async () => 'conflict' },
      pause: async () => world.advance(11),
    }))

    expect(await busy.completeLinkedUpload(asSender, id)).toEqual(err('FileTransferBusy'))

    expect(world.stores.blobs.locations()).toHaveLength(1)
    expect(await complete(world, id)).toEqual(err('FileSizeTooBig'))
  })
})
