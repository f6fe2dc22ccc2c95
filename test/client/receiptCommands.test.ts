import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { commandLine } from '../support/commandLine.js'
import { KARI, ownJourney } from '../support/journey.js'

const journey = await ownJourney({}, { isEmpty: true })
const { cli, json, pathOf } = commandLine(journey.stack)
/** A Broker that nobody has. */
const OFFLINE = { BROKER_URL: 'http://127.0.0.1:9', ALTINN_URL: 'http://127.0.0.1:9' }

/** A file that was sent and received, its receipt, and the keys. */
async function received() {
  await writeFile(pathOf('søknad.txt'), 'hello')
  const { fileTransferId: id } = await json('send', 'søknad.txt')
  await cli(['receive', id, '--local', '--confirm', '--out', 'got.txt'])
  const saved = await cli(['receipt', id, '--local', '--out', 'r', '--keys', 'keys.json'])
  expect(saved).toMatchObject({ code: 0, stdout: 'r\n' })
  return id
}

describe('altinn-broker receipt and verify', () => {
  test('prove who sent what to whom, without asking Broker', async () => {
    const id = await received()

    const told = await cli(['verify', 'r', '--keys', 'keys.json', 'got.txt'], { env: OFFLINE })
    const asked = await cli(['verify', 'r', '--local', '--json'])
    const withoutToken = await cli(['verify', 'r', 'got.txt', '--url', journey.stack.urls.app])

    expect(told).toMatchObject({ code: 0, stderr: '' })
    expect(told.stdout.split('\n')).toEqual([
      expect.stringMatching(/^The receipt is right\. http:\S+\/broker\/api\/v1 issued it 20/),
      `søknad.txt, 5 B, file transfer ${id}`,
      'MD5 5d41402abc4b2a76b9719d911017c592',
      'SHA-256 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      expect.stringMatching(/^from 991825827 by \S+ of 991825827$/),
      expect.stringMatching(/^created .*, published /),
      expect.stringMatching(new RegExp(`^to ${KARI}: download started .*, confirmed `)),
      expect.stringMatching(/^ {2}.* {2}Published$/),
      expect.stringMatching(/^ {2}.* {2}AllConfirmedDownloaded$/),
      'got.txt is that file',
      '',
    ])
    expect(JSON.parse(asked.stdout)).toMatchObject({ isVerified: true, statement: { sub: id } })
    expect(withoutToken).toEqual(told)
    expect((await cli(['receipt', id, '--local'])).stdout.split('.')).toHaveLength(3)
  })

  test('refuse another file, and a receipt that was changed', async () => {
    await received()
    await writeFile(pathOf('other.txt'), 'hallo')
    const [header, , signature] = (await readFile(pathOf('r'), 'utf8')).split('.')
    await writeFile(pathOf('forged'), [header, Buffer.from('{}').toString('base64url'), signature].join('.'))
    await writeFile(pathOf('huge'), 'a'.repeat(2 ** 20 + 1))
    const verified = (...args: string[]) => cli(['verify', ...args, '--keys', 'keys.json'], { env: OFFLINE })

    const [other, forged, huge, missing] = await Promise.all([
      verified('r', 'other.txt'),
      verified('forged'),
      verified('huge'),
      verified('nowhere'),
    ])

    expect(other).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringContaining('is not the file of the receipt'),
    })
    expect(forged).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('signature does not fit') })
    expect(huge).toMatchObject({ code: 1, stderr: expect.stringContaining('too large') })
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('nowhere') })
  })

  test('tell why there is none yet', async () => {
    const id = await journey.initialize()

    expect(await cli(['receipt', id, '--local'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('BRO-08061'),
    })
  })
})
