import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { faultsIn, queriesIn } from './kql.js'
import { textOf } from './snapshot.js'

/** The queries that are no good, each with what is wrong with it. */
const faultyOf = (queries: string[], asked?: Parameters<typeof faultsIn>[1]) =>
  queries.map((query) => ({ query, faults: faultsIn(query, asked) })).filter(({ faults }) => faults.length > 0)

type Item = { type: number; name: string; content: { query: string } }

describe('the queries', () => {
  test('of the workbook are KQL, over columns that there are', () => {
    const items: Item[] = JSON.parse(textOf('infra/workbook.json')).items
    const queries = items.filter(({ type }) => type === 3).map(({ content }) => content.query)

    expect(queries.length).toBeGreaterThan(7)
    expect(faultyOf(queries, 'insights')).toEqual([])
  })

  test('of the runbooks are KQL, over columns that there are', () => {
    const pages = readdirSync(new URL('../../docs/operations/', import.meta.url))
    const queries = pages.flatMap((page) => queriesIn(textOf(`docs/operations/${page}`)))

    expect(queries.length).toBeGreaterThan(1)
    expect(faultyOf(queries)).toEqual([])
  })
})

describe('the analysis of a query', () => {
  test.each([
    ['a keyword as the name of a column', 'traces | extend line = parse_json(message) | project time = line.level'],
    ['a keyword as the name of a member', 'traces | extend line = parse_json(message) | project at = line.time'],
    ['a keyword as the name of a group', 'customMetrics | summarize count() by kind = tostring(customDimensions.kind)'],
    ['a column that is not there', 'customMetrics | where total > 3'],
    ['a column of another table', 'traces | where valueSum > 3'],
    ['a column that was left behind', 'requests | summarize calls = count() | where itemCount > 3'],
    ['a table that is not there', 'metrics | count'],
    ['a function that is not there', 'requests | where isAbsent(resultCode)'],
    ['an operator that is not there', 'requests | filterBy resultCode'],
    ['too few arguments', 'requests | summarize sumif(itemCount)'],
    ['half a query', 'requests | where resultCode =='],
    ['nothing', ' '],
  ])('finds %s', (_, query) => {
    expect(faultsIn(query)).not.toEqual([])
  })

  test('finds the queries of a page, in spans and in blocks, and nothing else', () => {
    const page = [
      'Look in `traces | take 3`, not in `traces`: `a || b`, `GET /health`.',
      '| `requests` | a table | `count` |',
      '```kusto',
      'requests',
      '| count',
      '```',
      '```sh',
      'az account show',
      '```',
    ].join('\n')

    expect(queriesIn(page)).toEqual(['requests\n| count\n', 'traces | take 3'])
  })
})
