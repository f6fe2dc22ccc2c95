import { describe, expect, test } from 'vitest'
import { bytesOf, expectOk, refusalOf, sharedJourney } from '../support/journey.js'
import { anyOrganization } from '../support/samples.js'

const journey = await sharedJourney()

const READ = 'altinn:broker.read'
type Changes = {
  changes: { type: string; fileTransferId: string; occurred: string }[]
  cursor: string
  hasMore: boolean
}

/** A recipient that nobody else sends to. */
function recipient() {
  const organization = anyOrganization()
  const path = (query: Record<string, string>) => `inbox/changes?${new URLSearchParams(query)}`
  return {
    organization,
    changes: async (query: Record<string, string> = {}) =>
      (await expectOk(journey.as(organization, READ, path(query)))).json() as Promise<Changes>,
    refused: (query: Record<string, string>) => refusalOf(journey.as(organization, READ, path(query))),
    send: () => journey.sent('file', 'Published', { recipients: [`0192:${organization}`] }),
  }
}

/** Reads until there are so many, since entries are added behind the answers of others. */
async function changesOf({ changes }: ReturnType<typeof recipient>, count: number, after?: string) {
  const found: Changes['changes'] = []
  let cursor = after
  while (found.length < count) {
    const page = await changes({ timeout: '60', ...(cursor && { after: cursor }) })
    found.push(...page.changes)
    cursor = page.cursor
  }
  return { found, cursor: cursor ?? '' }
}

describe('what is new in an inbox', () => {
  test('is told from the beginning, and after a cursor', async () => {
    const kari = recipient()
    const ids = [await kari.send(), await kari.send()]
    const { found, cursor } = await changesOf(kari, 2)
    await bytesOf(await journey.download(kari.organization, ids[0] ?? ''))
    await expectOk(journey.as(kari.organization, READ, `filetransfer/${ids[0]}/confirmdownload`, { method: 'POST' }))
    const later = await changesOf(kari, 1, cursor)

    expect(found.map(({ type, fileTransferId }) => [type, fileTransferId])).toEqual(
      ids.map((id) => ['no.altinn.broker.published', id]),
    )
    expect(later.found).toMatchObject([{ type: 'no.altinn.broker.downloadconfirmed', fileTransferId: ids[0] }])
    expect(await kari.changes({ after: later.cursor })).toEqual({ changes: [], cursor: later.cursor, hasMore: false })
  })

  test('is waited for', async () => {
    const kari = recipient()
    const { cursor } = await kari.changes()
    const waited = changesOf(kari, 1, cursor)
    const id = await kari.send()

    expect((await waited).found).toMatchObject([{ fileTransferId: id }])
  })

  test('comes in pages', async () => {
    const kari = recipient()
    const ids = [await kari.send(), await kari.send(), await kari.send()]
    await changesOf(kari, 3)
    const first = await kari.changes({ limit: '2' })
    const second = await kari.changes({ limit: '2', after: first.cursor })

    expect([first.hasMore, second.hasMore]).toEqual([true, false])
    expect([...first.changes, ...second.changes].map(({ fileTransferId }) => fileTransferId)).toEqual(ids)
  })

  test('is refused after a cursor that is none, or that is another’s', async () => {
    const [kari, ola] = [recipient(), recipient()]
    const { cursor } = await ola.changes()

    expect(await kari.refused({ after: 'x' })).toBe('400')
    expect(await kari.refused({ after: `${cursor}=` })).toBe('400')
    expect(await kari.refused({ limit: '0' })).toBe('400')
    expect(await kari.refused({ timeout: '61' })).toBe('400')
    expect(await kari.refused({ after: cursor })).toBe('410 BRO-08050')
  })
})
