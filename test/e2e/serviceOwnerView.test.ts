import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import type {
  OwnerActivity,
  OwnerDeadLetters,
  OwnerResources,
  OwnerStatistics,
} from '../../clients/typescript/src/index.js'
import { expectOk, KARI, OLA, OWNER, ownJourney, POLLING, RESOURCE, refusalOf } from '../support/journey.js'

// Runs on a stack of its own, whose first transfers these are.

const REGISTER = '974760673'
const SERVICE_OWNER = 'altinn:serviceowner'
const journey = await ownJourney({})

const view = (path: string, org = OWNER, scope = SERVICE_OWNER) => journey.as(org, scope, `serviceowner/${path}`)
const jsonOf = async <Shape>(answer: Promise<Response>) => (await (await expectOk(answer)).json()) as Shape
const replay = (messageIds: unknown, org = OWNER) =>
  journey.as(org, SERVICE_OWNER, 'serviceowner/replay-dead-letters', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messageIds }),
  })
const READS = ['activity', 'statistics', 'resources', 'dead-letters']

describe('the view of a service owner over HTTP', () => {
  test('shows what has happened today, on its own resources', async () => {
    await journey.sent('hello', 'Published')

    await vi.waitFor(async () => {
      const { days, late, countedAt, objectiveSeconds } = await jsonOf<OwnerActivity>(view('activity'))
      expect(Date.parse(countedAt)).toBeGreaterThan(Date.now() - 60_000)
      expect(objectiveSeconds).toBe(300)
      expect(days).toHaveLength(8)
      expect(days[0]?.statuses).toContainEqual({ status: 'Published', fileTransfers: 1 })
      expect(days[0]?.resources.map((each) => each.resourceId)).toEqual([RESOURCE])
      expect(days[0]?.publishing).toMatchObject({ files: 1, inTime: 1 })
      expect(late).toEqual({ isCapped: false, files: [], events: [], deadlines: [] })
    }, POLLING)
  })

  test('has its months, its parties and its resources', async () => {
    const { months, senders, recipients } = await jsonOf<OwnerStatistics>(view('statistics'))
    expect(months[0]).toEqual({
      month: new Date().toISOString().slice(0, 7),
      isCapped: false,
      fileTransfers: 2,
      sizeBytes: 5,
    })
    expect(senders).toEqual([{ organization: `0192:${OWNER}`, fileTransfers: 2, sizeBytes: 5 }])
    expect(recipients.map(({ organization }) => organization).toSorted()).toEqual(
      [`0192:${KARI}`, `0192:${OLA}`].toSorted(),
    )

    const { resources } = await jsonOf<OwnerResources>(view('resources'))
    expect(resources.map((each) => each.resourceId)).toContain(RESOURCE)
  })

  test('is empty for another service owner, who can replay nothing of it', async () => {
    await journey.as(REGISTER, SERVICE_OWNER, 'serviceowner', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Brønnøysundregistrene' }),
    })

    const { days, late } = await jsonOf<OwnerActivity>(view('activity', REGISTER))
    expect(days.map(({ fileTransfers }) => fileTransfers)).toEqual(Array(8).fill(0))
    expect(late).toEqual({ isCapped: false, files: [], events: [], deadlines: [] })
    expect(await jsonOf<OwnerStatistics>(view('statistics', REGISTER))).toMatchObject({ senders: [], recipients: [] })
    expect(JSON.stringify(await jsonOf<OwnerResources>(view('resources', REGISTER)))).not.toContain(RESOURCE)
    expect(await jsonOf<OwnerDeadLetters>(view('dead-letters', REGISTER))).toMatchObject({ deadLetters: [] })
    expect(await jsonOf(replay([randomUUID()], REGISTER))).toEqual({ replayed: 0 })
  })

  test('is refused without its scope, and to who is no service owner', async () => {
    for (const path of READS) {
      expect((await view(path, OWNER, 'altinn:broker.read altinn:broker.write')).status).toBe(403)
      expect(await refusalOf(view(path, KARI))).toBe('404 BRO-07004')
    }
    expect(await refusalOf(replay(['a'], KARI))).toBe('404 BRO-07004')
    expect(await refusalOf(replay([]))).toBe('400')
  })
})
