import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Encrypter } from 'age-encryption'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  decryptingSink,
  type FileTransferOverview,
  NotDecrypted,
  newPrivateKey,
  publicKeyOf,
  type Sink,
} from '../../clients/typescript/src/index.js'
import { fileSink } from '../../clients/typescript/src/node.js'
import { AGE_KEY } from '../support/ageKeys.js'

const ID = '70ed6107-6b1e-4e30-a2b3-8e2d4e8a9a5f'
const privateKey = await newPrivateKey()

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decrypting-'))
  return () => rm(folder, { recursive: true })
})
const at = (name: string) => join(folder, name)

async function encrypted(bytes: Buffer, others = 0): Promise<Buffer> {
  const encrypter = new Encrypter()
  for (let other = 0; other < others; other += 1) encrypter.addRecipient(AGE_KEY)
  encrypter.addRecipient(await publicKeyOf(privateKey))
  return Buffer.from(await encrypter.encrypt(new Uint8Array(bytes)))
}

const sinkAt = (name: string, key = privateKey) =>
  decryptingSink(fileSink(at(name)), { privateKeys: [key], ciphertext: fileSink(at(`${name}.age`)) })

/** As `receive` does. */
async function receive(sink: Sink, fileName: string, ciphertext: Buffer, chunkBytes = 65_536): Promise<void> {
  const file = { fileTransferId: ID, fileName, fileTransferSize: ciphertext.length, encryption: 'age' }
  const earlier = await sink.open(file as FileTransferOverview)
  let outcome: 'broken' | 'whole' = 'broken'
  try {
    let received = 0
    for await (const bytes of earlier ?? []) received += bytes.length
    for (; received < ciphertext.length; received += chunkBytes)
      await sink.write(ciphertext.subarray(received, received + chunkBytes))
    outcome = 'whole'
  } finally {
    await sink.close(outcome)
  }
}

describe('a file that is decrypted', () => {
  test('has nothing of the ciphertext that an earlier try without private keys has left', async () => {
    const ciphertext = await encrypted(Buffer.from('short'))
    await writeFile(at(`report.pdf.${ID}.part`), ciphertext.subarray(0, -1))

    await receive(sinkAt('report.pdf'), 'report.pdf', ciphertext)

    expect(await readFile(at('report.pdf'), 'utf8')).toBe('short')
  })

  test('is not mixed with its ciphertext when its name is long', async () => {
    const bytes = randomBytes(300_000)
    const name = `${'x'.repeat(230)}.age`

    await receive(sinkAt(name), `${name}.age`, await encrypted(bytes))

    expect((await readFile(at(name))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual([name])
  })

  test('may have a thousand recipients', async () => {
    await receive(sinkAt('a.bin'), 'a.bin.age', await encrypted(Buffer.from('for all'), 999))

    expect(await readFile(at('a.bin'), 'utf8')).toBe('for all')
  })

  test.each([
    ['in its header', 0],
    ['after it', 100_000],
  ])('is received anew after a try whose ciphertext is damaged %s', async (_, from) => {
    const bytes = randomBytes(300_000)
    const ciphertext = await encrypted(bytes)
    await writeFile(at(`a.bin.age.${ID}.part`), Buffer.from(ciphertext.subarray(0, 200_000)).fill(0, from))

    await expect(receive(sinkAt('a.bin'), 'a.bin.age', ciphertext)).rejects.toThrow(NotDecrypted)
    await receive(sinkAt('a.bin'), 'a.bin.age', ciphertext)

    expect((await readFile(at('a.bin'))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual(['a.bin'])
  })

  test('is not received anew after a try with another key, or with a damaged one', async () => {
    const ciphertext = await encrypted(randomBytes(300_000))
    const part = `a.bin.age.${ID}.part`
    await writeFile(at(part), ciphertext.subarray(0, 200_000))

    for (const key of [await newPrivateKey(), 'AGE-SECRET-KEY-1'])
      await expect(receive(sinkAt('a.bin', key), 'a.bin.age', ciphertext)).rejects.toThrow(NotDecrypted)

    expect(await readdir(folder)).toEqual([part])
    expect((await readFile(at(part))).length).toBe(200_000)
  })

  test('comes in chunks of any size', async () => {
    const bytes = randomBytes(5_000_000)

    await receive(sinkAt('a.bin'), 'a.bin.age', await encrypted(bytes), 3_000_000)

    expect((await readFile(at('a.bin'))).equals(bytes)).toBe(true)
  })
})
