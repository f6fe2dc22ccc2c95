import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { azureFileBlobs } from '../../src/adapters/blobs/azureFileBlobs.js'
import type { Digests } from '../../src/domain/fileTransfer/state.js'
import { isOutage } from '../../src/domain/outage.js'
import type { BlobLocation, FileBlobs } from '../../src/usecases/ports/blobs.js'
import { memoryFileBlobs } from '../memory/memoryFileBlobs.js'
import { azuriteBlobs } from '../support/azurite.js'
import { startProxy } from '../support/proxy.js'
import { all, anyOrganization } from '../support/samples.js'

const MIB = 2 ** 20
const limits = { maxBytes: 2 ** 40, expectedBytes: undefined, accept: () => true }
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The bytes, cut into chunks of lengths that fit nothing. */
async function* chunks(bytes: Uint8Array, length = bytes.length) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function* broken(bytes: Uint8Array) {
  yield bytes
  throw new Error('The client has gone.')
}

const text = (content: string) => chunks(Buffer.from(content))

type Made = { blobs: FileBlobs; scannedUrl: string }

function fileBlobsContract(name: string, make: () => Made) {
  /** A location for a file of a service owner that is provided for. */
  const provided = async (isScanned = true) => {
    const { blobs, scannedUrl } = make()
    const location = {
      isScanned,
      serviceOwner: anyOrganization(),
      fileTransferId: randomUUID(),
      attemptId: randomUUID(),
    } satisfies BlobLocation
    await blobs.provision(location.serviceOwner)
    return { blobs, location, scannedUrl }
  }

  const readAll = async (
    blobs: FileBlobs,
    location: BlobLocation,
    etag: string,
    range?: { first: number; last: number },
  ) => {
    const source = await blobs.read(location, etag, range)
    return source && Buffer.concat(await all(source.bytes))
  }

  describe(`files in ${name}`, () => {
    test('are listed with their location, ETag and age, those of one transfer after each other', async () => {
      const { blobs, location } = await provided()
      const other = { ...location, fileTransferId: randomUUID(), isScanned: false }
      const locations = [location, other, { ...location, attemptId: randomUUID() }]
      const begun = Date.now() - 1000 // storage counts whole seconds
      for (const each of locations) await blobs.write(each, text('hello'), limits)

      const listed = (await all(blobs.list())).filter((each) => each.location?.serviceOwner === location.serviceOwner)

      expect(new Set(listed.map((each) => each.location))).toEqual(new Set(locations))
      const [first, second, third] = listed.map((each) => each.location?.fileTransferId)
      expect(first === second || second === third).toBe(true)
      for (const { location: where, etag, modifiedAt, address } of listed) {
        expect(where && (await blobs.find(where))?.etag).toBe(etag)
        expect(modifiedAt.getTime()).toBeGreaterThanOrEqual(begun)
        expect(modifiedAt.getTime()).toBeLessThanOrEqual(Date.now())
        expect(address).toContain(where?.attemptId)
      }
    })

    test('are deleted only in the version that is meant', async () => {
      const { blobs, location } = await provided()
      await blobs.write(location, text('hello'), limits)
      const before = await blobs.find(location)

      await blobs.remove(location, '0xANOTHER')
      const after = await blobs.find(location)
      await blobs.remove(location, before?.etag)

      expect(after).toEqual(before)
      expect(await blobs.find(location)).toBeUndefined()
      await blobs.remove(location, before?.etag)
    })

    test.each([true, false])('are stored and read back, scanned: %s', async (isScanned) => {
      const { blobs, location } = await provided(isScanned)

      const written = await blobs.write(location, text('hello'), limits)

      expect(written).toEqual({
        outcome: 'stored',
        sizeBytes: 5,
        md5: md5(Buffer.from('hello')),
        sha256: sha256(Buffer.from('hello')),
        etag: expect.any(String),
      })
      const etag = written.outcome === 'stored' ? written.etag : ''
      expect(etag).toMatch(/^[^"]+$/)
      expect(`${await readAll(blobs, location, etag)}`).toBe('hello')
      expect(await blobs.find(location)).toEqual({ sizeBytes: 5, md5: md5(Buffer.from('hello')), etag })
      expect(await blobs.find({ ...location, isScanned: !isScanned })).toBeUndefined()
    })

    test.each([
      ['of one byte', 1, 1],
      ['of exactly one block', 8 * MIB, 65_536],
      ['of one byte more than a block', 8 * MIB + 1, 1_000_003],
      ['of exactly two blocks, in one chunk', 16 * MIB, 16 * MIB],
      ['of 20 MiB in odd chunks', 20 * MIB, 777_777],
    ])('%s are stored byte by byte', async (_, sizeBytes, chunkLength) => {
      const { blobs, location } = await provided()
      const bytes = randomBytes(sizeBytes)

      const written = await blobs.write(location, chunks(bytes, chunkLength), { ...limits, expectedBytes: sizeBytes })

      expect(written).toMatchObject({ outcome: 'stored', sizeBytes, md5: md5(bytes), sha256: sha256(bytes) })
      const found = await blobs.find(location)
      expect(found).toMatchObject({ sizeBytes, md5: md5(bytes) })
      expect((await readAll(blobs, location, found?.etag ?? ''))?.equals(bytes)).toBe(true)
    })

    test('may be empty', async () => {
      const { blobs, location } = await provided()

      const written = await blobs.write(location, chunks(Buffer.alloc(0)), limits)

      expect(written).toMatchObject({ outcome: 'stored', sizeBytes: 0, md5: 'd41d8cd98f00b204e9800998ecf8427e' })
      const found = await blobs.find(location)
      expect(found).toMatchObject({ sizeBytes: 0 })
      expect(await readAll(blobs, location, found?.etag ?? '')).toEqual(Buffer.alloc(0))
    })

    test('may consist of empty chunks and others', async () => {
      const { blobs, location } = await provided()
      async function* body() {
        yield* [new Uint8Array(0), Buffer.from('ab'), new Uint8Array(0), Buffer.from('c')]
      }

      expect(await blobs.write(location, body(), limits)).toMatchObject({ outcome: 'stored', sizeBytes: 3 })
    })

    test('may be exactly as large as the limit', async () => {
      const { blobs, location } = await provided()

      expect(await blobs.write(location, text('hello'), { ...limits, maxBytes: 5 })).toMatchObject({
        outcome: 'stored',
      })
    })

    test.each([
      ['at once', 6, 1],
      ['after some blocks', 20 * MIB, 12 * MIB],
    ])('over the limit are not stored, and no more is read than it takes: %s', async (_, sizeBytes, maxBytes) => {
      const { blobs, location } = await provided()
      let read = 0
      async function* counted() {
        for await (const chunk of chunks(Buffer.alloc(sizeBytes), Math.min(sizeBytes, MIB))) {
          read += chunk.length
          yield chunk
        }
      }

      expect(await blobs.write(location, counted(), { ...limits, maxBytes })).toEqual({ outcome: 'tooLarge' })

      expect(await blobs.find(location)).toBeUndefined()
      expect(read).toBeLessThanOrEqual(maxBytes + MIB)
    })

    test('are not stored when the digests are not accepted', async () => {
      const { blobs, location } = await provided()
      const asked: Digests[] = []
      const accept = (digests: Digests) => asked.push(digests) < 0

      expect(await blobs.write(location, text('hello'), { ...limits, accept })).toEqual({ outcome: 'refused' })

      expect(asked).toEqual([{ md5: md5(Buffer.from('hello')), sha256: sha256(Buffer.from('hello')) }])
      expect(await blobs.find(location)).toBeUndefined()
    })

    test.each([1, 10 * MIB])('are not stored when the sender stops, after %d bytes', async (sizeBytes) => {
      const { blobs, location } = await provided()

      expect(await blobs.write(location, broken(Buffer.alloc(sizeBytes)), limits)).toEqual({ outcome: 'interrupted' })

      expect(await blobs.find(location)).toBeUndefined()
    })

    test.each([4, 6])('of five bytes are not stored when %d were declared', async (expectedBytes) => {
      const { blobs, location } = await provided()

      expect(await blobs.write(location, text('hello'), { ...limits, expectedBytes })).toEqual({
        outcome: 'interrupted',
      })

      expect(await blobs.find(location)).toBeUndefined()
    })

    // Azurite refuses what fits into one block after blocks that were never committed. Azure does not.
    test.each([
      ['before a block was stored', 7, 'hello'],
      ['after a block was stored', 10, 'x'.repeat(9 * MIB)],
    ])('can be sent again to a location where an upload broke off %s', async (_, mebibytes, content) => {
      const { blobs, location } = await provided()
      await blobs.write(location, broken(Buffer.alloc(mebibytes * MIB)), limits)

      const again = await blobs.write(location, text(content), limits)

      expect(again).toMatchObject({ outcome: 'stored', sizeBytes: content.length })
    })

    test('cannot be stored for a service owner that was not provided for', async () => {
      const { blobs, location } = await provided()

      await expect(
        blobs.write({ ...location, serviceOwner: anyOrganization() }, text('hello'), limits),
      ).rejects.toThrow()
    })

    test('are never overwritten by others', async () => {
      const { blobs, location } = await provided()
      await blobs.write(location, text('hello'), limits)

      await expect(blobs.write(location, text('other'), limits)).rejects.toThrow()
      await expect(blobs.write(location, chunks(Buffer.alloc(9 * MIB), MIB), limits)).rejects.toThrow()

      expect(await blobs.find(location)).toMatchObject({ md5: md5(Buffer.from('hello')) })
    })

    test.each([5, 9 * MIB])(
      'of %d bytes may be stored again when they are the same: the answer is the same',
      async (sizeBytes) => {
        const { blobs, location } = await provided()
        const bytes = randomBytes(sizeBytes)
        const first = await blobs.write(location, chunks(bytes, MIB), limits)

        expect(await blobs.write(location, chunks(bytes, MIB), limits)).toEqual(first)
      },
    )

    test('are read in parts', async () => {
      const { blobs, location } = await provided()
      const bytes = randomBytes(9 * MIB)
      await blobs.write(location, chunks(bytes, MIB), limits)
      const etag = (await blobs.find(location))?.etag ?? ''

      for (const range of [
        { first: 0, last: 0 },
        { first: 8 * MIB - 3, last: 8 * MIB + 2 },
        { first: 9 * MIB - 1, last: 9 * MIB - 1 },
        { first: 0, last: 9 * MIB - 1 },
      ]) {
        const part = await readAll(blobs, location, etag, range)
        expect(part?.equals(bytes.subarray(range.first, range.last + 1))).toBe(true)
      }
    })

    test('are not read under another ETag, nor where there are none', async () => {
      const { blobs, location } = await provided()
      await blobs.write(location, text('hello'), limits)
      const etag = (await blobs.find(location))?.etag ?? ''

      expect(await blobs.read(location, '0x8DEADBEEF', undefined)).toBeUndefined()
      expect(await blobs.read({ ...location, attemptId: randomUUID() }, etag, undefined)).toBeUndefined()
      expect(await blobs.read(location, '0x8DEADBEEF', { first: 0, last: 1 })).toBeUndefined()
    })

    test('may be closed before the end, more than once', async () => {
      const { blobs, location } = await provided()
      await blobs.write(location, chunks(Buffer.alloc(9 * MIB)), limits)
      const source = await blobs.read(location, (await blobs.find(location))?.etag ?? '', undefined)

      source?.close()
      source?.close()

      expect(await blobs.find(location)).toMatchObject({ sizeBytes: 9 * MIB })
    })

    test('may be removed twice, and where there are none', async () => {
      const { blobs, location } = await provided()
      const other = { ...location, attemptId: randomUUID() }
      await blobs.write(location, text('hello'), limits)
      await blobs.write(other, text('other'), limits)

      await blobs.remove(location)
      await blobs.remove(location)

      expect(await blobs.find(location)).toBeUndefined()
      expect(await blobs.find(other)).toBeDefined()
    })

    test('have a container that may be made twice, and keep through it', async () => {
      const { blobs, location } = await provided()
      await blobs.write(location, text('hello'), limits)

      await blobs.provision(location.serviceOwner)

      expect(await blobs.find(location)).toMatchObject({ sizeBytes: 5 })
    })

    test('are known by their address in the scanned account, and by no other', async () => {
      const { blobs, location, scannedUrl } = await provided()
      const { serviceOwner, fileTransferId, attemptId } = location
      const path = `serviceowner-${serviceOwner}/${fileTransferId}/${attemptId}`

      expect(blobs.attemptAt(`${scannedUrl}${path}`)).toEqual({ serviceOwner, fileTransferId, attemptId })
      for (const url of [
        '',
        path,
        scannedUrl,
        `${scannedUrl}${path}?sig=1`,
        `${scannedUrl}${path}/`,
        `${scannedUrl}${path}\n`,
        `${scannedUrl}/${path}`,
        `${scannedUrl}x/${path}`,
        `${scannedUrl}${path.toUpperCase()}`,
        `${scannedUrl}serviceowner-12345678/${fileTransferId}/${attemptId}`,
        `${scannedUrl}serviceowner-${serviceOwner}/${fileTransferId}`,
        `${scannedUrl}other-${serviceOwner}/${fileTransferId}/${attemptId}`,
        `${scannedUrl.replace('scanned', 'unscanned')}${path}`,
        `${scannedUrl.replace('scanned', 'scanned.evil')}${path}`,
        `https://evil.example/?${scannedUrl}${path}`,
      ]) {
        expect(blobs.attemptAt(url), url).toBeUndefined()
      }
    })
  })
}

const accounts = azuriteBlobs()
const memory = memoryFileBlobs('https://scanned.blob.example/')
fileBlobsContract('memory', () => ({ blobs: memory, scannedUrl: 'https://scanned.blob.example/' }))
fileBlobsContract('Azure blobs', () => {
  const { scanned, unscanned } = accounts()
  return { blobs: azureFileBlobs(scanned, unscanned), scannedUrl: `${scanned.url.replace(/\/*$/, '')}/` }
})

describe('files in Azure blobs', () => {
  /** A location for a file, seen as storage sees it, and reached on the way given. */
  const made = async (port?: number) => {
    const { scanned, unscanned } = accounts(port)
    const blobs = azureFileBlobs(scanned, unscanned)
    const location: BlobLocation = {
      isScanned: true,
      serviceOwner: anyOrganization(),
      fileTransferId: randomUUID(),
      attemptId: randomUUID(),
    }
    await blobs.provision(location.serviceOwner)
    const container = accounts().scanned.getContainerClient(`serviceowner-${location.serviceOwner}`)
    return { blobs, location, blob: container.getBlobClient(`${location.fileTransferId}/${location.attemptId}`) }
  }

  test('are listed without a location when they are not ours, and not at all in containers of others', async () => {
    const { blobs, location } = await made()
    const { scanned, unscanned } = accounts()
    const names = ['readme.txt', `${randomUUID()}/part`, `${location.fileTransferId}/${randomUUID().toUpperCase()}`]
    const container = unscanned.getContainerClient(`serviceowner-${location.serviceOwner}`)
    for (const name of names) await container.getBlockBlobClient(name).upload('hello', 5)
    const { containerClient: reports } = await scanned.createContainer(`reports-${randomUUID()}`)
    await reports.getBlockBlobClient(`${randomUUID()}/${randomUUID()}`).upload('hello', 5)
    await container.getBlockBlobClient(`${randomUUID()}/${randomUUID()}`).stageBlock('MDA=', 'hello', 5)

    const listed = await all(blobs.list())

    const own = listed.filter(({ address }) => address.includes(location.serviceOwner))
    expect(own.map(({ address }) => address).toSorted()).toEqual(
      names.map((name) => `${unscanned.accountName}/serviceowner-${location.serviceOwner}/${name}`).toSorted(),
    )
    expect(own.every((each) => each.location === undefined)).toBe(true)
    expect(listed.some(({ address }) => address.includes('reports'))).toBe(false)
  })

  test.each([5, 9 * MIB])('of %d bytes carry their MD5 and a content type that no browser shows', async (sizeBytes) => {
    const { blobs, location, blob } = await made()
    const bytes = randomBytes(sizeBytes)

    await blobs.write(location, chunks(bytes, MIB), limits)

    const { contentMD5, contentType } = await blob.getProperties()
    expect(Buffer.from(contentMD5 ?? []).toString('hex')).toBe(md5(bytes))
    expect(contentType).toBe('application/octet-stream')
  })

  test.each([5, 9 * MIB])('of %d bytes are stored when only the answer of the commit was lost', async (sizeBytes) => {
    let lost = 0
    const isCommit = ({ method, url = '' }: IncomingMessage) => method === 'PUT' && !/comp=block&|restype/.test(url)
    await using way = await startProxy(accounts.port(), {
      losesAnswerTo: (request) => isCommit(request) && lost++ === 0,
    })
    const { blobs, location, blob } = await made(way.port)
    const bytes = randomBytes(sizeBytes)

    const written = await blobs.write(location, chunks(bytes, MIB), limits)

    const etag = (await blob.getProperties()).etag?.replaceAll('"', '')
    expect(written).toEqual({ outcome: 'stored', sizeBytes, md5: md5(bytes), sha256: sha256(bytes), etag })
    expect(lost).toBeGreaterThan(1)
  })

  test('are not stored when the store fails on the way, and that is told', async () => {
    await using way = await startProxy(accounts.port(), { losesAnswerTo: ({ url = '' }) => /comp=block&/.test(url) })
    const { location, blob } = await made(way.port)
    const { scanned, unscanned } = accounts(way.port)
    const hurried = azureFileBlobs(scanned, unscanned, undefined, 1_000)

    await expect(hurried.write(location, chunks(Buffer.alloc(30 * MIB), MIB), limits)).rejects.toThrow()

    expect(await blob.exists()).toBe(false)
  })

  test('are read to their end, however long the reader pauses', async () => {
    const { location, blobs } = await made()
    const { scanned, unscanned } = accounts()
    const bytes = randomBytes(9 * MIB)
    const written = await blobs.write(location, chunks(bytes, MIB), limits)
    const impatient = azureFileBlobs(scanned, unscanned, 1_000)

    const source = await impatient.read(location, written.outcome === 'stored' ? written.etag : '', undefined)
    const read: Uint8Array[] = []
    for await (const chunk of source?.bytes ?? []) {
      if (read.length === 0) await pause(1_500)
      read.push(chunk)
    }

    expect(Buffer.concat(read).equals(bytes)).toBe(true)
  })

  test('are not read when the store takes the connection and says nothing', async () => {
    await using way = await startProxy(accounts.port(), { holdsRequestsForMs: 5_000 })
    const { location } = await made()
    const { scanned, unscanned } = accounts(way.port)

    await expect(azureFileBlobs(scanned, unscanned, 100).read(location, '0x1', undefined)).rejects.toSatisfy(isOutage)
  })

  test('pass through a bounded amount of memory, however slow the store', async () => {
    await using way = await startProxy(accounts.port(), { holdsRequestsForMs: 100 })
    const { blobs, location } = await made(way.port)
    const sizeBytes = 200 * MIB
    const chunk = randomBytes(MIB)
    const before = memoryInUse()
    let most = 0
    async function* generated() {
      for (let sent = 0; sent < sizeBytes; sent += MIB) {
        yield chunk
        most = Math.max(most, memoryInUse())
      }
    }

    const written = await blobs.write(location, generated(), { ...limits, expectedBytes: sizeBytes })

    expect(written).toMatchObject({ outcome: 'stored', sizeBytes })
    expect((most - before) / MIB).toBeLessThan(100)
  })
})

/** Buffers and heap: unlike the resident size it does not depend on what the allocator gives back. */
function memoryInUse() {
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}
