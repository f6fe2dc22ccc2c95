import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decrypter } from 'age-encryption'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  blobCiphertextStore,
  blobSink,
  decryptingSink,
  KeysRefused,
  NotDecrypted,
  newPrivateKey,
  publicKeyOf,
  type SendOptions,
} from '../../clients/typescript/src/index.js'
import { fileSink, fileSource, folderCiphertextStore, folderResumeStore } from '../../clients/typescript/src/node.js'
import { OTHER_AGE_KEY } from '../support/ageKeys.js'
import { clientOf, sending } from '../support/clientOf.js'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { bytesOf, KARI, OLA, ownJourney, RESOURCE } from '../support/journey.js'
import { countingSink, IN_PARTS, LARGE, namedFile } from '../support/largeFiles.js'

// Held against the library age-encryption, and against what Broker has stored.

const MIB = 2 ** 20

const journey = await ownJourney()
const way = await startFaultyProxy(journey.stack.ports.app)
afterAll(() => way.stop())

const keys = { kari: await newPrivateKey(), ola: await newPrivateKey() }
const publicKeys = { kari: await publicKeyOf(keys.kari), ola: await publicKeyOf(keys.ola) }
beforeAll(async () => {
  await clientOf(journey, KARI).publishEncryptionKey(RESOURCE, publicKeys.kari)
  await clientOf(journey, OLA).publishEncryptionKey(RESOURCE, publicKeys.ola)
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encryption-'))
  return () => rm(folder, { recursive: true })
})
const at = (name: string) => join(folder, name)
const { fileName: _, ...toBoth } = sending
const send = (bytes: Buffer, options: SendOptions = {}) =>
  clientOf(journey).send(namedFile(bytes), toBoth, { encrypt: {}, ...options })

const stored = async (id: string) => new Uint8Array(await bytesOf(await journey.download(KARI, id)))
async function opened(ciphertext: Uint8Array, privateKey: string): Promise<Buffer> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(privateKey)
  return Buffer.from(await decrypter.decrypt(ciphertext))
}
const receive = (organization: string, id: string, privateKeys: string[], port?: number) =>
  clientOf(journey, organization, port).receive(
    id,
    decryptingSink(fileSink(at('a.bin')), { privateKeys, ciphertext: fileSink(at('a.bin.age')) }),
    { confirm: true },
  )
const hasConfirmed = async (id: string) =>
  (await clientOf(journey, KARI).getFileTransfer(id)).recipients.some(
    (each) => each.currentRecipientFileTransferStatusCode === 'DownloadConfirmed',
  )

describe('sending a file encrypted', () => {
  test.each([
    ['an empty one', 0, {}],
    ['a small one', 1000, {}],
    ['one of exactly a chunk', 64 * 1024, {}],
    ['a large one, in four parts', LARGE, IN_PARTS],
    ['a large one, whose MD5 is promised', LARGE, { ...IN_PARTS, md5: 'promise' as const }],
  ])('brings %s to its recipients, and Broker the ciphertext', async (_, size, options) => {
    const bytes = randomBytes(size)
    const progress: number[] = []
    const seen: (string | null)[] = []

    const sent = await send(bytes, {
      ...options,
      encrypt: {
        onKeys: (found) => seen.push(...found.map(({ publicKey }) => publicKey)),
        onProgress: ({ encryptedBytes }) => progress.push(encryptedBytes),
      },
    })

    const ciphertext = await stored(sent.fileTransferId)
    expect(sent).toMatchObject({ status: 'Published', fileName: 'a.bin.age', sizeBytes: ciphertext.length })
    expect(await clientOf(journey).getFileTransfer(sent.fileTransferId)).toMatchObject({
      encryption: 'age',
      useVirusScan: false,
    })
    expect((await opened(ciphertext, keys.kari)).equals(bytes)).toBe(true)
    expect((await opened(ciphertext, keys.ola)).equals(bytes)).toBe(true)
    expect(seen).toEqual([publicKeys.kari, publicKeys.ola])
    expect([progress[0], progress.at(-1)]).toEqual([0, size])
  })

  test.each([
    ['a folder', () => folderCiphertextStore(at('ciphertext'))],
    ['memory', blobCiphertextStore],
  ])('resumes after an interruption, with the same bytes from %s', async (_, storeOf) => {
    const bytes = randomBytes(LARGE)
    const store = storeOf()
    const how = { ...IN_PARTS, resume: folderResumeStore(at('notes')), encrypt: { store } }
    const set = vi.spyOn(store, 'set')
    const stop = new AbortController()
    let id = ''
    const first = send(bytes, {
      ...how,
      signal: stop.signal,
      onProgress(progress) {
        id = progress.fileTransferId
        if (progress.sentBytes > 3 * MIB) stop.abort()
      },
    })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })

    const reported: number[] = []
    const sent = await send(bytes, { ...how, onProgress: ({ sentBytes }) => reported.push(sentBytes) })

    expect(sent.fileTransferId).toBe(id)
    expect(reported[0]).toBeGreaterThan(3 * MIB - 1)
    expect((await opened(await stored(id), keys.ola)).equals(bytes)).toBe(true)
    expect(set).toHaveBeenCalledTimes(1)
    expect(await readdir(at('notes'))).toEqual([])
    expect(await store.get(set.mock.calls[0]?.[0] ?? '')).toBeUndefined()
  })

  test('resumes after broken connections', async () => {
    const bytes = randomBytes(LARGE)
    const breaks = [2, 5].map((mib) => mib * MIB)
    const onProgress: SendOptions['onProgress'] = ({ sentBytes }) => {
      if (sentBytes < (breaks[0] ?? Number.POSITIVE_INFINITY)) return
      breaks.shift()
      way.have('refuses')
      way.have('none')
    }

    const client = clientOf(journey, undefined, way.port)
    const sent = await client.send(namedFile(bytes), toBoth, { ...IN_PARTS, encrypt: {}, onProgress })

    expect(breaks).toEqual([])
    expect((await opened(await stored(sent.fileTransferId), keys.kari)).equals(bytes)).toBe(true)
  })

  test('brings the files of a group', async () => {
    const contents = [0, 1000, 2 * MIB].map((size) => randomBytes(size))
    const files = contents.map((bytes, index) => namedFile(bytes, `${index}.bin`))

    const { files: sent } = await clientOf(journey).sendGroup(files, toBoth, { encrypt: {}, oneShotBytes: MIB })

    expect(sent.map(({ fileName }) => fileName)).toEqual(['0.bin.age', '1.bin.age', '2.bin.age'])
    for (const [index, bytes] of contents.entries()) {
      const ciphertext = await stored(sent[index]?.fileTransferId ?? '')
      expect((await opened(ciphertext, keys.kari)).equals(bytes)).toBe(true)
    }
  })

  test('does not begin for a recipient without a key, or with one that is not trusted', async () => {
    const client = clientOf(journey)
    const initialized = async () =>
      (await Array.fromAsync(client.searchFileTransfers({ resourceId: RESOURCE, role: 'Sender' }))).length
    const before = await initialized()
    const nobody = '974760673'
    const toThree = { ...toBoth, recipients: [KARI, nobody] }

    const withoutKey = await client.send(namedFile(randomBytes(9)), toThree, { encrypt: {} }).catch((error) => error)
    const untrusted = await send(randomBytes(9), {
      encrypt: { trustedKeys: [publicKeys.kari, OTHER_AGE_KEY] },
    }).catch((error) => error)

    expect(withoutKey).toBeInstanceOf(KeysRefused)
    expect(withoutKey).toMatchObject({ organizations: [`0192:${nobody}`] })
    expect(untrusted.message).toBe(`Broker gives another key than the trusted ones for: ${OLA}`)
    expect(await initialized()).toBe(before)
    await send(randomBytes(9), { encrypt: { trustedKeys: [publicKeys.ola, publicKeys.kari] } })
  })

  test.each<[what: string, options: SendOptions]>([
    ['encrypted', { encrypt: {} }],
    ['hashed', { md5: 'promise' }],
  ])('lets other work go on while it is %s, so that it can be stopped', async (_, options) => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 0)
    const onProgress = () => {
      throw new Error('Nothing is sent.')
    }

    const sending = clientOf(journey).send(namedFile(Buffer.alloc(64 * MIB)), toBoth, {
      ...options,
      signal: stop.signal,
      onProgress,
    })

    await expect(sending).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('ends when the file is changed while it is encrypted', async () => {
    const path = at('a.bin')
    await writeFile(path, randomBytes(3 * MIB))
    const onProgress = ({ encryptedBytes }: { encryptedBytes: number }) => {
      if (encryptedBytes === MIB) writeFileSync(path, randomBytes(3 * MIB))
    }

    const sending = clientOf(journey).send(await fileSource(path), toBoth, { encrypt: { onProgress } })

    await expect(sending).rejects.toThrow('a.bin has changed meanwhile')
  })

  test('leaves no ciphertext when it is refused, nor when it cannot be resumed', async () => {
    const store = folderCiphertextStore(folder)
    const client = clientOf(journey)
    const tooLong = namedFile(randomBytes(9), 'x'.repeat(300))

    await expect(
      client.send(tooLong, toBoth, { encrypt: { store }, resume: folderResumeStore(folder) }),
    ).rejects.toMatchObject({ status: 400 })
    await expect(
      client.send(namedFile(randomBytes(9)), toBoth, {
        encrypt: { store },
        onProgress: () => {
          throw new Error('stopped')
        },
      }),
    ).rejects.toThrow('stopped')

    expect(await readdir(folder)).toEqual([])
  })
})

describe('receiving an encrypted file', () => {
  const bytes = randomBytes(LARGE)
  let id: string
  beforeAll(async () => {
    id = (await send(bytes)).fileTransferId
  })

  test('writes what was encrypted, and nothing else', async () => {
    const received = await receive(OLA, id, [keys.kari, keys.ola])

    expect(received).toMatchObject({ fileName: 'a.bin.age', isVerified: true })
    expect((await readFile(at('a.bin'))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual(['a.bin'])
  })

  test('in a page gives a Blob', async () => {
    const sink = blobSink()

    await clientOf(journey, KARI).receive(id, decryptingSink(sink, { privateKeys: [keys.kari] }))

    expect(Buffer.from(await sink.blob().arrayBuffer()).equals(bytes)).toBe(true)
  })

  test('fails with another key, confirms nothing, and goes on with the right one', async () => {
    const own = (await send(randomBytes(200_000))).fileTransferId

    await expect(receive(KARI, own, [await newPrivateKey()])).rejects.toThrow(NotDecrypted)

    expect(await hasConfirmed(own)).toBe(false)
    expect(await readdir(folder)).not.toContain('a.bin')
    await receive(KARI, own, [keys.kari])
    expect((await readFile(at('a.bin'))).length).toBe(200_000)
    expect(await hasConfirmed(own)).toBe(true)
    expect(await readdir(folder)).toEqual(['a.bin'])
  })

  test('resumes where it was aborted', async () => {
    const stop = new AbortController()
    const sinkOf = () =>
      decryptingSink(fileSink(at('a.bin')), { privateKeys: [keys.kari], ciphertext: fileSink(at('a.bin.age')) })
    const first = clientOf(journey, KARI).receive(id, sinkOf(), {
      signal: stop.signal,
      onProgress: ({ receivedBytes }) => receivedBytes > 4 * MIB && stop.abort(),
    })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    const parts = await readdir(folder)

    const sink = sinkOf()
    const counting = countingSink(sink)
    await clientOf(journey, KARI).receive(id, counting.sink)

    expect(parts).toHaveLength(1)
    expect(counting.written()).toBeLessThan(LARGE - 4 * MIB + 1000)
    expect((await readFile(at('a.bin'))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual(['a.bin'])
  })

  test('leaves a file as it is that its sender has not encrypted', async () => {
    const plain = await journey.sent('as it is')

    await receive(KARI, plain, [keys.kari])

    expect(await readFile(at('a.bin'), 'utf8')).toBe('as it is')
  })

  test.each<[what: string, damage: (ciphertext: Buffer) => Buffer]>([
    ['that is cut off', (ciphertext) => ciphertext.subarray(0, -20)],
    ['of which a byte is another', (ciphertext) => Buffer.concat([ciphertext.subarray(0, -1), Buffer.of(0)])],
    ['without a header', () => randomBytes(300_000)],
    ['whose header does not end', () => Buffer.alloc(3 * MIB, 'age-encryption.org/v1 ')],
    ['that is empty', () => Buffer.alloc(0)],
  ])('refuses one %s, and confirms nothing', async (_, damage) => {
    const whole = Buffer.from(await stored((await send(randomBytes(200_000))).fileTransferId))
    const damaged = await clientOf(journey).initializeFileTransfer({
      ...sending,
      sender: `0192:${sending.sender}`,
      recipients: sending.recipients.map((each) => `0192:${each}`),
      disableVirusScan: true,
      encryption: 'age',
    })
    await journey.upload(damaged, new Uint8Array(damage(whole)))
    await journey.reached(damaged, 'Published')

    await expect(receive(KARI, damaged, [keys.kari])).rejects.toThrow(NotDecrypted)

    expect(await hasConfirmed(damaged)).toBe(false)
    expect(await readdir(folder)).not.toContain('a.bin')
  })
})
