import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, policyOf, type World } from '../../support/memoryBroker.js'
import { all, kari, later, ola, organization, sender } from '../../support/samples.js'

const typesOf = async (world: World, id: string) => (await world.factsOf(id)).map(({ type }) => type)
const count = (types: string[], wanted: string) => types.filter((type) => type === wanted).length

async function downloadedBy(world: World, ...recipients: (typeof kari)[]) {
  const id = await world.published()
  for (const each of recipients) await world.broker.downloadFile(callerFor(each), id, undefined)
  return id
}

describe('confirming a download', () => {
  test('is recorded, with the vendor who acts for the recipient, and tells recipient and sender', async () => {
    const world = await memoryWorld()
    const id = await downloadedBy(world, kari)
    const vendor = organization('999888777')

    const answer = await world.broker.confirmDownload(callerFor(kari, vendor), id)
    await world.work()

    expect(answer).toEqual(ok(undefined))
    expect((await world.factsOf(id)).at(-1)).toMatchObject({ type: 'DownloadConfirmed', recipient: kari, vendor })
    expect((await world.read(id)).transfer.status).toBe('Published')
    const told = world.posted.filter(({ type }) => type === 'no.altinn.broker.downloadconfirmed')
    expect(told.map(({ data }) => data.Role).toSorted()).toEqual(['Recipient', 'Sender'])
  })

  test('by the last recipient closes the transfer, and sets the time of the purge', async () => {
    const world = await memoryWorld({ graceSeconds: 60 })
    const id = await downloadedBy(world, kari, ola)
    await world.broker.confirmDownload(callerFor(ola), id)

    await world.broker.confirmDownload(callerFor(kari), id)
    await world.broker.settled()

    const { transfer } = await world.read(id)
    expect(transfer.status).toBe('AllConfirmedDownloaded')
    expect(transfer.deadlines).toEqual([{ kind: 'purge', at: later(60), sequence: transfer.sequence }])
    const rows = await all(world.stores.due.dueBy(later(400 * 86_400)))
    expect(rows.map(({ kind, at }) => ({ kind, at }))).toEqual([{ kind: 'purge', at: later(60) }])
  })

  test('by the last of very many is found by that recipient at once, before a message tells the others', async () => {
    const world = await memoryWorld()
    const recipients = Array.from({ length: 30 }, (_, index) => organization(String(910_000_000 + index)))
    const id = await world.published({ recipients })
    for (const each of recipients) await world.broker.downloadFile(callerFor(each), id, undefined)
    const [first = kari, ...others] = recipients
    for (const each of others) await world.broker.confirmDownload(callerFor(each), id)
    await world.work()
    const { project } = world.stores.searchIndex
    const shown: string[] = []
    const broker = world.start(({ searchIndex }) => ({
      searchIndex: {
        ...searchIndex,
        async project(...given) {
          await project(...given)
          shown.push(given[0].actor.organization)
        },
      },
    }))

    await broker.confirmDownload(callerFor(first), id)
    const before = [...shown]

    expect(before.toSorted()).toEqual([first, sender].toSorted())
    const closed = { resourceId: 'bilag', status: 'AllConfirmedDownloaded' as const }
    expect(await broker.searchFileTransfers(callerFor(first), closed, undefined)).toMatchObject(ok({ ids: [id] }))
  })

  test('leaves the expiry in force where the resource does not purge after the last confirmation', async () => {
    const world = await memoryWorld({ purgeAfterAllConfirmed: false })
    const id = await world.confirmed()

    expect((await world.read(id)).transfer.deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('is refused for a transfer that is not there', async () => {
    const world = await memoryWorld()

    expect(await world.broker.confirmDownload(callerFor(kari), randomUUID())).toEqual(err('FileTransferNotFound'))
  })

  test('is refused for whoever is no recipient, before anything else about the transfer is told', async () => {
    const world = await memoryWorld()
    const id = await world.begin()

    for (const who of [sender, organization('910000009'), undefined]) {
      expect(await world.broker.confirmDownload(callerFor(who), id)).toEqual(err('NoAccessToResource'))
    }
  })

  test('is refused for a recipient that the policy does not let receive', async () => {
    const world = await memoryWorld()
    const id = await downloadedBy(world, kari)
    const broker = world.start(() => ({ access: policyOf(async () => false) }))

    expect(await broker.confirmDownload(callerFor(kari), id)).toEqual(err('NoAccessToResource'))
  })

  test('is refused while there is no file', async () => {
    const world = await memoryWorld()

    expect(await world.broker.confirmDownload(callerFor(kari), await world.begin())).toEqual(err('NoFileUploaded'))
  })

  test('is refused while the file is not published', async () => {
    const world = await memoryWorld()

    const answer = await world.broker.confirmDownload(callerFor(kari), await world.uploaded())

    expect(answer).toEqual(err('FileTransferNotPublished'))
  })

  test('is refused before the recipient has started a download, whatever others have done', async () => {
    const world = await memoryWorld()
    const id = await downloadedBy(world, ola)

    const answer = await world.broker.confirmDownload(callerFor(kari), id)

    expect(answer).toEqual(err('ConfirmDownloadBeforeDownloadStarted'))
  })

  test('is refused after the purge for a recipient that had not confirmed', async () => {
    const world = await memoryWorld()
    const id = await downloadedBy(world, kari)
    world.advance(30 * 86_400)
    await world.broker.expireDue()
    await world.work()

    expect(await world.broker.confirmDownload(callerFor(kari), id)).toEqual(err('FileTransferNotPublished'))
  })

  test('again is accepted in any later state, and changes nothing', async () => {
    const world = await memoryWorld()
    const id = await downloadedBy(world, kari, ola)
    await world.broker.confirmDownload(callerFor(kari), id)
    const again = async () => {
      const before = await world.read(id)
      expect(await world.broker.confirmDownload(callerFor(kari), id)).toEqual(ok(undefined))
      expect(await world.read(id)).toEqual(before)
      return before.transfer.status
    }

    expect(await again()).toBe('Published')
    await world.broker.confirmDownload(callerFor(ola), id)
    expect(await again()).toBe('AllConfirmedDownloaded')
    world.advance(7200)
    await world.broker.expireDue()
    await world.work()
    expect(await again()).toBe('Purged')
  })

  test('by the last two at once, in processes of their own, closes the transfer exactly once', async () => {
    const world = await memoryWorld()
    const id = await downloadedBy(world, kari, ola)

    const answers = await Promise.all([kari, ola].map((each) => world.start().confirmDownload(callerFor(each), id)))

    expect(answers).toEqual([ok(undefined), ok(undefined)])
    const types = await typesOf(world, id)
    expect(count(types, 'DownloadConfirmed')).toBe(2)
    expect(count(types, 'AllConfirmedDownloaded')).toBe(1)
    expect(types.at(-1)).toBe('AllConfirmedDownloaded')
  })

  test('and downloading, in any order and all at once, confirm each recipient once and close once at most', async () => {
    const act = fc.record({ who: fc.constantFrom(kari, ola), asks: fc.constantFrom('download', 'confirm') })

    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(act, { maxLength: 4 }), { maxLength: 5 }), async (rounds) => {
        const world = await memoryWorld()
        const id = await world.published()

        for (const round of rounds) {
          await Promise.all(
            round.map(({ who, asks }) =>
              asks === 'download'
                ? world.start().downloadFile(callerFor(who), id, undefined)
                : world.start().confirmDownload(callerFor(who), id),
            ),
          )
        }

        const facts = await world.factsOf(id)
        const confirmations = facts.flatMap((fact) => (fact.type === 'DownloadConfirmed' ? [fact.recipient] : []))
        expect(new Set(confirmations).size).toBe(confirmations.length)
        const closings = facts.filter(({ type }) => type === 'AllConfirmedDownloaded').length
        expect(closings).toBe(confirmations.length === 2 ? 1 : 0)
      }),
      { numRuns: 40 },
    )
  })
})
