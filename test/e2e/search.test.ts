import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bytesOf, expectOk, KARI, OLA, OWNER, refusalOf, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'

const search = async (org: string, query: Record<string, string>): Promise<string[]> => {
  const response = await expectOk(journey.as(org, READ, `filetransfer?${new URLSearchParams(query)}`))
  return response.json() as Promise<string[]>
}

describe('a search', () => {
  test('finds immediately what was sent, what was received, and its status', async () => {
    const resourceId = 'new-searched'
    await journey.configure(resourceId, {})
    const waiting = await journey.initialize({ resourceId })
    const ready = await journey.sent('file', 'Published', { resourceId })
    await bytesOf(await journey.download(KARI, ready))

    expect(await search(OWNER, { resourceId })).toEqual([ready, waiting])
    expect(await search(OWNER, { resourceId, orderAscending: 'true' })).toEqual([waiting, ready])
    expect(await search(KARI, { resourceId, status: 'Initialized' })).toEqual([waiting])
    expect(await search(KARI, { resourceId, recipientStatus: 'DownloadStarted' })).toEqual([ready])
    expect(await search(KARI, { resourceId, role: 'Sender' })).toEqual([])
  })

  test('lists with one call what is sent, and what is received', async () => {
    const resourceId = 'new-listed'
    await journey.configure(resourceId, {})
    const id = await journey.sent('file', 'Published', { resourceId, recipients: [`0192:${KARI}`, `0192:${OLA}`] })
    await bytesOf(await journey.download(KARI, id))
    const list = async (org: string, scope: string, role: string) => {
      const query = new URLSearchParams({ resourceId, role, limit: '10' })
      return (await expectOk(journey.as(org, scope, `filetransfersummaries?${query}`))).json()
    }

    const summary = {
      fileTransferId: id,
      resourceId,
      sender: `0192:${OWNER}`,
      fileTransferSize: 4,
      fileTransferStatus: 'Published',
      recipients: { total: 2, downloading: 1, confirmed: 0, first: [`0192:${OLA}`, `0192:${KARI}`] },
    }
    expect(await list(OWNER, WRITE, 'Sender')).toMatchObject({
      fileTransfers: [summary],
    })
    expect(await list(KARI, READ, 'Recipient')).toMatchObject({
      fileTransfers: [{ ...summary, recipientStatus: 'DownloadStarted' }],
    })
  })

  test('shows the names of organisations, as far as Register knows them', async () => {
    const body = JSON.stringify({ organizations: [KARI, '999999999', KARI].map((each) => `0192:${each}`) })
    const headers = { 'content-type': 'application/json' }
    const response = await expectOk(journey.as(OWNER, WRITE, 'organizations/names', { method: 'POST', body, headers }))

    const kari = { organization: `0192:${KARI}`, name: expect.stringMatching(/\S/) }
    const nobody = { organization: '0192:999999999', name: null }
    expect(await response.json()).toEqual({ organizations: [kari, nobody, kari] })
  })

  test('continues where a page ended, by the link in it', async () => {
    const resourceId = 'new-many'
    await journey.configure(resourceId, {})
    const all = await Promise.all(
      Array.from({ length: 103 }, () => journey.initialize({ resourceId, recipients: [`0192:${KARI}`] })),
    )

    const first = await journey.as(OWNER, READ, `filetransfer?resourceId=${resourceId}`)
    const [, next = ''] = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? []
    const second = await journey.as(OWNER, READ, next)

    const ids = [...((await first.json()) as string[]), ...((await second.json()) as string[])]
    expect(ids.toSorted()).toEqual(all.toSorted())
    expect(second.headers.get('link')).toBeNull()
  })

  test('without a resource is refused by name', async () => {
    const response = await journey.as(OWNER, READ, 'filetransfer')

    expect([response.status, Object.keys(((await response.json()) as { errors: object }).errors)]).toEqual([
      400,
      ['resourceId'],
    ])
  })
})

describe('initializing with an Idempotency-Key', () => {
  test('gives the same transfer for the same request, and 409 for another', async () => {
    const post = (request: object, key: string) => {
      const { body, headers } = journey.json(request)
      const send = { method: 'POST', ...(body && { body }), headers: { ...headers, 'idempotency-key': key } }
      return journey.as(OWNER, WRITE, 'filetransfer', send)
    }
    const request = journey.request()
    const key = randomUUID()

    const [one, same] = await Promise.all(
      [post(request, key), post(request, key)].map(async (each) => (await expectOk(each)).json()),
    )

    expect(one).toEqual(same)
    expect(await refusalOf(post(journey.request(), key))).toBe('409 BRO-08003')
  })
})

describe('cancelling', () => {
  test('ends a transfer before it is published, and is too late afterwards', async () => {
    const cancel = (id: string) => journey.as(OWNER, WRITE, `filetransfer/${id}/cancel`, { method: 'POST' })
    const waiting = await journey.initialize()
    const ready = await journey.sent('file')

    expect([(await cancel(waiting)).status, (await cancel(waiting)).status]).toEqual([204, 204])
    expect((await journey.details(waiting)).fileTransferStatus).toBe('Cancelled')
    expect(await refusalOf(journey.upload(waiting, 'late'))).toBe('409 BRO-00004')
    expect(await refusalOf(cancel(ready))).toBe('409 BRO-08002')
  })
})

test('a service owner can see where its files lie', async () => {
  const response = await journey.as(OWNER, 'altinn:serviceowner', 'serviceowner')
  const place = { deploymentStatus: 'Ready', deploymentEnvironment: 'Development' }

  expect(await response.json()).toEqual({
    name: 'Digdir',
    storageProviders: [
      { type: 'AltinnAzureWithoutVirusScan', ...place },
      { type: 'AltinnAzure', ...place },
    ],
  })
})

test('a service owner that is not registered is 404', async () => {
  expect(await refusalOf(journey.as(KARI, 'altinn:serviceowner', 'serviceowner'))).toBe('404 BRO-07004')
})
