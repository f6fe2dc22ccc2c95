import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { newPrivateKey, publicKeyOf } from '../../clients/typescript/src/index.js'
import { AGE_KEY } from '../support/ageKeys.js'
import { clientOf } from '../support/clientOf.js'
import { commandLine } from '../support/commandLine.js'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { KARI, OLA, ownJourney, POLLING, RESOURCE } from '../support/journey.js'

const MIB = 2 ** 20

const journey = await ownJourney()
const proxy = await startFaultyProxy(journey.stack.ports.app)
const { start, cli, jsonLines, json, pathOf } = commandLine(journey.stack)
afterAll(() => proxy.stop())

const local = (...args: string[]) => cli([...args, '--local'])
const read = (...names: string[]) => readFile(pathOf(...names))
const keyFile = 'broker-keys.txt'
const privateKeyItself = await newPrivateKey()
const send = (...args: string[]) => local('send', ...args, '--to', KARI, '--encrypt')
const receive = (...args: string[]) => local('receive', '--identity', keyFile, ...args)

let publicKey: string
beforeEach(async () => {
  const privateKey = await newPrivateKey()
  publicKey = await publicKeyOf(privateKey)
  await writeFile(pathOf(keyFile), `# mine\n${privateKey}\n`)
  await clientOf(journey, KARI).publishEncryptionKey(RESOURCE, publicKey)
  await clientOf(journey, OLA).publishEncryptionKey(RESOURCE, null)
  await writeFile(pathOf('a.txt'), 'for Kari alone')
})

describe('altinn-broker key', () => {
  test('makes a key, publishes it, shows it and withdraws it', async () => {
    const made = await local('key', '--identity', 'new.txt', '--new', '--publish')

    const [, key] = /^986252932 {2}(age1\w{58}) {2}since /.exec(made.stdout) ?? []
    expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('new.txt. Keep it safe')])
    expect(await read('new.txt').then(String)).toMatch(
      new RegExp(`^# created: .*\n# public key: ${key}\nAGE-SECRET-KEY-1\\w{58}\n$`),
    )
    expect((await stat(pathOf('new.txt'))).mode & 0o777).toBe(0o600)
    expect((await local('key')).stdout).toBe(made.stdout)
    expect(await jsonLines('key', KARI, OLA)).toEqual([
      { organization: `0192:${KARI}`, publicKey: key, published: expect.any(String) },
      { organization: `0192:${OLA}`, publicKey: null, published: null },
    ])
    expect((await local('key', '--withdraw')).stdout).toBe(`${KARI}  no key\n`)
  })

  test('lets nobody else read a key in a file that was empty', async () => {
    await writeFile(pathOf('empty.txt'), '', { mode: 0o644 })

    expect((await local('key', '--identity', 'empty.txt', '--new')).code).toBe(0)

    expect((await stat(pathOf('empty.txt'))).mode & 0o777).toBe(0o600)
  })

  test('adds a new key to the earlier ones, and publishes the newest', async () => {
    const before = String(await read(keyFile))

    const added = await local('key', '--identity', keyFile, '--new')
    const published = await cli(['key', '--publish', '--local'], { env: { ALTINN_BROKER_IDENTITY_FILE: keyFile } })

    expect(String(await read(keyFile)).startsWith(before)).toBe(true)
    expect(added.stdout.trim()).not.toBe(publicKey)
    expect(published.stdout).toContain(added.stdout.trim())
  })

  test.each<[what: string, args: string[], sentence: string]>([
    ['adds nothing to another file', ['--new', '--identity', 'a.txt'], 'a.txt: It is not a file of private keys'],
    ['publishes nothing of another file', ['--publish', '--identity', 'a.txt'], 'a.txt: It is not a file'],
    ['publishes nothing of no file', ['--publish', '--identity', 'none.txt'], 'none.txt'],
    ['publishes no damaged key', ['--publish', '--identity', 'damaged.txt'], 'damaged.txt: A private key is damaged'],
    ['needs a file', ['--publish'], '--identity FILE'],
    ['shows no key given for the file', ['--publish', '--identity', privateKeyItself], 'is a file of private keys'],
    ['publishes for nobody else', [OLA, '--publish', '--identity', keyFile], 'name no organisation'],
    ['either publishes or withdraws', ['--withdraw', '--publish', '--identity', keyFile], '--withdraw stands alone'],
    ['shows no private key given as ORG', [`AGE-SECRET-KEY-1${'Q'.repeat(58)}`], 'AGE-SECRET-KEY-…'],
    ['shows the keys of organisations', ['986252931'], 'check digit'],
  ])('%s', async (_, args, sentence) => {
    const damaged = String(await read(keyFile)).replace(/.\n$/, (end) => (end === 'Q\n' ? 'P\n' : 'Q\n'))
    await writeFile(pathOf('damaged.txt'), damaged)

    const { code, stderr } = await local('key', ...args)

    expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
    expect(stderr).not.toMatch(/AGE-SECRET-KEY-1\w/)
    expect(String(await read('a.txt'))).toBe('for Kari alone')
  })
})

describe('altinn-broker send --encrypt', () => {
  test('shows the keys, and the recipient decrypts by receive --identity', async () => {
    const sent = await send('a.txt')

    const id = sent.stdout.trim()
    const received = await receive(id, '--confirm', '--out', 'inn/')
    const status = await local('status', id)

    expect([sent.code, sent.stderr]).toEqual([0, expect.stringContaining(`encrypted for ${KARI} by ${publicKey}\n`)])
    expect([received.code, received.stdout]).toEqual([0, 'inn/a.txt\n'])
    expect(received.stderr).toMatch(/^a\.txt\.age, .*: MD5 .*\nIt is decrypted\.$/m)
    expect(String(await read('inn', 'a.txt'))).toBe('for Kari alone')
    expect(status.stdout).toContain('\nencrypted for the recipients, in the format age\n')
  })

  test('sends a folder, a group, the input and by a link', async () => {
    await mkdir(pathOf('scans'))
    for (const name of ['1.txt', '2.txt']) await writeFile(pathOf('scans', name), `scan ${name}`)
    const input = ['send', '-', '--name', 'input.txt', '--to', KARI, '--encrypt', '--local']

    const folder = (await send('scans')).stdout.trim().split('\n')
    const [group = ''] = (await send('scans', '--group')).stdout.split('\n')
    const { stdout: fromInput } = await cli(input, { input: 'the input' })
    const { stdout: byLink } = await send('a.txt', '--link')
    const several = await receive(...folder, fromInput.trim(), byLink.trim(), '--out', 'inn/')
    const ofGroup = await receive('--group', group, '--out', 'group/', '--confirm')

    expect([several.code, ofGroup.code]).toEqual([0, 0])
    const [inbox, fromGroup] = [await readdir(pathOf('inn')), await readdir(pathOf('group'))]
    expect([inbox, fromGroup]).toEqual([
      ['1.txt', '2.txt', 'a.txt', 'input.txt'],
      ['1.txt', '2.txt'],
    ])
    expect(String(await read('inn', 'input.txt'))).toBe('the input')
    expect(String(await read('inn', 'a.txt'))).toBe('for Kari alone')
    expect(String(await read('group', '2.txt'))).toBe('scan 2.txt')
    expect(await readdir(pathOf('.local/state/altinn-broker/sending'))).toEqual([])
  })

  test('goes on with the same upload after Ctrl-C', async () => {
    const bytes = randomBytes(12 * MIB)
    await writeFile(pathOf('large.bin'), bytes)
    const args = ['send', 'large.bin', '--to', KARI, '--encrypt', '--local', '--chunk-size', '1MiB']
    const env = { BROKER_URL: `http://127.0.0.1:${proxy.port}` }
    const notes = pathOf('.local/state/altinn-broker/sending')
    proxy.have({ slowMs: 100 })
    const first = start(args, env)
    let idOfFirst = ''
    await vi.waitFor(async () => {
      const note = (await readdir(notes)).find((name) => name.endsWith('.json')) ?? ''
      const { fileTransferId, parts } = JSON.parse(String(await read('.local/state/altinn-broker/sending', note)))
      idOfFirst = fileTransferId
      expect(parts).toHaveLength(4)
    }, POLLING)
    first.kill('SIGINT')
    const code = await new Promise((resolve) => first.once('close', resolve))
    expect((await readdir(notes)).filter((name) => name.endsWith('.age'))).toHaveLength(1)
    proxy.have('none')

    const second = await cli(args, { env })

    expect([code, second.code, second.stdout.trim()]).toEqual([130, 0, idOfFirst])
    expect((await receive(idOfFirst, '--out', 'received.bin')).code).toBe(0)
    expect((await read('received.bin')).equals(bytes)).toBe(true)
    expect(await readdir(notes)).toEqual([])
  })

  test('sends nothing to a recipient without a key, and says what can be done', async () => {
    const said = await send('a.txt', '--to', OLA)
    const inJson = await json('send', 'a.txt', '--to', OLA, '--encrypt')

    expect([said.code, said.stdout]).toEqual([1, ''])
    expect(said.stderr).toMatch(/No key to encrypt for has been published by: 910753614\n.*key --identity FILE --new/)
    expect(inJson).toMatchObject({ error: expect.stringContaining(OLA), organizations: [`0192:${OLA}`] })
  })

  test('encrypts for trusted keys alone, where some are named', async () => {
    const refused = await send('a.txt', '--trust-key', AGE_KEY)
    const trusted = await send('a.txt', '--trust-key', AGE_KEY, '--trust-key', publicKey)

    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(`another key than the trusted`)])
    expect(refused.stderr).not.toContain('--new --publish')
    expect(trusted.code).toBe(0)
    expect(await local('send', 'a.txt', '--to', KARI, '--trust-key', publicKey)).toMatchObject({ code: 2 })
    expect(await send('a.txt', '--trust-key', `${publicKey}x`)).toMatchObject({ code: 2 })
    const { code, stderr } = await send('a.txt', '--trust-key', await newPrivateKey())
    expect([code, stderr]).toEqual([2, expect.not.stringContaining('AGE-SECRET-KEY')])
  })
})

describe('altinn-broker receive, of an encrypted file', () => {
  test('writes the ciphertext without --identity, and says so', async () => {
    const id = (await send('a.txt')).stdout.trim()

    const { code, stdout, stderr } = await local('receive', id)

    expect([code, stdout, stderr]).toEqual([
      0,
      'a.txt.age\n',
      expect.stringContaining('It is encrypted: give --identity'),
    ])
    expect(String(await read('a.txt.age'))).toMatch(/^age-encryption\.org\/v1\n/)
  })

  test('writes the file to the output', async () => {
    const id = (await send('a.txt')).stdout.trim()

    expect(await receive(id, '--out', '-')).toMatchObject({ code: 0, stdout: 'for Kari alone' })
  })

  test('with another key confirms nothing, and goes on with the right one', async () => {
    const id = (await send('a.txt')).stdout.trim()
    await writeFile(pathOf('other.txt'), `${await newPrivateKey()}\n`)

    const wrong = await local('receive', id, '--confirm', '--out', 'b.txt', '--identity', 'other.txt')
    const { recipients } = await json('status', id)
    const right = await receive(id, '--confirm', '--out', 'b.txt')

    expect([wrong.code, wrong.stdout]).toEqual([1, ''])
    expect(wrong.stderr).toMatch(/a\.txt\.age cannot be decrypted: .*\n.*the same command goes on/)
    expect(recipients).toMatchObject([{ currentRecipientFileTransferStatusCode: 'DownloadStarted' }])
    expect([right.code, String(await read('b.txt'))]).toEqual([0, 'for Kari alone'])
    expect((await readdir(pathOf())).filter((name) => name.includes('part'))).toEqual([])
  })
})
