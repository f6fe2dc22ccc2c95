import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { commandLine } from '../support/commandLine.js'
import { type FakeBroker, MALWARE, startFakeBroker, tokenOf } from '../support/fakeBroker.js'
import { KARI, OWNER, POLLING } from '../support/journey.js'

const { start, cli, pathOf } = commandLine({ urls: { app: '', altinn: '' } })

let broker: FakeBroker
beforeEach(async () => {
  broker = await startFakeBroker()
  return () => broker.stop()
})

const environment = () => ({
  ALTINN_BROKER_URL: broker.url,
  ALTINN_BROKER_TOKEN: tokenOf(OWNER),
  ALTINN_BROKER_RESOURCE: 'r',
})
const ARGS = ['--group', '--to', KARI]
const send = (...args: string[]) => cli(['send', ...args, ...ARGS], { env: environment() })
const write = (name: string, content = name) => writeFile(pathOf(name), content)
const lines = (text: string) => text.trim().split('\n')

describe('altinn-broker send --group', () => {
  test('prints the id of the group, and then those of the files', async () => {
    await mkdir(pathOf('inn'))
    for (const name of ['a.txt', 'inn/b.txt', 'inn/c.txt']) await write(name)

    const sent = await send('a.txt', 'inn', '--property', 'x=1')
    const inJson = await send('a.txt', 'inn', '--json', '--reference', 'ref')

    const [group = '', ...ids] = lines(sent.stdout)
    expect(sent).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^3 files, .*\n.*being checked\na\.txt, 5 B: /s),
    })
    expect(ids).toEqual(broker.groups.idsOf(group))
    const answers = lines(inJson.stdout).map((line) => JSON.parse(line))
    expect(answers[0]).toEqual({
      fileTransferGroupId: expect.any(String),
      fileTransferIds: answers.slice(1).map(({ fileTransferId }) => fileTransferId),
    })
    expect(answers.slice(1)).toMatchObject(['a.txt', 'b.txt', 'c.txt'].map((fileName) => ({ fileName })))
    const [first, second] = broker.groups.initialized.map(({ request }) => request)
    expect(first).toMatchObject({ sendersFileTransferReference: 'a.txt', propertyList: { x: '1' } })
    expect(first?.files).toEqual(['a.txt', 'b.txt', 'c.txt'].map((fileName) => ({ fileName })))
    expect(second).toMatchObject({ sendersFileTransferReference: 'ref' })
    expect(await readdir(pathOf('.local/state/altinn-broker/sending'))).toEqual([])
  })

  test('goes on after files that fail, and names each at the end', async () => {
    await write('a.txt')
    await write('b.txt', MALWARE)
    await write('c.txt')

    const sent = await send('a.txt', 'b.txt', 'c.txt')
    const failure = JSON.parse((await send('a.txt', 'b.txt', 'c.txt', '--json')).stderr)

    const [group = '', ...ids] = lines(sent.stdout)
    const [a, b, c] = broker.groups.idsOf(group)
    expect([sent.code, ids]).toEqual([1, [a, c]])
    expect(sent.stderr).toMatch(
      new RegExp(
        `\naltinn-broker: b\\.txt: The file transfer ${b} is Failed: Malware\n.*1 of 3 file transfers failed\n$`,
      ),
    )
    expect(failure).toMatchObject({
      failures: [{ path: 'b.txt', fileTransferId: expect.any(String), status: 'Failed', reason: 'Malware' }],
    })
  })

  test('goes on with the same group after Ctrl-C, and uploads what is left', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await write(name)
    const held = Promise.withResolvers<void>()
    broker.groups.holds.set('c.txt', held.promise)
    const first = start(['send', 'a.txt', 'b.txt', 'c.txt', ...ARGS], environment())
    let said = ''
    first.stdout?.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    await vi.waitFor(() => expect(lines(said)).toHaveLength(3), POLLING)
    first.kill('SIGINT')
    const code = await new Promise((resolve) => first.once('close', resolve))
    broker.groups.holds.clear()
    held.resolve()

    const second = await send('a.txt', 'b.txt', 'c.txt')

    expect([code, second.code]).toEqual([130, 0])
    expect(lines(second.stdout).slice(0, 3)).toEqual(lines(said))
    expect(broker.groups.initialized).toHaveLength(1)
    expect(broker.groups.uploaded.filter((name) => name !== 'c.txt')).toEqual(['a.txt', 'b.txt'])
  })

  test('says that the same command goes on when Broker does not answer', async () => {
    await write('a.txt')
    broker.groups.refusals.set('a.txt', 503)

    const { code, stderr } = await send('a.txt', '--retry', '0')

    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('altinn-broker: The same command goes on where it was\n'),
    ])
  })

  test.each([
    ['a name', ['a.txt', '--name', 'b'], '--name is the name of one file'],
    ['a link', ['a.txt', '--link'], '--link sends a file by itself'],
    ['the input', ['-'], '- is one file by itself'],
  ])('is refused with %s', async (_, args, sentence) => {
    await write('a.txt')

    expect(await send(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) })
    expect(broker.groups.initialized).toEqual([])
  })
})
