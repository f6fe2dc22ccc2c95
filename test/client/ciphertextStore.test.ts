import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  blobSink,
  brokerClient,
  decryptedName,
  decryptingSink,
  type FileTransferOverview,
  newPrivateKey,
  privateKeysIn,
  publicKeyOf,
  staticToken,
} from '../../clients/typescript/src/index.js'
import { folderCiphertextStore } from '../../clients/typescript/src/node.js'

const DAY_MS = 86_400_000

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ciphertext-'))
  return () => rm(folder, { recursive: true })
})
const streamOf = (...chunks: string[]) => new Blob(chunks).stream()

describe('ciphertext in a folder', () => {
  test('is there, the same, until it is removed', async () => {
    const store = folderCiphertextStore(join(folder, 'new'))

    const stored = await store.set('a/key', streamOf('cipher', 'text'))
    const found = await store.get('a/key')

    expect(Buffer.from((await found?.read(0, 10)) as Uint8Array).toString()).toBe('ciphertext')
    expect(found?.identity).toBe(stored.identity)
    expect((await stat(join(folder, 'new', 'a%2Fkey.age'))).mode & 0o777).toBe(0o600)
    await store.delete('a/key')
    expect(await store.get('a/key')).toBeUndefined()
    expect(await readdir(join(folder, 'new'))).toEqual([])
    await store.delete('a/key')
  })

  test('is that of the first of two tries, for both', async () => {
    const stores = [folderCiphertextStore(folder), folderCiphertextStore(folder)]
    const first = await stores[0]?.set('key', streamOf('first'))
    const second = await stores[1]?.set('key', streamOf('other'))

    const read = await Promise.all([first, second].map((source) => source?.read(0, 5)))

    expect(read.map((bytes) => Buffer.from(bytes as Uint8Array).toString())).toEqual(['first', 'first'])
    expect(second?.identity).toBe(first?.identity)
    expect(await readdir(folder)).toEqual(['key.age'])
  })

  test('is not there when it has not been encrypted to the end', async () => {
    const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(new Uint8Array(100_000)),
      pull: (controller) => controller.error(new Error('the file is gone')),
    })
    const store = folderCiphertextStore(folder)

    await expect(store.set('key', broken)).rejects.toThrow('the file is gone')

    expect(await store.get('key')).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  test('is removed after a month without its sending, and nothing else is', async () => {
    const long = new Date(Date.now() - 31 * DAY_MS)
    const ours = (digit: number) => `ciphertext-${String(digit).repeat(32)}.age`
    for (const name of [ours(1), `${ours(2)}.1.age`, ours(3), 'note.json', 'accounts.age']) {
      await writeFile(join(folder, name), 'x')
      await utimes(join(folder, name), long, long)
    }
    await writeFile(join(folder, ours(4)), 'x')
    // Resumed yesterday.
    await utimes(join(folder, ours(3)), new Date(Date.now() - DAY_MS), long)

    await folderCiphertextStore(folder).set('key', streamOf('x'))

    const left = [ours(3), ours(4), 'accounts.age', 'key.age', 'note.json']
    expect((await readdir(folder)).toSorted()).toEqual(left.toSorted())
  })
})

describe('private keys', () => {
  test('are read from a file as age-keygen writes it', async () => {
    const [one, other] = [await newPrivateKey(), await newPrivateKey()]

    expect(
      privateKeysIn(`# created: today\r\n# public key: ${await publicKeyOf(one)}\r\n${one}\r\n\n  ${other} \n`),
    ).toEqual([one, other])
  })

  test.each(['', '# nothing', 'age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z'])(
    'are not in %j',
    (text) => {
      expect(() => privateKeysIn(text)).toThrow(TypeError)
    },
  )

  test('are not shown by an error', async () => {
    const key = await newPrivateKey()
    const damaged = `${key.slice(0, -1)}!`

    expect(() => privateKeysIn(damaged)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(key.slice(20, 40)) }),
    )
  })

  test('are not shown by an error about a typing error in them', async () => {
    const key = await newPrivateKey()
    const damaged = key.slice(0, -1) + (key.endsWith('Q') ? 'P' : 'Q')
    const file = { fileName: 'a.age', encryption: 'age' } as FileTransferOverview
    const sink = decryptingSink(blobSink(), { privateKeys: [damaged] })
    await sink.open(file)

    const errors = await Promise.all(
      [publicKeyOf(damaged), sink.write(new Uint8Array(300_000))].map((each) =>
        each.then(
          () => 'none',
          (error: Error) => inspect(error),
        ),
      ),
    )

    for (const error of errors) {
      expect(error).toContain('A private key is damaged')
      expect(error).not.toContain(damaged.slice(17, 40))
    }
  })

  test('are not sent to Broker in the place of a public key', async () => {
    const client = brokerClient({ baseUrl: 'http://127.0.0.1:1', token: staticToken('t'), patience: { tries: 1 } })

    await expect(client.publishEncryptionKey('r', await newPrivateKey())).rejects.toThrow('begins with age1')
  })

  test('are in no other text, however long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5000 }), (text) => {
        expect(() => privateKeysIn(text)).toThrow(TypeError)
      }),
    )
  })
})

test.each([
  ['accounts.zip.age', 'accounts.zip'],
  ['accounts.zip', 'accounts.zip'],
  ['.age', '.age'],
  ['a.age.age', 'a.age'],
])('%s is decrypted to %s', (name, decrypted) => expect(decryptedName(name)).toBe(decrypted))
