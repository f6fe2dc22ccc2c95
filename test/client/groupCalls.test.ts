import { beforeEach, describe, expect, test } from 'vitest'
import { BrokerProblem, brokerClient, staticToken } from '../../clients/typescript/src/index.js'
import { type FakeBroker, startFakeBroker } from '../support/fakeBroker.js'
import { KARI, OWNER } from '../support/journey.js'

let broker: FakeBroker
beforeEach(async () => {
  broker = await startFakeBroker()
  return () => broker.stop()
})

/** A client that loses the first answers to calls whose path ends so. */
function client(losesAnswersTo?: string) {
  let losses = losesAnswersTo === undefined ? 0 : 2
  const fetchAndLose: typeof fetch = async (...call) => {
    const response = await fetch(...call)
    if (losses === 0 || !response.url.endsWith(losesAnswersTo ?? '')) return response
    losses -= 1
    throw new TypeError('fetch failed')
  }
  const patience = { firstMs: 1 }
  return brokerClient({ baseUrl: broker.url, token: staticToken('t'), fetch: fetchAndLose, patience })
}

const group = {
  resourceId: 'r',
  sendersFileTransferReference: 'my-1',
  sender: `0192:${OWNER}`,
  recipients: [`0192:${KARI}`],
  files: [{ fileName: 'a' }, { fileName: 'b' }],
}

describe('a group', () => {
  test('is initialized once, though the answers are lost, and again by another call', async () => {
    const calling = client('/filetransfergroup')

    const first = await calling.initializeGroup(group)
    const second = await calling.initializeGroup(group)

    const keys = broker.groups.initialized.map(({ key }) => key)
    expect(keys).toEqual([keys[0], keys[0], keys[0], expect.not.stringMatching(`^${keys[0]}$`)])
    expect(first.fileTransferIds).toEqual(broker.groups.idsOf(first.fileTransferGroupId))
    expect(second.fileTransferGroupId).not.toBe(first.fileTransferGroupId)
  })

  test('is the same by the same key', async () => {
    const [first, second] = [
      await client().initializeGroup(group, { idempotencyKey: 'k' }),
      await client().initializeGroup(group, { idempotencyKey: 'k' }),
    ]

    expect(second).toEqual(first)
    expect(broker.groups.initialized).toEqual(
      Array(2).fill({ key: 'k', request: group, id: first.fileTransferGroupId }),
    )
  })

  test('is confirmed as a whole, and a refusal names the file', async () => {
    const id = broker.groups.add([['a', 'a'], ['b']])
    const [a = '', b = ''] = broker.groups.idsOf(id)
    await (await client().downloadFile(a)).arrayBuffer()

    const refused = await client()
      .confirmGroup(id)
      .catch((error: unknown) => error)
    broker.change(b, { isDownloaded: true, status: 'Published' })
    const confirmed = await client('/confirmdownload').confirmGroup(id)

    expect(refused).toBeInstanceOf(BrokerProblem)
    expect(refused).toMatchObject({ status: 400, fileTransferId: b })
    expect(confirmed.fileTransfers.map(({ recipients }) => recipients.confirmed)).toEqual([1, 1])
    expect(await client().getGroup(id)).toEqual(confirmed)
  })
})
