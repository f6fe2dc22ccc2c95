import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  blobSink,
  decryptedName,
  decryptingSink,
  type FileTransferOverview,
  newPrivateKey,
  privateKeysIn,
  publicKeyOf,
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
    for (const name of ['old.age', 'begun.age.1.age', 'note.json']) {
      await writeFile(join(folder, name), 'x')
      await utimes(join(folder, name), long, long)
    }
    await writeFile(join(folder, 'young.age'), 'x')

    await folderCiphertextStore(folder).set('key', streamOf('x'))

    expect((await readdir(folder)).toSorted()).toEqual(['key.age', 'note.json', 'young.age'])
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
