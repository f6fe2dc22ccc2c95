import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { expectOk, KARI, OWNER, POLLING, refusalOf, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()

const MAINTENANCE = 'altinn:broker.maintenance'
const WRITE = 'altinn:broker.write'
const resourceId = 'bruksmonster-broker'

const cleanUp = (query = '', scope = MAINTENANCE) =>
  journey.as(OWNER, scope, `maintenance/cleanup-usecasetests${query}`, { method: 'POST' })
const statusOf = async (id: string) => (await journey.as(OWNER, WRITE, `filetransfer/${id}`)).status
const foundBy = async (org: string, scope: string) => {
  const response = await expectOk(journey.as(org, scope, `filetransfer?resourceId=${resourceId}`))
  return (await response.json()) as string[]
}

describe('cleaning up after use-case tests', () => {
  test('removes their transfers, and leaves all others', async () => {
    await journey.configure(resourceId, {})
    const sent = await journey.sent('file', 'Published', { resourceId })
    const initialized = await journey.initialize({ resourceId })
    const other = await journey.sent('other')

    const early = await (await expectOk(cleanUp('?minAgeDays=1'))).json()
    const cleaned = await (await expectOk(cleanUp())).json()

    expect(early).toMatchObject({ resourceId, fileTransfersFound: 0 })
    expect(cleaned).toEqual({ resourceId, fileTransfersFound: 2, deleteFileTransfersJobId: expect.any(String) })
    await vi.waitFor(async () => {
      expect([await statusOf(sent), await statusOf(initialized)]).toEqual([404, 404])
      expect(await foundBy(OWNER, WRITE)).toEqual([])
      expect(await foundBy(KARI, 'altinn:broker.read')).toEqual([])
    }, POLLING)
    expect(await journey.storedBlobs(sent)).toEqual([])
    expect(await statusOf(other)).toBe(200)
    expect(await journey.storedBlobs(other)).toHaveLength(1)
  })

  test.each(['-1', '366', 'x', '1.5', '1000'])('is refused for an age of %s days', async (days) => {
    const response = await cleanUp(`?minAgeDays=${days}`)

    expect([response.status, await response.json()]).toMatchObject([
      400,
      { errors: { minAgeDays: [expect.any(String)] } },
    ])
  })

  test('takes the oldest age there is, and an empty one', async () => {
    expect((await cleanUp('?minAgeDays=365')).status).toBe(200)
    expect((await cleanUp('?minAgeDays=')).status).toBe(200)
  })

  test('is refused without the maintenance scope', async () => {
    expect(await refusalOf(cleanUp('', WRITE))).toBe('403')
    expect((await journey.call('maintenance/cleanup-usecasetests', { method: 'POST' })).status).toBe(401)
  })
})

describe('rotating the key of Maskinporten', () => {
  const rotate = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    journey.as(OWNER, MAINTENANCE, 'maintenance/maskinporten-jwk-rotation', { method: 'POST', body, headers })

  test('is done by hand: the answer says where the steps are', async () => {
    const response = await rotate('{"confirmation": "rotate-maskinporten-jwk"}')

    expect([response.status, await response.json()]).toMatchObject([
      501,
      { title: 'Not Implemented', detail: expect.stringContaining('docs/operations/maskinporten-key.md') },
    ])
  })

  test.each([
    '',
    '{',
    '[]',
    'null',
    '{}',
    '{"confirmation":"rotate"}',
    '{"Confirmation":"rotate-maskinporten-jwk"}',
    `{"confirmation":"rotate-maskinporten-jwk","id":"${randomUUID()}"}`,
  ])('demands to be confirmed exactly: %s', async (body) => {
    const response = await rotate(body)

    expect([response.status, await response.json()]).toEqual([400, { message: expect.any(String) }])
  })

  test('demands JSON', async () => {
    expect(await refusalOf(rotate('x', { 'content-type': 'text/plain' }))).toBe('415')
  })
})
