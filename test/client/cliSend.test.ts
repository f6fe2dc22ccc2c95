import { randomBytes } from 'node:crypto'
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { commandLine } from '../support/commandLine.js'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { bytesOf, KARI, md5, OLA, ownJourney, POLLING, STRANGER } from '../support/journey.js'

const MIB = 2 ** 20
// In pieces, so that no scanner takes this file for the test virus.
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS', '-TEST-FILE!$H+H*'].join('')

const journey = await ownJourney({}, { isEmpty: true })
const proxy = await startFaultyProxy(journey.stack.ports.app)
const { start, cli, json, jsonLines, pathOf } = commandLine(journey.stack)
afterAll(() => proxy.stop())

const write = (name: string, content: string | Uint8Array) => writeFile(pathOf(name), content)
const received = async (id: string, org = KARI) => Buffer.from(await bytesOf(await journey.download(org, id)))
const notes = () => readdir(pathOf('.local/state/altinn-broker/sending'))
const spooled = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('altinn-broker-'))

describe('sending the standard input', () => {
  test('sends what is piped, under the name that it is given', async () => {
    const bytes = randomBytes(9 * MIB)
    const before = await spooled()

    const sent = await cli(['send', '-', '--name', 'sikkerhetskopi.tar', '--local'], { input: bytes })

    expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining(`Published, MD5 ${md5(bytes)}`) })
    expect(await json('status', sent.stdout.trim())).toMatchObject({ fileName: 'sikkerhetskopi.tar' })
    expect((await received(sent.stdout.trim())).equals(bytes)).toBe(true)
    expect(await spooled()).toEqual(before)
  })

  test('resumes the file transfer of the same bytes after an interruption', async () => {
    const input = randomBytes(12 * MIB)
    const args = ['send', '-', '--name', 'a.bin', '--local', '--reference', 'piped']
    proxy.have('refuses', (path) => path.includes('/upload/tus/'))
    const first = start(args, { BROKER_URL: `http://127.0.0.1:${proxy.port}` })
    first.stdin?.end(input)
    const piped = expect.objectContaining({ sendersFileTransferReference: 'piped' })
    await vi.waitFor(async () => expect(await jsonLines('inbox', '--sent')).toContainEqual(piped), POLLING)
    first.kill('SIGINT')
    const code = await new Promise((resolve) => first.once('close', resolve))
    proxy.have('none')

    const second = await cli(args, { env: { BROKER_URL: `http://127.0.0.1:${proxy.port}` }, input })

    const found = (await jsonLines('inbox', '--sent')).filter((each) => each.sendersFileTransferReference === 'piped')
    expect([code, second.code, found.map((each) => each.fileTransferId)]).toEqual([130, 0, [second.stdout.trim()]])
  })

  test('says how much it takes, and takes no more', async () => {
    const before = await spooled()
    const args = ['send', '-', '--name', 'a', '--local', '--max-input', '1MiB']

    const { code, stdout, stderr } = await cli(args, { input: new Uint8Array(MIB + 1) })

    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^The standard input is kept in .+ until it is sent, up to 1 MiB\.\n/)
    expect(stderr).toMatch(/altinn-broker: The standard input has more than 1 MiB: .+ --max-input\n$/)
    expect(await spooled()).toEqual(before)
  })

  test.each([
    ['without a name', ['-'], 'The input has no name: give --name NAME'],
    ['beside a file', ['-', 'a.txt', '--name', 'a'], '- takes the place of one file'],
    ['that is the list of recipients', ['-', '--name', 'a', '--recipients-file', '-'], 'not both'],
  ])('is refused %s', async (_, args, sentence) => {
    const input = `${KARI}\n`

    expect(await cli(['send', ...args, '--local'], { input })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(sentence),
    })
  })
})

describe('sending several files', () => {
  test('sends each file of a folder, and says which', async () => {
    await mkdir(pathOf('inn/under/.git'), { recursive: true })
    await write('a.txt', 'a')
    await write('inn/b.txt', 'b')
    await write('inn/under/c.txt', 'c')
    await write('inn/.DS_Store', '')
    await write('inn/under/.git/config', '')
    await symlink('b.txt', pathOf('inn/link'))
    await write('who.txt', `# our partners\n986 252 932  Fjord Regnskap AS # Kari\n\nNO910753614MVA\n`)
    const args = [
      'send',
      'inn',
      'a.txt',
      './a.txt',
      '--recipients-file',
      'who.txt',
      '--reference',
      'ref',
      '--property',
      'x=1=2',
    ]

    const sent = await cli([...args, '--property', 'y=', '--to', '974 760 673,986252932', '--local'])

    const all = await Promise.all(
      sent.stdout
        .trim()
        .split('\n')
        .map((id) => json('status', id)),
    )
    expect(sent.code).toBe(0)
    expect(sent.stderr).toMatch(/^Left out, .*: inn\/\.DS_Store, inn\/link, inn\/under\/\.git\/config\n3 files, 3 B, /)
    expect(sent.stderr).toContain(': inn/b.txt, inn/under/c.txt, a.txt\n')
    expect(all.map(({ fileName }) => fileName)).toEqual(['b.txt', 'c.txt', 'a.txt'])
    for (const each of all)
      expect(each).toMatchObject({ sendersFileTransferReference: 'ref', propertyList: { x: '1=2', y: '' } })
    const recipients = all[0].recipients.map((each: { recipient: string }) => each.recipient)
    expect(recipients.toSorted()).toEqual([OLA, STRANGER, KARI].map((each) => `0192:${each}`))
  })

  test('goes on after one that fails; then the same command sends that one alone', async () => {
    await write('a.txt', 'a')
    await write('b.txt', EICAR)
    await write('c.txt', 'c')
    const args = ['send', 'a.txt', 'b.txt', 'c.txt', '--local']

    const first = await cli(args)
    const failure = JSON.parse((await cli([...args, '--json'])).stderr)
    await write('b.txt', 'mended')
    const second = await cli(args)
    const third = await cli(args)

    const [a = '', c = '', ...others] = first.stdout.trim().split('\n')
    expect([first.code, others]).toEqual([1, []])
    expect(first.stderr).toMatch(
      /\naltinn-broker: b\.txt: The file transfer \S+ is Failed: .+\n.*1 of 3 file transfers failed\n$/,
    )
    expect(failure).toMatchObject({
      error: '1 of 3 file transfers failed',
      failures: [{ path: 'b.txt', fileTransferId: expect.any(String), status: 'Failed', reason: expect.any(String) }],
    })
    expect(second.stdout.trim().split('\n')).toEqual([a, expect.any(String), c])
    expect(second.stderr).toContain(`a.txt was sent before, as ${a}\n`)
    expect([second.code, third.code, third.stdout.includes(a)]).toEqual([0, 0, false])
    expect((await notes()).filter((name) => name.startsWith('batch-'))).toEqual([])
  })

  test('does not try the others when the sender is refused', async () => {
    await write('a.txt', 'a')
    await write('b.txt', 'b')

    const { code, stdout, stderr } = await cli(['send', 'a.txt', 'b.txt', '--from', OLA, '--local'])

    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('1 of 2 file transfers failed, 1 were not tried\n')
  })

  test.each([
    ['an empty folder', ['empty/'], 'There are no files in the folder empty/'],
    ['one name for several', ['a.txt', 'none.txt', '--name', 'b'], '--name is the name of one file'],
    ['a mistyped recipient', ['a.txt', '--to', '986252933'], '--to: not an organisation: 986252933 (its check digit'],
    ['no recipient', ['a.txt', '--recipients-file', 'none.txt'], 'none.txt names no organisation'],
    ['two senders', ['a.txt', '--from', `${KARI} ${OLA}`], '--from is one organisation'],
  ])('is refused with %s', async (_, args, sentence) => {
    await mkdir(pathOf('empty'))
    await write('a.txt', 'a')
    await write('none.txt', '# nobody\n')

    const said = await cli(['send', ...args, '--local'])

    expect(said).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) })
  })
})

describe('sending by a link', () => {
  test('puts the file in the storage, in blocks', async () => {
    const bytes = randomBytes(17 * MIB + 1)
    await write('large.bin', bytes)

    const sent = await cli(['send', 'large.bin', '--link', '--local', '--property', 'a=b'])

    const id = sent.stdout.trim()
    expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining(`Published, MD5 ${md5(bytes)}`) })
    expect((await received(id)).equals(bytes)).toBe(true)
    expect(await json('status', id)).toMatchObject({ propertyList: { a: 'b' }, checksum: md5(bytes) })
    expect(await notes()).toEqual([])
  })

  test('begins anew in the same file transfer after an interruption', async () => {
    await write('a.bin', randomBytes(MIB))
    const slow = { BROKER_URL: `http://127.0.0.1:${proxy.port}` }
    const args = ['send', 'a.bin', '--link', '--local', '--reference', 'by-link']
    proxy.have('refuses', (path) => path.includes('/upload/link'))
    const first = start(args, slow)
    await vi.waitFor(async () => expect(await jsonLines('inbox', '--sent')).toContainEqual(byLink), POLLING)
    first.kill('SIGINT')
    const code = await new Promise((resolve) => first.once('close', resolve))
    proxy.have('none')

    const second = await cli(args, { env: slow })

    const found = (await jsonLines('inbox', '--sent')).filter((each) => each.sendersFileTransferReference === 'by-link')
    expect([code, second.code, found.length]).toEqual([130, 0, 1])
    expect(second.stdout.trim()).toBe(found[0].fileTransferId)
  })

  test('says once that it was cancelled meanwhile, and sends it anew after that', async () => {
    await write('b.bin', randomBytes(MIB))
    const args = ['send', 'b.bin', '--link', '--local', '--reference', 'cancelled']
    proxy.have('refuses', (path) => path.includes('/upload/link'))
    const first = start(args, { BROKER_URL: `http://127.0.0.1:${proxy.port}` })
    const begun = async () =>
      (await jsonLines('inbox', '--sent')).filter((each) => each.sendersFileTransferReference === 'cancelled')
    await vi.waitFor(async () => expect(await begun()).toHaveLength(1), POLLING)
    first.kill('SIGINT')
    await new Promise((resolve) => first.once('close', resolve))
    proxy.have('none')
    const [{ fileTransferId: id }] = await begun()
    await cli(['cancel', id, '--local', '--reason', 'Feil fil'])

    const second = await cli(args, { env: { BROKER_URL: `http://127.0.0.1:${proxy.port}` } })
    const third = await cli(args, { env: { BROKER_URL: `http://127.0.0.1:${proxy.port}` } })

    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`The file transfer ${id} is Cancelled: Feil fil`)
    expect(second.stderr).toContain('The same command sends it anew')
    expect([third.code, third.stdout.trim() === id]).toEqual([0, false])
  })
  const byLink = expect.objectContaining({ sendersFileTransferReference: 'by-link' })

  test('sends an empty file, too', async () => {
    await write('empty', '')

    const sent = await cli(['send', 'empty', '--link', '--local'])

    expect(sent.code).toBe(0)
    expect(await received(sent.stdout.trim())).toHaveLength(0)
  })
})

describe('sending while Broker does not answer', () => {
  const through = { BROKER_URL: `http://127.0.0.1:${proxy.port}` }

  test('goes on by itself when it answers again, and says so', async () => {
    await write('a.bin', randomBytes(9 * MIB))
    proxy.have('refuses', (path) => path.includes('/upload/'))
    const child = start(['send', 'a.bin', '--local'], through)
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    await vi.waitFor(() => expect(said).toContain('Broker does not answer now (the connection was cut)'), POLLING)
    proxy.have('none')

    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    expect(said).toMatch(/\nBroker answers again, after /)
    expect(said).toContain('\na.bin is being checked\n')
  })

  test('ends after as many retries as it is told, with how to go on', async () => {
    await write('a.bin', 'a')
    proxy.have('refuses', (path) => path.endsWith('/upload'))

    const args = ['send', 'a.bin', '--local', '--retry', '1']
    const { code, stderr } = await cli(args, { env: through })
    const inJson = JSON.parse((await cli([...args, '--json'], { env: through })).stderr)
    proxy.have('none')

    expect(code).toBe(4)
    expect(stderr).toMatch(/: the connection was cut\naltinn-broker: The same command goes on where it was\n$/)
    expect(inJson).toMatchObject({
      reason: 'the connection was cut',
      error: expect.stringMatching(/ does not answer /),
    })
  })
})
