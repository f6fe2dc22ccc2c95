import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import {
  addressOf,
  brokenOff,
  bytesOf,
  callerFor,
  memoryWorld,
  SCANNED,
  scanOf,
  uploadOf,
  type World,
} from '../../support/memoryBroker.js'
import { anyOrganization, kari, ola, sender } from '../../support/samples.js'

const down = () => Promise.reject(new Error('It is down.'))

/** The file of the transfer as it is now. */
async function checkOf(world: World, id: string) {
  const { transfer } = await world.read(id)
  const attemptId = 'file' in transfer ? (transfer.file?.attemptId ?? '') : ''
  return { fileTransferId: id, attemptId, sequence: transfer.sequence }
}
const statusOf = async (world: World, id: string) => (await world.read(id)).transfer.status
const publishedTo = (world: World) =>
  world.posted
    .filter(({ type }) => type === 'no.altinn.broker.published')
    .map((event) => event.alternativesubject?.slice(-9))

/** An upload during which, once its file is stored and before it is recorded, something happens. */
async function uploadWhile(world: World, id: string, happens: (blobUrl: string, etag: string) => Promise<void>) {
  const broker = world.start(({ blobs }) => ({
    blobs: {
      ...blobs,
      async write(place, ...rest) {
        const written = await blobs.write(place, ...rest)
        const { transfer } = await world.read(id)
        if (written.outcome === 'stored') await happens(addressOf(transfer, place.attemptId), written.etag)
        return written
      },
    },
  }))
  const answer = await broker.uploadFile(callerFor(sender), id, uploadOf('hello'))
  await broker.settled()
  return answer
}

describe('processing an upload', () => {
  test('has nothing to do where no scan was asked for: the upload has published the file', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded({ disableVirusScan: true })

    await world.work()

    expect((await world.factsOf(id)).map(({ type }) => type)).toEqual([
      ...['Initialized', 'UploadStarted', 'UploadCompleted', 'UploadChecked', 'Published'],
    ])
    expect(publishedTo(world)).toEqual([sender, kari, ola])
  })

  test('waits for the verdict where a scan was asked for', async () => {
    const world = await memoryWorld()
    const id = await world.unread()
    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadProcessing', isChecked: false })

    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({ status: 'UploadProcessing', isChecked: true })
  })

  test.each(['gone', 'another'])('fails the transfer when the file is %s', async (what) => {
    const world = await memoryWorld()
    const id = await world.unread()
    for (const place of world.stores.blobs.locations()) {
      await world.stores.blobs.remove(place)
      const limits = { maxBytes: 99, expectedBytes: undefined, accept: () => true }
      if (what === 'another') await world.stores.blobs.write(place, bytesOf('hello'), limits)
    }

    await world.work()

    expect(await statusOf(world, id)).toBe('Failed')
    expect(world.posted.map(({ type }) => type)).toContain('no.altinn.broker.uploadfailed')
    expect(publishedTo(world)).toEqual([])
  })

  test('that is bad is logged in full, and nowhere else', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    const scan = { ...scanOf((await world.read(id)).transfer, 'Malicious'), raw: '{"blobUri":"https://secret"}' }

    await world.broker.recordScanResult(scan)
    await world.broker.recordScanResult(scan)
    await world.work()

    const lines = world.log.filter((line) => JSON.stringify(line).includes('secret'))
    expect(lines).toMatchObject([{ event: 'scan.fileRefused', details: { raw: scan.raw } }])
    const stored = JSON.stringify([await world.read(id), await world.factsOf(id), world.posted])
    expect(stored).not.toContain('secret')
    expect(stored).toContain('uploadfailed')
  })

  test('passes over what has been done already, another attempt and a transfer that is not there', async () => {
    const world = await memoryWorld()
    const id = await world.unread()
    const check = await checkOf(world, id)
    await world.broker.processUpload(check)
    const before = await world.read(id)

    await world.broker.processUpload(check)
    await world.broker.processUpload({ ...check, attemptId: randomUUID() })
    await world.broker.processUpload({ ...check, fileTransferId: randomUUID() })

    expect(await world.read(id)).toEqual(before)
  })

  test('fails to be called again when the store does not answer', async () => {
    const world = await memoryWorld()
    const id = await world.unread()
    const check = await checkOf(world, id)
    const broken = world.start(({ blobs }) => ({ blobs: { ...blobs, find: down } }))

    await expect(broken.processUpload(check)).rejects.toThrow('It is down.')

    expect(await statusOf(world, id)).toBe('UploadProcessing')
  })
})

describe('a scan result', () => {
  test('and the check publish together, whichever is first and however often they come', async () => {
    const steps = fc.array(fc.constantFrom('check', 'verdict'), { maxLength: 6 })

    await fc.assert(
      fc.asyncProperty(steps, async (order) => {
        const world = await memoryWorld()
        const id = await world.unread()
        const check = await checkOf(world, id)
        const scan = scanOf((await world.read(id)).transfer)

        for (const step of order) {
          await (step === 'check' ? world.broker.processUpload(check) : world.broker.recordScanResult(scan))
        }

        const isBoth = order.includes('check') && order.includes('verdict')
        expect(await statusOf(world, id)).toBe(isBoth ? 'Published' : 'UploadProcessing')
        const types = (await world.factsOf(id)).map(({ type }) => type)
        expect(new Set(types).size).toBe(types.length)
      }),
      { numRuns: 50 },
    )
  })

  test('and the check at the same moment publish once', async () => {
    const world = await memoryWorld()
    const id = await world.unread()
    const check = await checkOf(world, id)
    const scan = scanOf((await world.read(id)).transfer)

    await Promise.all([
      ...[1, 2, 3].map(() => world.start().recordScanResult(scan)),
      ...[1, 2, 3].map(() => world.start().processUpload(check)),
    ])
    await world.work()

    expect((await world.factsOf(id)).filter(({ type }) => type === 'Published')).toHaveLength(1)
    expect(publishedTo(world)).toHaveLength(3)
  })

  test.each([
    ['Malicious', 'Malware scan failed: Malicious. Extra details: as it says'],
    ['ScanFailed', 'Malware scan failed: the file could not be scanned. Extra details: as it says'],
  ] as const)('%s fails the transfer, deletes the file and tells the sender', async (result, reason) => {
    const world = await memoryWorld()
    const id = await world.uploaded()

    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer, result))
    await world.work()

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Failed', reason })
    expect(world.stores.blobs.locations()).toEqual([])
    expect(world.posted.map(({ type }) => type)).toContain('no.altinn.broker.uploadfailed')
    expect(publishedTo(world)).toEqual([])
  })

  test('that comes before the end of the upload is kept for it', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    const answer = await uploadWhile(world, id, (blobUrl, etag) =>
      world.broker.recordScanResult({ blobUrl, verdict: { result: 'Clean', etag, detail: 'early' } }),
    )
    expect(answer).toEqual(ok(id))
    expect(await statusOf(world, id)).toBe('Published')
    expect((await world.read(id)).transfer.deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('that comes before the end of the upload and is bad ends it there', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    await uploadWhile(world, id, (blobUrl, etag) =>
      world.broker.recordScanResult({ blobUrl, verdict: { result: 'Malicious', etag, detail: 'early' } }),
    )
    await world.work()

    expect(await statusOf(world, id)).toBe('Failed')
    expect(world.stores.blobs.locations()).toEqual([])
    expect(publishedTo(world)).toEqual([])
  })

  test('about another file under the same name counts for nothing, early or late', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    await uploadWhile(world, id, (blobUrl) =>
      world.broker.recordScanResult({ blobUrl, verdict: { result: 'Clean', etag: '0xOLD', detail: '' } }),
    )
    await world.work()

    const scan = scanOf((await world.read(id)).transfer)
    await world.broker.recordScanResult({ ...scan, verdict: { ...scan.verdict, etag: '0xOLD' } })

    expect(await statusOf(world, id)).toBe('UploadProcessing')
  })

  test('about an attempt that was given up counts for nothing', async () => {
    const world = await memoryWorld()
    const id = await world.begin()
    await world.broker.uploadFile(callerFor(sender), id, { body: brokenOff('hel'), declaredBytes: 5 })
    const before = await world.read(id)

    const blobUrl = addressOf(before.transfer, randomUUID())
    await world.broker.recordScanResult({ blobUrl, verdict: { result: 'Malicious', etag: '0x1', detail: '' } })

    expect(await world.read(id)).toEqual(before)
  })

  test('that comes twice, or says that it could not be scanned the second time, changes nothing', async () => {
    const world = await memoryWorld()
    const id = await world.published({ disableVirusScan: false })
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    const before = await world.read(id)
    expect(before.transfer.status).toBe('Published')

    await world.broker.recordScanResult(scanOf(before.transfer))
    await world.broker.recordScanResult(scanOf(before.transfer, 'ScanFailed'))

    expect(await world.read(id)).toEqual(before)
  })

  test('about a transfer that asked for no scan counts for nothing', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded({ disableVirusScan: true })
    const before = await world.read(id)

    await world.broker.recordScanResult(scanOf(before.transfer, 'Malicious'))

    expect(await world.read(id)).toEqual(before)
  })

  test('about no file of ours, or one of that name in another account, is passed over', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    const before = await world.read(id)
    const { verdict } = scanOf(before.transfer, 'Malicious')
    const { attemptId } = await checkOf(world, id)

    for (const blobUrl of [
      'https://elsewhere.example/blob',
      addressOf(before.transfer, attemptId).replace('scanned.', 'unscanned.'),
      addressOf(before.transfer, attemptId).replace('.example/', '.example.net/'),
      `${SCANNED}insights/log.json`,
      `${SCANNED}serviceowner-${anyOrganization()}/${id}/${attemptId}`,
      `${SCANNED}serviceowner-${before.transfer.serviceOwner}/${randomUUID()}/${attemptId}`,
      `${SCANNED}serviceowner-${before.transfer.serviceOwner}/${id}/${randomUUID()}`,
    ]) {
      await world.broker.recordScanResult({ blobUrl, verdict })
    }

    expect(await world.read(id)).toEqual(before)
  })
})
