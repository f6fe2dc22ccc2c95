import { readdir, readFile } from 'node:fs/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { commandLine } from '../support/commandLine.js'
import { type FakeBroker, startFakeBroker, tokenOf } from '../support/fakeBroker.js'
import { KARI } from '../support/journey.js'

const { cli, pathOf } = commandLine({ urls: { app: '', altinn: '' } })

let broker: FakeBroker
beforeEach(async () => {
  broker = await startFakeBroker()
  return () => broker.stop()
})

const altinnBroker = (...args: string[]) =>
  cli(args, { env: { ALTINN_BROKER_URL: broker.url, ALTINN_BROKER_TOKEN: tokenOf(KARI) } })
const receive = (...args: string[]) => altinnBroker('receive', '--out', 'inn/', ...args)

describe('altinn-broker receive --group', () => {
  test('receives all files, none in the place of another, and confirms them together', async () => {
    const id = broker.groups.add([
      ['report.pdf', 'a'],
      ['report.pdf', 'b'],
      ['c.txt', 'c'],
    ])

    const { code, stdout, stderr } = await receive('--group', id, '--confirm')

    expect([code, stdout]).toEqual([0, 'inn/report.pdf\ninn/report (2).pdf\ninn/c.txt\n'])
    expect(stderr).toMatch(/\n3 of 3 files, confirmed\n$/)
    expect(await readFile(pathOf('inn/report (2).pdf'), 'utf8')).toBe('b')
    expect([broker.groups.confirmed, broker.confirmed]).toEqual([[id], broker.groups.idsOf(id)])
  })

  test('confirms nothing unless it is to', async () => {
    const id = broker.groups.add([['a', 'a']])

    expect(await receive('--group', id)).toMatchObject({ code: 0, stdout: 'inn/a\n' })
    expect([broker.groups.confirmed, broker.confirmed]).toEqual([[], []])
  })

  test('receives what is published, and says which file keeps it from the confirmation', async () => {
    const id = broker.groups.add([['a', 'a'], ['b.txt'], ['c', 'c']])
    const [, b] = broker.groups.idsOf(id)

    const said = await receive('--group', id, '--confirm', '--names', 'id')
    const { stderr } = await receive('--group', id, '--confirm', '--names', 'id', '--json')

    expect([said.code, await readdir(pathOf('inn'))]).toEqual([
      3,
      [expect.stringMatching('a '), expect.stringMatching('c ')],
    ])
    expect(said.stderr).toMatch(new RegExp(`\naltinn-broker: b\\.txt \\(${b}\\): 400 BRO-00012 not yet\n$`))
    expect(JSON.parse(stderr)).toMatchObject({ fileTransferId: b, code: 'BRO-00012' })
    expect(broker.groups.confirmed).toEqual([])
  })

  test('passes over a file that has failed', async () => {
    const id = broker.groups.add([
      ['a', 'a'],
      ['b', 'b', { status: 'Failed' }],
    ])

    const { code, stdout, stderr } = await receive('--group', id, '--confirm')

    expect([code, stdout, broker.groups.confirmed]).toEqual([0, 'inn/a\n', [id]])
    expect(stderr).toContain('1 of 2 files, confirmed\n')
  })

  test('confirms nothing when a download fails', async () => {
    const id = broker.groups.add([
      ['a', 'a', { refusesWith: 403 }],
      ['b', 'b'],
    ])

    const { code, stdout, stderr } = await receive('--group', id, '--confirm')

    expect([code, stdout, broker.groups.confirmed]).toEqual([1, 'inn/b\n', []])
    expect(stderr).toMatch(new RegExp(`${broker.groups.idsOf(id)[0]}: 403 .*\n.*1 of 2 file transfers failed\n$`))
  })

  test.each([
    ['ids', ['an-id'], '--group stands alone'],
    ['--all', ['--all'], '--group stands alone'],
    ['one file', ['--out', 'one.bin'], 'give a folder'],
  ])('is refused with %s', async (_, args, sentence) => {
    const id = broker.groups.add([['a', 'a']])

    expect(await receive('--group', id, ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(sentence) })
  })
})
