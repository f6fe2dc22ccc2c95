import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, policyOf } from '../../support/memoryBroker.js'
import { kari, ola, sender } from '../../support/samples.js'

const everything = { resourceId: 'bilag' }
const idsOf = async (result: Promise<{ ok: boolean; value?: { ids: string[] } }>) => (await result).value?.ids

describe('searching for file transfers', () => {
  test('finds what the organisation sent and what it receives, and nothing else', async () => {
    const { broker, begin } = await memoryWorld()
    const sent = await begin({ recipients: [kari] })

    const found = [sender, kari, ola].map((who) =>
      idsOf(broker.searchFileTransfers(callerFor(who), everything, undefined)),
    )

    expect(await Promise.all(found)).toEqual([[sent], [sent], []])
  })

  test('follows the status, and the recipient’s own', async () => {
    const { broker, published } = await memoryWorld()
    const id = await published({ recipients: [kari, ola] })
    const search = (who: typeof kari, more: object) =>
      idsOf(broker.searchFileTransfers(callerFor(who), { ...everything, ...more }, undefined))

    await broker.downloadFile(callerFor(kari), id, undefined)
    await broker.settled()

    expect(await search(kari, { status: 'Published' })).toEqual([id])
    expect(await search(kari, { status: 'Initialized' })).toEqual([])
    expect(await search(kari, { recipientStatus: 'DownloadStarted', role: 'Sender' })).toEqual([id])
    expect(await search(ola, { recipientStatus: 'DownloadStarted' })).toEqual([])
    expect(await search(ola, { recipientStatus: 'Initialized', status: 'Published' })).toEqual([id])
  })

  test('finds the status of a recipient that is the highest it has reached', async () => {
    const { broker, published } = await memoryWorld()
    const id = await published({ recipients: [kari, ola] })
    const again = async () => {
      await broker.downloadFile(callerFor(kari), id, undefined)
      await broker.settled()
    }
    await again()
    await broker.confirmDownload(callerFor(kari), id)
    await again()

    const confirmed = { ...everything, recipientStatus: 'DownloadConfirmed' as const }

    expect(await idsOf(broker.searchFileTransfers(callerFor(kari), confirmed, undefined))).toEqual([id])
  })

  test('goes on after a hundred', async () => {
    const { broker, begin } = await memoryWorld()
    const all: string[] = []
    for (let i = 0; i < 101; i++) all.push(await begin())

    const first = await broker.searchFileTransfers(callerFor(sender), everything, undefined)
    const rest = await broker.searchFileTransfers(
      callerFor(sender),
      everything,
      first.ok ? first.value.next : undefined,
    )

    const ids = [first, rest].map((page) => (page.ok ? page.value.ids : []))
    expect(ids.map(({ length }) => length)).toEqual([100, 1])
    expect(ids.flat().toSorted()).toEqual(all.toSorted())
    expect(rest).toMatchObject(ok({ next: undefined }))
  })

  test('is refused to callers without an organisation, without access, and for resources that Broker does not know', async () => {
    const { broker, start } = await memoryWorld()
    const denying = start(() => ({ access: policyOf(async () => false) }))

    expect(await broker.searchFileTransfers(callerFor(undefined), everything, undefined)).toEqual(
      err('NoAccessToResource'),
    )
    expect(await denying.searchFileTransfers(callerFor(kari), everything, undefined)).toEqual(err('NoAccessToResource'))
    expect(await broker.searchFileTransfers(callerFor(kari), { resourceId: 'ukjent' }, undefined)).toEqual(
      err('NoAccessToResource'),
    )
  })
})
