import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type FakeBroker, startFakeBroker, tokenOf } from '../support/fakeBroker.js'
import { KARI, POLLING } from '../support/journey.js'

const MAIN = join(import.meta.dirname, '../../clients/typescript/dist/cli/main.js')

let broker: FakeBroker
let folder: string
beforeEach(async () => {
  broker = await startFakeBroker()
  folder = await mkdtemp(join(tmpdir(), 'receive-several-'))
  return async () => {
    await broker.stop()
    await rm(folder, { recursive: true })
  }
})

const start = (args: string[], limit?: string) => {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ALTINN_BROKER_URL: broker.url,
    ALTINN_BROKER_TOKEN: tokenOf(KARI),
    ALTINN_BROKER_RESOURCE: 'r',
  }
  const command = [process.execPath, MAIN, 'receive', ...args]
  const limited = ['bash', '-c', `trap '' XFSZ; ulimit -f ${limit}; exec "$@"`, 'bash', ...command]
  const [program = '', ...rest] = limit === undefined ? command : limited
  return spawn(program, rest, { cwd: folder, env, stdio: 'pipe' })
}

async function ended(child: ReturnType<typeof start>, input = '') {
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  child.stdin.end(input)
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}

const receive = (...args: string[]) => ended(start(args))

/** The contents of the folder by name, sorted. */
async function files(under = '.') {
  const names = (await readdir(join(folder, under), { withFileTypes: true })).filter((entry) => entry.isFile())
  const texts = names.map(async ({ name }) => [name, await readFile(join(folder, under, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}
const contents = async (under?: string) => Object.values(await files(under)).sort()

describe('receiving several files', () => {
  test.each([
    ['the same name', ['report.pdf', 'report.pdf', 'report.pdf']],
    ['names that differ in case', ['Report.PDF', 'report.pdf', 'REPORT.pdf']],
    ['names that differ in how accents are encoded', ['r\u00e9sum\u00e9.pdf', 're\u0301sume\u0301.pdf']],
    ['names that are the same on a disk', ['a/report?.pdf', 'b\\report*.pdf', 'report_.pdf', 'report_.pdf. ']],
    ['names that are too long', [`${'x'.repeat(250)}.pdf`, `${'x'.repeat(255)}.pdf`, 'æ'.repeat(255), 'æ'.repeat(254)]],
    ['names that disks refuse', ['', '.', '..', 'NUL', 'aux.txt', '.profile', ' ', '\u202e']],
  ])('keeps each of %s, confirms all, and never replaces what was there', async (_, names) => {
    const texts = names.map((name, index) => `${index} ${name}`)
    const ids = names.map((name, index) => broker.add(name, texts[index] ?? ''))
    await mkdir(join(folder, 'inn'))
    await writeFile(join(folder, 'inn/report.pdf'), 'of an earlier run')

    const said = await receive('--all', '--confirm', '--force', '--out', 'inn')

    expect(said.code).toBe(0)
    expect(await contents('inn')).toEqual([...texts, 'of an earlier run'].sort())
    const folded = Object.keys(await files('inn')).map((name) => name.toUpperCase().normalize('NFKC'))
    expect(new Set(folded).size).toBe(names.length + 1)
    expect(said.stdout.trim().split('\n')).toHaveLength(names.length)
    expect(broker.confirmed.sort()).toEqual(ids.sort())
  })

  test('numbers clashes, and keeps the extension', async () => {
    for (const text of ['a', 'b', 'c']) broker.add('report.pdf', text)

    await receive('--all', '--out', 'inn/')

    expect(await files('inn')).toEqual({ 'report.pdf': 'a', 'report (2).pdf': 'b', 'report (3).pdf': 'c' })
  })

  test('keeps the names of the senders with --names keep, and counts each clash as a failure', async () => {
    const [first, second, other] = ['a', 'b', 'c'].map((text, index) =>
      broker.add(index < 2 ? 'report.pdf' : 'other.pdf', text),
    )

    const said = await receive('--all', '--confirm', '--names', 'keep', '--force', '--quiet')
    const again = await receive('--all', '--confirm', '--names', 'keep')

    expect(said).toMatchObject({ code: 1, stdout: 'report.pdf\nother.pdf\n' })
    expect(said.stderr).toBe(
      `altinn-broker: ${second}: report.pdf is there already: give --out, --names number or --force\n` +
        'altinn-broker: 1 of 3 file transfers failed\n',
    )
    expect([await files(), broker.confirmed]).toEqual([{ 'report.pdf': 'a', 'other.pdf': 'c' }, [first, other]])
    expect(again).toMatchObject({ code: 1, stdout: '' })
  })

  test('puts the id into each name with --names id, and a second run makes no copies', async () => {
    const names = [
      'report.pdf',
      'report.pdf',
      `${'æ'.repeat(300)}.pdf`,
      'no extension',
      `x.${'y'.repeat(250)}`,
      '.hidden',
    ]
    const texts = names.map((name, index) => `${index} ${name}`)
    const ids = names.map((name, index) => broker.add(name, texts[index] ?? ''))

    const said = await receive('--all', '--out', 'inn/', '--names', 'id')
    const again = await receive('--all', '--out', 'inn/', '--names', 'id')

    const found = await files('inn')
    expect([said.code, again.code]).toEqual([0, 0])
    expect(Object.values(found).toSorted()).toEqual(texts.toSorted())
    for (const [name, text] of Object.entries(found)) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
      expect(name).toContain(` ${ids[texts.indexOf(text)]}`)
    }
    expect(found).toMatchObject({ [`report ${ids[0]}.pdf`]: texts[0], [`no extension ${ids[3]}`]: texts[3] })
  })

  test('cannot be made to replace the file of another transfer by a name with its id', async () => {
    const victim = broker.add('a.pdf', 'of the other')
    const trap = broker.add(`a ${victim}.pdf`, 'trap')

    await receive(victim, trap, '--names', 'id')

    expect(await files()).toEqual({ [`a ${victim}.pdf`]: 'of the other', [`a ${victim} ${trap}.pdf`]: 'trap' })
  })

  test.each([
    ['of another word', ['--names', 'replace'], '--names is number, keep, id, not replace'],
    ['with one file', ['--names', 'id', '--out', 'one.bin'], '--names goes with a folder'],
  ])('is refused with --names %s', async (_, args, sentence) => {
    const id = broker.add('a', 'a')

    expect(await receive(id, ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) })
  })

  test('says when there is nothing to receive', async () => {
    expect(await receive('--all')).toEqual({ code: 0, stdout: '', stderr: 'Nothing.\n' })
  })

  test('continues after a failure, reports the failures at the end, and confirms only complete files', async () => {
    const [before, refused, wrong, after] = [
      broker.add('a.txt', 'a'),
      broker.add('b.txt', 'b', { refusesWith: 403 }),
      broker.add('c.txt', 'c'),
      broker.add('d.txt', 'd'),
    ]
    await writeFile(join(folder, `c.txt.${wrong}.part`), 'x')

    const said = await receive('--all', '--confirm', '--quiet')

    expect(said).toMatchObject({ code: 1, stdout: 'a.txt\nd.txt\n' })
    expect(said.stderr.split('\n')).toEqual([
      expect.stringMatching(`^altinn-broker: ${refused}: 403 `),
      expect.stringMatching(`^altinn-broker: ${wrong}: c\\.txt should be `),
      'altinn-broker: 2 of 4 file transfers failed',
      '',
    ])
    expect(broker.confirmed).toEqual([before, after])
    const json = JSON.parse((await receive(refused, refused.toUpperCase(), '--json')).stderr)
    expect(json).toMatchObject({
      error: '2 of 2 file transfers failed',
      failures: [
        { status: 403, fileTransferId: refused, reason: 'no' },
        { status: 404, fileTransferId: refused.toUpperCase(), reason: 'no' },
      ],
    })
  })

  test('takes nothing for written that a full disk has refused, and can be resumed', async () => {
    const bytes = randomBytes(300_000)
    const [large, small] = [broker.add('large', bytes), broker.add('small', 'small')]

    const full = await ended(start(['--all', '--confirm'], '200'))
    const confirmed = [...broker.confirmed]
    const again = await receive('--all', '--confirm')

    expect(full).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(`${large}: .* cannot be written: it is larger than`),
    })
    expect(confirmed).toEqual([small])
    expect(again.code).toBe(0)
    expect((await readFile(join(folder, 'large'))).equals(bytes)).toBe(true)
    expect(Object.keys(await files())).toEqual(['large', 'small'])
  })

  test('confirms nothing where no file can be written', async () => {
    broker.add('a.txt', 'a')
    await writeFile(join(folder, 'file'), '')
    await symlink('missing/elsewhere', join(folder, 'away'))

    expect((await receive('--all', '--confirm', '--out', 'file/inn/')).code).toBe(1)
    expect((await receive('--all', '--confirm', '--out', '/proc/')).code).toBe(1)
    expect((await receive('--all', '--confirm', '--out', 'away/')).code).toBe(1)
    expect(broker.confirmed).toEqual([])
  })

  test.each([
    ['a file', ['--out', 'one.bin']],
    ['the output', ['--out', '-']],
  ])('refuses to write them to %s', async (_, out) => {
    const ids = ['a', 'b'].map((name) => broker.add(name, name))

    const said = await Promise.all([
      receive(...ids, ...out, '--confirm', '--force'),
      receive('--all', ...out, '--confirm', '--force'),
      ended(start(['-', ...out, '--confirm', '--force']), ids.join('\n')),
    ])

    expect(said.map(({ code, stdout }) => [code, stdout])).toEqual(Array(3).fill([2, '']))
    for (const { stderr } of said)
      expect(stderr).toMatch(/^altinn-broker: --out .+ give a folder, such as --out inbox\/\n$/)
    expect(broker.confirmed).toEqual([])
    expect(await files()).toEqual({})
  })

  test('writes one piped id to a file', async () => {
    const id = broker.add('a', 'a')

    expect(await ended(start(['-', '--out', 'one.bin', '--quiet']), `${id}\n`)).toMatchObject({ stdout: 'one.bin\n' })
    expect(await files()).toEqual({ 'one.bin': 'a' })
  })

  test('ends with 1 and the id, also where the only one that waits has failed', async () => {
    const id = broker.add('a', 'a', { refusesWith: 403 })

    const said = await receive('--all')

    expect(said.code).toBe(1)
    expect(said.stderr).toMatch(new RegExp(`${id}: 403 .*\\n.*1 of 1 file transfers failed`))
  })

  test('numbers clashes of piped ids, too', async () => {
    const ids = ['a', 'b'].map((text) => broker.add('report.pdf', text))

    expect((await ended(start(['-', '--confirm', '--force']), ids.join('\n'))).code).toBe(0)
    expect(await files()).toEqual({ 'report.pdf': 'a', 'report (2).pdf': 'b' })
    expect(broker.confirmed).toEqual(ids)
  })

  test('refuses one file for all that wait before it asks for them, whether none waits, or one', async () => {
    const said = async () => (await receive('--all', '--out', 'one.bin')).code

    expect(await said()).toBe(2)
    broker.add('a', 'a')
    expect([await said(), await files()]).toEqual([2, {}])
  })

  test('receives nothing twice that is named twice', async () => {
    const id = broker.add('a', 'a')

    expect((await receive(id, id)).code).toBe(0)
    expect(await files()).toEqual({ a: 'a' })
  })

  test('by two processes into one folder loses none', async () => {
    const texts = Array.from({ length: 10 }, (_, index) => `${index} ${randomBytes(200_000).toString('hex')}`)
    const onPiece = () => new Promise<void>((resolve) => setImmediate(resolve))
    const ids = texts.map((text) => broker.add('report.pdf', text, { onPiece }))

    const both = await Promise.all([receive('--all', '--confirm'), receive('--all', '--confirm')])

    expect(both.map(({ code, stderr }) => [code, stderr.includes('altinn-broker:')])).toEqual([
      [0, false],
      [0, false],
    ])
    expect(new Set(broker.confirmed)).toEqual(new Set(ids))
    expect(new Set(await contents())).toEqual(new Set(texts))
    expect(Object.keys(await files()).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('resumes after it was killed, and confirms what it has written by then', async () => {
    const bytes = randomBytes(2_000_000)
    const isHeld = Promise.withResolvers<void>()
    const id = broker.add('large', bytes, { onPiece: (sent) => (sent > 1_000_000 ? isHeld.promise : undefined) })
    const first = start(['--all', '--confirm'])
    await vi.waitFor(
      async () => expect((await readFile(join(folder, `large.${id}.part`))).length).toBeGreaterThan(900_000),
      POLLING,
    )
    first.kill('SIGKILL')
    await new Promise((resolve) => first.once('close', resolve))
    const confirmed = [...broker.confirmed]
    isHeld.resolve()

    const again = await receive('--all', '--confirm')

    expect([confirmed, again.code, broker.confirmed]).toEqual([[], 0, [id]])
    expect((await readFile(join(folder, 'large'))).equals(bytes)).toBe(true)
    expect(await readdir(folder)).toEqual(['large'])
  })

  test('ends immediately when it is interrupted, and reports the failures by then', async () => {
    const refused = broker.add('a', 'a', { refusesWith: 403 })
    const held = broker.add('b', 'b', { onPiece: () => new Promise(() => {}) })
    broker.add('c', 'c')
    const child = start(['--all', '--confirm'])
    const ending = ended(child)
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual([`b.${held}.part`]), POLLING)
    child.kill('SIGINT')

    const said = await ending

    expect(said).toMatchObject({ code: 130, stdout: '' })
    expect(said.stderr).toMatch(new RegExp(`${refused}: 403 [^]+${held}: Interrupted[^]+2 of 3 file transfers failed`))
    expect(broker.confirmed).toEqual([])
  })

  test('cannot be made to throw away the file of one transfer as the rest of another', async () => {
    const victim = broker.add('a.txt', 'of the other')
    const trap = broker.add(`a.txt.${victim}.part`, 'kept')

    await receive(trap, victim, '--confirm')

    expect(await contents()).toEqual(['kept', 'of the other'])
    expect(broker.confirmed).toEqual([trap, victim])
  })
})

describe('receiving one file', () => {
  test('replaces a file only with --force', async () => {
    const id = broker.add('a.txt', 'new')
    await writeFile(join(folder, 'a.txt'), 'old')

    expect(await receive(id, '--confirm')).toMatchObject({
      code: 1,
      stderr: 'altinn-broker: a.txt is there already: give --out, --names number or --force\n',
    })
    expect([await files(), broker.confirmed]).toEqual([{ 'a.txt': 'old' }, []])
    expect((await receive(id, '--confirm', '--force')).code).toBe(0)
    expect([await files(), broker.confirmed]).toEqual([{ 'a.txt': 'new' }, [id]])
  })

  test('replaces nothing that came while it was under way', async () => {
    const held = Promise.withResolvers<void>()
    const id = broker.add('a.txt', 'new', { onPiece: () => held.promise })
    const receiving = ended(start([id, '--confirm']))
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual([`a.txt.${id}.part`]), POLLING)
    await writeFile(join(folder, 'a.txt'), 'old')
    held.resolve()

    expect(await receiving).toMatchObject({ code: 1, stderr: expect.stringContaining('a.txt is there already') })
    expect([(await files())['a.txt'], broker.confirmed]).toEqual(['old', []])
  })

  test('replaces nothing that is no file', async () => {
    const id = broker.add('a.txt', 'new')
    await mkdir(join(folder, 'a.txt'))

    expect(await receive(id, '--confirm', '--force')).toMatchObject({ code: 1 })
    expect(broker.confirmed).toEqual([])
  })
})
