import { describe, expect, onTestFinished, test } from 'vitest'
import { summaries } from '../../clients/typescript/src/cli/commands/summaries.js'
import { brokerClient, staticToken } from '../../clients/typescript/src/index.js'
import { startFakeBroker, tokenOf } from '../support/fakeBroker.js'
import { KARI } from '../support/journey.js'

const search = { resourceId: 'r', role: 'Recipient' } as const

describe('a list from a Broker without the operation, such as the original', () => {
  test('is made from the file transfers one by one', async () => {
    const broker = await startFakeBroker()
    onTestFinished(() => void broker.stop())
    const [first, second] = [broker.add('a.txt', 'a'), broker.add('b.txt', 'bb')]
    const client = brokerClient({ baseUrl: broker.url, token: staticToken(tokenOf(KARI)) })

    const found = await Array.fromAsync(summaries(client, search, 10, new AbortController().signal))

    expect(found).toMatchObject([
      { fileTransferId: first, fileName: 'a.txt', fileTransferSize: 1 },
      { fileTransferId: second, recipients: { total: 1, downloading: 0, confirmed: 0, first: [`0192:${KARI}`] } },
    ])
  })

  test('is a refusal where it is Broker that refuses', async () => {
    const fetch = async () => Response.json({ code: 'BRO-00005', detail: 'no' }, { status: 404 })
    const client = brokerClient({ baseUrl: 'http://broker', token: staticToken('t'), fetch })

    await expect(Array.fromAsync(summaries(client, search, 10, new AbortController().signal))).rejects.toMatchObject({
      code: 'BRO-00005',
    })
  })
})
