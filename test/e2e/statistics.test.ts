import { createHash } from 'node:crypto'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, test, vi } from 'vitest'
import { expectOk, KARI, OLA, OWNER, ownJourney, POLLING, RESOURCE, refusalOf } from '../support/journey.js'

// Runs on a stack of its own: the key for statistics is a setting.

const KEY = 'only-for-this-test'
const settings = { STATISTICS_API_KEY_HASH: createHash('sha256').update(KEY).digest('hex') }
const now = new Date().toISOString()
const [year, month] = [Number(now.slice(0, 4)), Number(now.slice(5, 7))]

const journey = await ownJourney(settings)

const monthly = (query: string, org = OWNER) => journey.as(org, 'altinn:serviceowner', `statistics/monthly?${query}`)
const report = (name: string, headers: Record<string, string> = { 'x-api-key': KEY }) => {
  const { body } = journey.json({})
  return journey.call(`statistics/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  })
}

describe('statistics over HTTP', () => {
  test('count what has happened as soon as it has', async () => {
    const id = await journey.sent('hello', 'Published')
    await (await journey.download(KARI, id)).text()
    await (await journey.download(KARI, id)).text()
    await expectOk(journey.confirm(KARI, id))

    const lines = [
      `${year},${month},${RESOURCE},,,0192:${OWNER},0192:${OLA},1,1,0,0`,
      `${year},${month},${RESOURCE},,,0192:${OWNER},0192:${KARI},1,1,2,1`,
    ]
    const response = await vi.waitFor(async () => {
      const answer = await expectOk(monthly(`year=${year}&month=${month}&resourceId=urn:altinn:resource:${RESOURCE}`))
      const text = await answer.text()
      expect(text.split('\n').slice(1, -1)).toEqual(lines)
      return answer
    }, POLLING)
    expect(response.headers.get('content-type')).toBe('text/csv')
    expect(response.headers.get('content-disposition')).toContain(
      `filename=monthly_statistics_${RESOURCE}_${now.slice(0, 7)}.csv`,
    )
  })

  test('are refused by number', async () => {
    expect(await refusalOf(monthly(''))).toBe('400 BRO-06003')
    expect(await refusalOf(monthly('year=abc&month=1'))).toBe('400')
    expect(await refusalOf(monthly(`year=${year}&month=${month}&includeEndUser=false`))).toBe('400 BRO-06005')
    expect(await refusalOf(monthly(`year=${year}&month=${month}&resourceId=unknown`))).toBe('400 BRO-00025')
    expect(await refusalOf(monthly(`year=${year}&month=${month}&resourceId=${RESOURCE}`, KARI))).toBe('401 BRO-00006')
  })

  test('make a report that is kept, and one that is downloaded', async () => {
    const kept = (await (await expectOk(report('generate-daily-summary'))).json()) as Record<string, unknown>
    const downloaded = await expectOk(report('generate-and-download-daily-summary'))
    const file = await downloaded.arrayBuffer()

    expect(kept).toMatchObject({ serviceOwnerCount: 1, totalFileTransferCount: 2, altinn2Included: false })
    expect(kept.filePath).toMatch(/\/reports\/\d{8}_\d{6}_daily_summary_report_A3_Development\.parquet$/)
    expect(downloaded.headers.get('x-file-hash')).toBe(createHash('md5').update(Buffer.from(file)).digest('base64'))
    expect(downloaded.headers.get('x-ratelimit-remaining')).toBe('3')
    const lines = await parquetReadObjects({ file })
    expect(lines.map(({ date, filetransfercount }) => [date, filetransfercount])).toEqual([
      [now.slice(0, 10), 1],
      [now.slice(0, 10), 1],
    ])
  })

  test('are refused without the key', async () => {
    const refused = await report('generate-daily-summary', {})

    expect(refused.status).toBe(401)
    expect(await refused.json()).toEqual({ error: 'The header X-API-Key is missing.' })
  })
})
