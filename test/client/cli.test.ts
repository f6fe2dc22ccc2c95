import { createPrivateKey, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { commandLine } from '../support/commandLine.js'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { KARI, md5, OWNER, ownJourney, POLLING, RESOURCE, STRANGER } from '../support/journey.js'

const MIB = 2 ** 20
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const journey = await ownJourney({}, { isEmpty: true })
const proxy = await startFaultyProxy(journey.stack.ports.app)
const { start, cli, jsonLines, json, pathOf } = commandLine(journey.stack)
afterAll(() => proxy.stop())

describe('altinn-broker on the local stack', () => {
  test('sends a file and receives it by its id, without any set-up', async () => {
    const bytes = randomBytes(100_000)
    await writeFile(pathOf('søknad.bin'), bytes)

    const sent = await cli(['send', 'søknad.bin', '--local'])
    const id = sent.stdout.trim()
    const received = await cli(['receive', '-', '--local', '--confirm', '--out', 'inn/'], { input: sent.stdout })

    expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining(`Published, MD5 ${md5(bytes)}`) })
    expect(id).toMatch(GUID)
    expect(received).toMatchObject({ code: 0, stdout: 'inn/søknad.bin\n', stderr: expect.stringContaining(md5(bytes)) })
    expect((await readFile(pathOf('inn/søknad.bin'))).equals(bytes)).toBe(true)
    expect(await json('status', id)).toMatchObject({
      fileTransferStatus: 'AllConfirmedDownloaded',
      recipients: [{ recipient: `0192:${KARI}`, currentRecipientFileTransferStatusCode: 'DownloadConfirmed' }],
    })
  })

  test('writes a file to the output', async () => {
    await writeFile(pathOf('a.txt'), 'Hei!\n')
    const { fileTransferId } = await json('send', 'a.txt')

    expect(await cli(['receive', fileTransferId, '--local', '--out', '-', '--quiet'])).toEqual({
      code: 0,
      stdout: 'Hei!\n',
      stderr: '',
    })
  })

  test('lists the inbox and what was sent, and empties the inbox', async () => {
    await writeFile(pathOf('a.txt'), 'a')
    await writeFile(pathOf('b.txt'), 'bb')
    const sent = await cli(['send', 'a.txt', 'b.txt', '--local', '--to', STRANGER, '--property', 'color=blue'])
    const ids = sent.stdout.trim().split('\n')

    const listed = await jsonLines('inbox', '--as', STRANGER, '--since', '1h')
    const ofBefore = await cli(['inbox', '--local', '--as', STRANGER, '--until', '1h'])
    const text = await cli(['inbox', '--local', '--sent', '--limit', '1'])
    await mkdir(pathOf('inn'))
    expect((await jsonLines('changes', '--as', STRANGER, '--once')).map((each) => each.fileTransferId)).toEqual(ids)
    const all = ['receive', '--all', '--local', '--as', STRANGER, '--out', 'inn', '--confirm']
    const received = await cli(all)
    const again = await cli(all)

    expect(listed.map((each: { fileTransferId: string }) => each.fileTransferId).sort()).toEqual(ids.sort())
    expect(listed[0]).toMatchObject({ recipients: { total: 1 }, recipientStatus: 'Initialized' })
    expect((await json('status', ids[0] ?? '')).propertyList).toEqual({ color: 'blue' })
    expect(text.stdout.split('\n')).toEqual([
      expect.stringMatching(/^ID +CREATED +STATUS +SIZE +TO +FILE$/),
      expect.stringMatching(
        /^\S+ {2}[-\d]{10} [:\d]{8} {2}Published, 0 of 1 confirmed {2}2 B {3}\S.* \(974760673\) {2}b\.txt$/,
      ),
      '',
    ])
    expect(text.stderr).toBe('There are more: --limit 2 lists more of them\n')
    expect([ofBefore.code, ofBefore.stdout, ofBefore.stderr]).toEqual([0, '', 'Nothing.\n'])
    expect([received.code, again.code, again.stdout]).toEqual([0, 0, ''])
    expect((await readdir(pathOf('inn'))).sort()).toEqual(['a.txt', 'b.txt'])
  })

  test('shows the history of a transfer, watches and cancels', async () => {
    await writeFile(pathOf('a.txt'), 'a')
    const { fileTransferId: id } = await json('send', 'a.txt', '--no-wait')

    const watched = await cli(['watch', id, '--until', 'Published', '--local', '--json'])
    const status = await cli(['status', id, '--local'])
    const cancelled = await cli(['cancel', id, '--local', '--json'])

    const seen = watched.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).fileTransferStatus)
    expect([watched.code, seen.at(-1)]).toEqual([0, 'Published'])
    expect(status.stdout).toMatch(/^a\.txt, 1 B, MD5 \w{32}\nPublished: .+\nfrom \S.* \(991825827\) by /)
    expect(status.stdout).toMatch(
      /( {2}[-\d]{10} [:\d]{8} {2}(Initialized|UploadStarted|UploadProcessing|Published)\n){4}$/,
    )
    expect([cancelled.code, JSON.parse(cancelled.stderr)]).toMatchObject([
      3,
      { fileTransferId: id, status: 409, code: expect.stringMatching(/^BRO-/), reason: expect.any(String) },
    ])
  })

  test('changes the expiry of a published file, and withdraws it with a reason', async () => {
    await writeFile(pathOf('a.txt'), 'a')
    const { fileTransferId: id } = await json('send', 'a.txt')

    const refused = await cli(['expire', id, '--until', '9999-12-31', '--local', '--json'])
    const changed = await cli(['expire', id, '--until', '7d', '--local'])
    const shown = await cli(['status', id, '--local'])
    const unsaid = await cli(['cancel', id, '--local'])
    const withdrawn = await json('cancel', id, '--reason', 'Feil fil')
    const status = await cli(['status', id, '--local'])

    expect([refused.code, JSON.parse(refused.stderr)]).toMatchObject([
      3,
      { code: 'BRO-08042', latestExpirationTime: expect.stringMatching(/^\d{4}-/) },
    ])
    expect([changed.code, changed.stdout]).toEqual([0, expect.stringMatching(/^\S{36} expires [-\d]{10} [:\d]{8}\n$/)])
    expect(shown.stdout).toMatch(/ {2}expires [-\d]{10} [:\d]{8}, not [-\d]{10} [:\d]{8}\n/)
    expect([unsaid.code, unsaid.stderr]).toEqual([3, expect.stringContaining('With --reason TEXT')])
    expect(withdrawn).toEqual({ fileTransferId: id, cancelled: true, reason: 'Feil fil' })
    expect(status.stdout).toContain('\nCancelled: Feil fil\n')
  })

  test.each([[['expire', 'x']], [['expire', 'x', '--until', 'soon']]])('asks how long: %j', async (argv) => {
    expect(await cli([...argv, '--local'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--until') })
  })

  test('configures a resource, and shows its configuration', async () => {
    const change = ['--max-size', '2GB', '--ttl', 'P5D', '--max-ttl', 'P9D', '--purge', 'no']

    expect(await json('resource', 'new-of-the-cli', ...change)).toMatchObject({
      resourceId: 'new-of-the-cli',
      maxFileTransferSize: 2_000_000_000,
      fileTransferTimeToLive: '5.00:00:00',
      fileTransferMaxTimeToLive: '9.00:00:00',
      purgeFileTransferAfterAllRecipientsConfirmed: false,
    })
    expect((await cli(['resource', 'new-of-the-cli', '--local'])).stdout).toContain('largest file: 1.9 GiB\n')
  })

  test('resumes a large file after Ctrl-C, in both directions', async () => {
    const bytes = randomBytes(12 * MIB)
    await writeFile(pathOf('large.bin'), bytes)
    const args = ['send', 'large.bin', '--local', '--chunk-size', '1MiB', '--reference', 'interrupted']
    const slow = { BROKER_URL: `http://127.0.0.1:${proxy.port}` }
    proxy.have({ slowMs: 100 })
    const sending = start(args, slow)
    const notes = pathOf('.local/state/altinn-broker/sending')
    await vi.waitFor(async () => {
      const [note = ''] = await readdir(notes)
      expect(JSON.parse(await readFile(join(notes, note), 'utf8')).parts).toHaveLength(4)
    }, POLLING)
    sending.kill('SIGINT')
    expect(await new Promise((resolve) => sending.once('close', resolve))).toBe(130)
    proxy.have('none')

    const sent = await cli(args, { env: slow })
    const found = await jsonLines('inbox', '--sent')
    const id = sent.stdout.trim()
    proxy.have({ slowMs: 50 })
    const receiving = start(['receive', id, '--local', '--out', 'inn/'], slow)
    const part = pathOf(`inn/large.bin.${id}.part`)
    await vi.waitFor(async () => expect((await stat(part)).size).toBeGreaterThan(0), POLLING)
    receiving.kill('SIGKILL')
    proxy.have('none')
    const received = await cli(['receive', id, '--local', '--out', 'inn/'])

    const mine = found.filter((each: Record<string, string>) => each.sendersFileTransferReference === 'interrupted')
    expect([sent.code, mine.length, await readdir(notes)]).toEqual([0, 1, []])
    expect(received).toMatchObject({ code: 0, stdout: 'inn/large.bin\n' })
    expect((await readFile(pathOf('inn/large.bin'))).equals(bytes)).toBe(true)
    expect(await readdir(pathOf('inn'))).toEqual(['large.bin'])
  })
})

describe('altinn-broker with a token', () => {
  test('logs in as a client of Maskinporten, keeps the settings for its owner alone, and sends', async () => {
    const {
      MASKINPORTEN_METADATA_URL = '',
      MASKINPORTEN_CLIENT_ID = '',
      MASKINPORTEN_JWK = '',
    } = journey.stack.settings
    await writeFile(pathOf('key.jwk'), MASKINPORTEN_JWK)
    await writeFile(pathOf('a.txt'), 'a')
    const { app, altinn } = journey.stack.urls

    const login = await cli([
      'login',
      ...[
        ['--url', app],
        ['--client-id', MASKINPORTEN_CLIENT_ID],
        ['--key-file', 'key.jwk'],
        ['--resource', RESOURCE],
        ['--platform-url', altinn],
        ['--maskinporten-url', MASKINPORTEN_METADATA_URL],
      ].flat(),
    ])
    const sent = await cli(['send', 'a.txt', '--to', KARI])

    const file = pathOf('.config/altinn-broker/config.json')
    expect(login).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^You are ${OWNER}, .*\nkept in ${file}\n$`)),
    })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) })
  })

  test('logs in with a key in PEM, too, and forgets its id with the next key', async () => {
    const {
      MASKINPORTEN_METADATA_URL = '',
      MASKINPORTEN_CLIENT_ID = '',
      MASKINPORTEN_JWK = '',
    } = journey.stack.settings
    const jwk = JSON.parse(Buffer.from(MASKINPORTEN_JWK, 'base64').toString())
    const pem = createPrivateKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'pkcs8' })
    await writeFile(pathOf('key.pem'), pem)
    await writeFile(pathOf('key.jwk'), MASKINPORTEN_JWK)
    const { app, altinn } = journey.stack.urls
    const to = ['--url', app, '--client-id', MASKINPORTEN_CLIENT_ID, '--platform-url', altinn]
    const login = ['login', ...to, '--maskinporten-url', MASKINPORTEN_METADATA_URL]
    const stored = async () => JSON.parse(await readFile(pathOf('.config/altinn-broker/config.json'), 'utf8'))

    const byPem = await cli([...login, '--key-file', 'key.pem', '--kid', jwk.kid ?? 'mine'])
    const withPem = await stored()
    const byJwk = await cli([...login, '--key-file', 'key.jwk'])

    expect([byPem.code, byJwk.code]).toEqual([0, 0])
    expect([withPem.kid, withPem.keyFile]).toEqual([jwk.kid ?? 'mine', pathOf('key.pem')])
    expect(await stored()).not.toHaveProperty('kid')
  })

  test('prints it, and nothing else', async () => {
    const token = await journey.token(KARI, 'altinn:broker.read')
    const env = { ALTINN_BROKER_TOKEN: `Bearer ${token}\n`, ALTINN_BROKER_URL: journey.stack.urls.app }

    const printed = await cli(['token'], { env })
    const inJson = await cli(['token', '--json'], { env })

    expect(printed).toEqual({ code: 0, stdout: `${token}\n`, stderr: '' })
    expect(JSON.parse(inJson.stdout)).toMatchObject({ token, organization: KARI, expires: expect.any(String) })
  })

  test('finds Broker at any spelling of its address', async () => {
    const token = await journey.token(KARI, 'altinn:broker.read')
    const env = { ALTINN_BROKER_TOKEN: token, ALTINN_BROKER_RESOURCE: RESOURCE }
    const { app } = journey.stack.urls

    for (const url of [`${app}/broker/api/v1`, `${app.replace('http://', '')}/`, `${app.toUpperCase()}/?x=1`])
      expect(await cli(['inbox', '--json', '--url', url], { env })).toMatchObject({ code: 0, stderr: '' })
  })

  test('takes one from the environment, and shows whose it is', async () => {
    const token = await journey.token(KARI, 'altinn:broker.read')

    const { code, stdout } = await cli(['login', '--url', journey.stack.urls.app, '--json'], {
      env: { ALTINN_BROKER_TOKEN: token },
    })

    expect([code, JSON.parse(stdout)]).toMatchObject([0, { organization: KARI, scope: 'altinn:broker.read' }])
  })

  test('says which setting is none', async () => {
    await writeFile(pathOf('mine.json'), '{"clientid":"x"}')

    expect(await cli(['status', 'x', '--config', 'mine.json'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('clientid is not a setting'),
    })
  })
})

describe('altinn-broker that cannot do it', () => {
  test.each([
    ['a command that is none', ['sned'], 2, 'sned is no command. See altinn-broker --help'],
    ['an option that is none', ['send', 'x', '--tu', '1'], 2, "Unknown option '--tu'. See altinn-broker send --help"],
    ['a name too few', ['status', '--local'], 2, 'status takes ID. See'],
    ['a name too many', ['inbox', 'x', '--local'], 2, 'inbox takes nothing but options. See'],
    [
      'nowhere to go',
      ['inbox', '--resource', 'r'],
      2,
      'Where is Broker? Give --url or --local, or run altinn-broker login',
    ],
    ['nobody to be', ['inbox', '--resource', 'r', '--url', 'http://127.0.0.1:1'], 2, 'Who are you?'],
    ['no size', ['send', 'x', '--local', '--chunk-size', 'much'], 2, '--chunk-size is a size such as 16MiB, not much'],
    ['no status', ['inbox', '--local', '--status', 'x'], 2, '--status is one of Initialized, '],
    ['no time', ['inbox', '--local', '--since', 'x'], 2, '--since is a date (2026-11-28), a time'],
    ['times in the wrong order', ['inbox', '--local', '--until', '7d', '--since', '1d'], 2, '--since is after --until'],
    ['no number', ['watch', 'x', '--local', '--retry', 'often'], 2, '--retry is a number, or FOREVER, not often'],
    ['no file', ['send', 'missing', '--local'], 1, 'missing does not exist'],
    ['an empty folder', ['send', '.', '--local'], 2, 'There are no files in the folder .'],
    ['no transfer', ['status', '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11', '--local'], 3, '404 BRO-00001 '],
  ])('reports %s', async (_, args, code, sentence) => {
    const said = await cli(args)

    expect(said).toMatchObject({ code, stdout: '' })
    expect(said.stderr).toMatch(/^altinn-broker: [^\n]+\n$/)
    expect(said.stderr).toContain(sentence)
  })

  test('reports that there is no answer', async () => {
    const env = { BROKER_URL: 'http://127.0.0.1:1', ALTINN_URL: 'http://127.0.0.1:1' }

    expect(await cli(['status', 'x', '--local'], { env })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('The local stack (npm start) does not answer at http://127.0.0.1:1'),
    })
  })

  test('replaces no file without --force', async () => {
    await writeFile(pathOf('a.txt'), 'a')
    const { fileTransferId } = await json('send', 'a.txt')

    expect(await cli(['receive', fileTransferId, '--local'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a.txt is there already: give --out, --names number or --force'),
    })
  })
})

describe('altinn-broker describes', () => {
  test('how to use it, with all exit codes', async () => {
    const { code, stdout } = await cli(['--help'])

    expect(code).toBe(0)
    for (const each of [
      'send',
      'receive',
      'inbox',
      'changes',
      'status',
      'confirm',
      'watch',
      'resource',
      'login',
      '130',
      '--local',
    ])
      expect(stdout).toContain(`  ${each} `)
    expect((await cli(['send', '-h'])).stdout).toMatch(
      /^altinn-broker send FILE\.\.\. \[OPTIONS\]: [\s\S]+\nExamples:\n {2}altinn-broker send /,
    )
    expect((await cli(['help', 'send'])).stdout).toBe((await cli(['send', '-h'])).stdout)
    expect((await cli(['completion', '--help'])).stdout).toContain('altinn-broker completion fish > ~/.config/fish/')
    expect((await cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
