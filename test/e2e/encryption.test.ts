import { randomBytes } from 'node:crypto'
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { describe, expect, test } from 'vitest'
import { bytesOf, chunked, expectOk, KARI, OLA, OWNER, refusalOf, sharedJourney } from '../support/journey.js'
import { outcomeOf, tusCalls } from '../support/tusCalls.js'

// Encrypted and decrypted by the library age-encryption; Broker sees neither the file nor a private key.

const journey = await sharedJourney()
const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
const resource = `resource/${journey.resourceId}`
const party = (organization: string) => `0192:${organization}`

const put = (org: string, publicKey: unknown) =>
  journey.as(org, READ, `${resource}/encryptionkey`, { method: 'PUT', ...journey.json({ publicKey }) })
const ask = (org: string, scope: string, ...organizations: string[]) =>
  journey.as(org, scope, `${resource}/encryptionkeys`, {
    method: 'POST',
    ...journey.json({ organizations: organizations.map(party) }),
  })
async function keysOf(...organizations: string[]) {
  const { keys } = (await (await expectOk(ask(OWNER, WRITE, ...organizations))).json()) as {
    keys: { publicKey: string | null }[]
  }
  return keys.map(({ publicKey }) => publicKey)
}

/** A new private key, whose public key an organisation has published. */
async function identityOf(organization: string): Promise<string> {
  const identity = await generateX25519Identity()
  await expectOk(put(organization, await identityToRecipient(identity)))
  return identity
}

async function encryptedFor(keys: (string | null)[], file: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const encrypter = new Encrypter()
  for (const key of keys) encrypter.addRecipient(key ?? '')
  return new Uint8Array(await encrypter.encrypt(file))
}

async function decrypted(identity: string, file: Uint8Array): Promise<Buffer> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return Buffer.from(await decrypter.decrypt(file))
}

const off = { disableVirusScan: true, encryption: 'age' }

describe('a file that is encrypted for its recipients', () => {
  test.each(['plain', 'TUS'])('is read by each of them alone, sent by a %s upload', async (way) => {
    const [ofKari, ofOla] = [await identityOf(KARI), await identityOf(OLA)]
    const file = randomBytes(200_000)
    const bytes = await encryptedFor(await keysOf(KARI, OLA), file)
    const id = await journey.initialize(off)

    if (way === 'plain') await expectOk(journey.upload(id, chunked(bytes)))
    else {
      const tus = tusCalls(journey, await journey.token(OWNER, WRITE))
      const created = await tus.create(id, bytes.length)
      const path = created.headers.get('location') ?? ''
      const half = bytes.length >> 1
      expect(await outcomeOf(tus.patch(path, 0, bytes.slice(0, half)))).toBe(`204 ${half}`)
      expect(await outcomeOf(tus.patch(path, half, bytes.slice(half)))).toBe(`204 ${bytes.length}`)
    }

    expect(await journey.reached(id, 'Published')).toMatchObject({ encryption: 'age', useVirusScan: false })
    const received = await bytesOf(await expectOk(journey.download(KARI, id)))
    expect(Buffer.from(received).includes(file.subarray(0, 16))).toBe(false)
    expect(await decrypted(ofKari, received)).toEqual(file)
    expect(await decrypted(ofOla, received)).toEqual(file)
    await expect(decrypted(await generateX25519Identity(), received)).rejects.toThrow()
  })

  test('is refused for a recipient without a key, and where it would be scanned', async () => {
    await identityOf(KARI)
    await expectOk(put(OLA, null))
    const initialize = (more: Record<string, unknown>) =>
      journey.as(OWNER, WRITE, 'filetransfer', { method: 'POST', ...journey.json(journey.request(more)) })

    const refused = await initialize(off)
    const scanned = initialize({ ...off, recipients: [party(KARI)], disableVirusScan: false })

    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'BRO-08090', detail: expect.stringContaining(party(OLA)) }),
    ])
    expect(await refusalOf(scanned)).toBe('400 BRO-08091')
    expect(await refusalOf(initialize({ ...off, encryption: 'pgp' }))).toBe('400')
  })
})

describe('a key', () => {
  test('is published, replaced and withdrawn by its organisation', async () => {
    const first = await identityToRecipient(await identityOf(KARI))
    expect(await keysOf(KARI)).toEqual([first])
    const second = await identityToRecipient(await identityOf(KARI))
    expect(await keysOf(KARI)).toEqual([second])

    const withdrawn = await expectOk(put(KARI, null))

    expect(await withdrawn.json()).toEqual({ organization: party(KARI), publicKey: null, published: null })
    expect(await keysOf(KARI)).toEqual([null])
  })

  test.each<[what: string, key: unknown]>([
    ['nothing', undefined],
    ['a number', 5],
    ['a private key', `AGE-SECRET-KEY-1${'Q'.repeat(58)}`],
    ['a key with a typing error', 'age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2x'],
  ])('is refused: %s', async (_, key) => {
    expect(await refusalOf(put(KARI, key))).toBe('400')
  })

  test('is neither published nor given where nobody has configured the resource', async () => {
    const at = (path: string, method: string, body: unknown) =>
      journey.as(KARI, READ, `resource/unknown/${path}`, { method, ...journey.json(body) })

    expect(await refusalOf(at('encryptionkey', 'PUT', { publicKey: null }))).toBe('401 BRO-00006')
    expect(await refusalOf(at('encryptionkeys', 'POST', { organizations: [party(KARI)] }))).toBe('401 BRO-00006')
  })
})
