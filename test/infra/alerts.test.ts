import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { logEvents } from '../../src/domain/logEvents.js'
import { METRICS } from '../../src/domain/measurements.js'
import { template, textOf } from './bicep.js'

type Rule = { name: string; query: string }

const names = Object.values(METRICS).map(({ name }) => name as string)
const alerts = template('infra/modules/alerts.bicep')
const rules = alerts.get('rules') as unknown as Rule[]
const single = ['scheduledQueryRules', 'metricAlerts']
  .flatMap((type) => alerts.resources(`Microsoft.Insights/${type}`))
  .map(({ value }) => (value as { name: string }).name)
const measured = (text: string) => [...text.matchAll(/broker\.[a-z]+\.?[a-z]+/g)].map(([name]) => name)

describe('the alerts', () => {
  test.each(['infra/modules/alerts.bicep', 'infra/workbook.json'])(
    'and the workbook ask for what is measured: %s',
    (path) => {
      const asked = measured(textOf(path))

      expect(asked.length).toBeGreaterThan(5)
      expect(asked.filter((name) => !names.includes(name))).toEqual([])
    },
  )

  test('watch what must not wait', () => {
    const watched = measured(rules.map(({ query }) => query).join())

    for (const metric of [
      'deadlineLag',
      'pendingAge',
      'slowScans',
      'withdrawn',
      'refusals',
      'givenUp',
      'deliveries',
    ] as const) {
      expect(watched).toContain(METRICS[metric].name)
    }
  })

  test('are each explained to whoever is woken', () => {
    const explained = [...textOf('docs/operations/alerts.md').matchAll(/^## `([\w-]+)`/gm)].map(([, name]) => name)

    expect(explained.sort()).toEqual([...rules.map(({ name }) => name), ...single].sort())
  })
})

describe('the runbooks', () => {
  const pages = readdirSync(new URL('../../docs/operations/', import.meta.url)).map((name) => `docs/operations/${name}`)
  const isFile = (word: string) => /\.(md|ts|json|yml|bicep|bicepparam|mjs|zip)$/.test(word)
  const isMetric = (word: string) => word.startsWith('broker.')
  const codesIn = (path: string) =>
    [...textOf(path).matchAll(/[`"]([a-z][A-Za-z]*\.[a-z][A-Za-z]*)[`"]/g)]
      .map(([, word = '']) => word)
      .filter((word) => !isFile(word) && !isMetric(word))

  test('name log lines by codes that exist', () => {
    const named = pages.flatMap(codesIn)

    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((code) => !(code in logEvents))).toEqual([])
  })

  test('name no log line by its sentence, which may change', () => {
    const sentences = Object.values(logEvents).map(({ message }) => message)

    for (const page of pages) expect(sentences.filter((each) => textOf(page).includes(`\`${each}\``))).toEqual([])
  })
})

describe('the workbook', () => {
  test('finds what was logged by the fields of the log', () => {
    const { items } = JSON.parse(textOf('infra/workbook.json'))
    const life = items.find(({ name }: { name: string }) => name === 'What became of it').content.query

    // `time` is a word of the language
    for (const field of ['.fileTransferId', "['time']", '.level', '.code', '.message', '.traceId'])
      expect(life).toContain(`line${field}`)
  })
})
