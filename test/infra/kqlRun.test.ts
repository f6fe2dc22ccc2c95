import { describe, expect, test } from 'vitest'
import { type Row, run } from './kqlRun.js'

const now = new Date('2026-01-01T12:00:00Z')
const minutesAgo = (minutes: number) => now.getTime() - minutes * 60_000
const calls: Row[] = [
  { code: '200', count: 3, timestamp: minutesAgo(1), customDimensions: { operation: 'upload' } },
  { code: '500', count: 1, timestamp: minutesAgo(1), customDimensions: { operation: 'upload' } },
  { code: '', count: 8, timestamp: minutesAgo(9), customDimensions: {} },
]
const found = (query: string, rows = calls) => run(query, { calls: rows, others: [{ id: '500' }] }, now)

describe('a query that is run on rows', () => {
  test.each([
    ['calls | where code == "500" | distinct count', [{ count: 1 }]],
    ['calls | where toint(code) >= 300 or count > 2 and not_there == "" | distinct code', [{ code: '500' }]],
    ['calls | where tostring(customDimensions.operation) != "upload" | distinct count', [{ count: 8 }]],
    ['calls | where code in ("500", "503") | distinct code', [{ code: '500' }]],
    ['let bad = others | distinct id; calls | where code !in (bad) | summarize all = sum(count)', [{ all: 11 }]],
    ['calls | where timestamp > ago(5m) | summarize all = sum(count), rows = count()', [{ all: 4, rows: 2 }]],
    ['calls | extend isBad = code == "500" | summarize bad = sumif(count, isBad)', [{ bad: 1 }]],
    ['calls | summarize share = sum(count) / 2 * 10 - 1', [{ share: 59 }]],
    [
      'calls | where code =~ "500" and strcat_delim(" ", code, "Time Out") has_any ("out") | distinct count',
      [{ count: 1 }],
    ],
  ])('gives what Kusto would: %s', (query, rows) => {
    expect(found(query)).toEqual(rows)
  })

  test('of nothing is one row when it is not grouped, and none when it is', () => {
    expect(found('calls | summarize all = sum(count), rows = count()', [])).toEqual([{ all: 0, rows: 0 }])
    expect(found('calls | summarize all = sum(count) by code', [])).toEqual([])
    expect(found('calls | summarize all = sum(count) by code')).toHaveLength(3)
  })

  test.each([
    'calls | top 3 by count',
    'calls | where isempty(code)',
    'nowhere | distinct a',
    'calls | where a == 1 b',
    'calls $',
  ])('is refused when it is more than is known here: %s', (query) => {
    expect(() => found(query)).toThrow()
  })
})
