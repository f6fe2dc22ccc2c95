import { beforeEach, describe, expect, test } from 'vitest'
import { commandLine } from '../support/commandLine.js'
import { type FakeBroker, startFakeBroker, tokenOf } from '../support/fakeBroker.js'
import { KARI } from '../support/journey.js'

const { cli } = commandLine({ urls: { app: '', altinn: '' } })

let broker: FakeBroker
beforeEach(async () => {
  broker = await startFakeBroker()
  return () => broker.stop()
})

const altinnBroker = (...args: string[]) =>
  cli(args, { env: { ALTINN_BROKER_URL: broker.url, ALTINN_BROKER_TOKEN: tokenOf(KARI) } })

describe('altinn-broker group', () => {
  test('shows the files of a group, and how far they have come', async () => {
    const id = broker.groups.add([['a.txt', 'aa', { isDownloaded: true }], ['b.txt']])
    const [a, b] = broker.groups.idsOf(id)

    const { code, stdout } = await altinnBroker('group', id)

    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        'files: 2',
        'from 991825827 by r, reference my-1',
        `to ${KARI}`,
        `ID${' '.repeat(36)}STATUS         SIZE  FILE`,
        `${a}  not confirmed  2 B   a.txt`,
        `${b}  Initialized    0 B   b.txt`,
        '',
      ],
    ])
    expect(JSON.parse((await altinnBroker('group', id, '--json')).stdout)).toMatchObject({ fileTransferGroupId: id })
  })

  test('confirms all files, and says which one is missing', async () => {
    const id = broker.groups.add([
      ['a', 'a', { isDownloaded: true }],
      ['b.txt', 'b'],
    ])
    const [, b = ''] = broker.groups.idsOf(id)

    const refused = await altinnBroker('group', id, '--confirm')
    broker.change(b, { isDownloaded: true })
    const confirmed = await altinnBroker('group', id, '--confirm')

    expect([refused.code, refused.stderr]).toEqual([3, `altinn-broker: b.txt (${b}): 400 BRO-00012 not yet\n`])
    expect([confirmed.code, confirmed.stdout.match(/ confirmed /g)?.length]).toEqual([0, 2])
    expect(broker.groups.confirmed).toEqual([id])
  })

  test('gives the group that does not exist no name of a file transfer', async () => {
    const { code, stderr } = await altinnBroker('group', 'unknown', '--json')

    expect([code, JSON.parse(stderr)]).toMatchObject([3, { status: 404 }])
    expect(JSON.parse(stderr)).not.toHaveProperty('fileTransferId')
  })
})
