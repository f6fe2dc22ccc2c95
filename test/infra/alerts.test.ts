import { readdirSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { OBJECTIVES } from '../../src/domain/operating/objectives.js'
import { logEvents } from '../../src/domain/projections/logEvents.js'
import { METRICS } from '../../src/domain/projections/metrics.js'
import { ALL, alertResources, LEAST, type MetricAlert, metricAlertsIn, type Rule, rulesIn } from './alertRules.js'
import { describeWithBicep } from './bicepCli.js'
import { faultsIn, queriesIn } from './kql.js'
import { type Row, run } from './kqlRun.js'
import { type Resource, textOf } from './snapshot.js'

const names = Object.values(METRICS).map(({ name }) => name as string)
const measured = (text: string) => [...text.matchAll(/broker\.[a-z]+\.?[a-z]+/g)].map(([name]) => name)

test.each(['infra/modules/alerts.bicep', 'infra/workbook.json'])('%s asks for what is measured', (path) => {
  const asked = measured(textOf(path))

  expect(asked.length).toBeGreaterThan(5)
  expect(asked.filter((name) => !names.includes(name))).toEqual([])
})

describeWithBicep('the alerts', () => {
  let resources: Resource[]
  let rules: Rule[]
  let metricAlerts: MetricAlert[]
  beforeAll(() => {
    resources = alertResources()
    rules = rulesIn(resources)
    metricAlerts = metricAlertsIn(resources)
  })
  const ruleOf = (name: string) => rules.find((rule) => rule.name === name) as Rule

  test('ask in KQL, over columns that there are where they ask', () => {
    const faulty = rules.filter(
      ({ query, scope }) => faultsIn(query, scope === '/insights' ? 'insights' : 'workspace').length,
    )

    expect(rules.length).toBeGreaterThan(15)
    expect(faulty).toEqual([])
  })

  test('watch what must not wait', () => {
    const watched = measured(rules.map(({ query }) => query).join())

    for (const metric of [
      'requestTime',
      'publishTime',
      'eventDelay',
      'deadlineLag',
      'outboxAge',
      'slowScans',
      'withdrawn',
      'refusals',
      'givenUp',
      'deliveries',
    ] as const) {
      expect(watched).toContain(METRICS[metric].name)
    }
  })

  test('are each explained to the operator on call, with their severity', () => {
    const page = textOf('docs/operations/alerts.md').split(/^## /m).slice(1)
    const explained = page.flatMap((section) => {
      const [heading = ''] = section.split('\n')
      const common = /^Severity (\d)\./m.exec(section)
      return [...heading.matchAll(/`([\w-]+)`/g)].map(([, name]) => {
        const own = new RegExp(`^Severity.*?(\\d) \\(\`${name}\`\\)`, 'm').exec(section)
        return { name, severity: Number((own ?? common)?.[1]) }
      })
    })
    const declared = [...rules, ...metricAlerts].map(({ name, severity }) => ({ name, severity }))

    const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
      String(a.name).localeCompare(String(b.name))
    expect(explained.sort(byName)).toEqual(declared.sort(byName))
  })

  test('ask for metrics, and parts of them, that Azure has', () => {
    const platform = metricAlerts.flatMap(({ metric }) => metric ?? [])

    expect(platform.length).toBeGreaterThan(10)
    for (const { namespace, name, aggregation, dimensions } of platform) {
      const known = PLATFORM[namespace]?.[name]
      expect(known?.aggregations, `${namespace} ${name}`).toContain(aggregation)
      for (const each of dimensions) expect(known?.dimensions, `${namespace} ${name}`).toContain(each.name)
    }
  })

  test('are sent to each address in the parameters', () => {
    const { properties } = resources.find(({ type }) => type === 'Microsoft.Insights/actionGroups') as Resource

    expect(properties).toMatchObject({
      emailReceivers: [{ emailAddress: 'duty@example.org' }, { emailAddress: 'other@example.org' }],
      smsReceivers: [{ countryCode: '47', phoneNumber: '99999999' }],
      // A secure parameter is not evaluated.
      webhookReceivers: expect.stringMatching(/'serviceUri', parameters\('webhookUri'\), 'useCommonAlertSchema', true/),
    })
    for (const { type, name, properties } of resources) {
      if (!/Rules|Alerts/i.test(type)) continue
      expect(JSON.stringify(properties.actions), name).toContain('actionGroups/ag-broker')
    }
  })

  test('watch only what there is', () => {
    const few = alertResources(LEAST)
    const left = [...rulesIn(few), ...metricAlertsIn(few)].map(({ name }) => name)

    expect(left.filter((name) => /^(gateway|verdicts|throttled|instances|log-|scan-cap)/.test(name))).toEqual([])
    expect(left).toContain('health')
    const receivers = few.find(({ type }) => type === 'Microsoft.Insights/actionGroups')?.properties
    expect(receivers).toMatchObject({ emailReceivers: [], smsReceivers: [], webhookReceivers: [] })
  })

  test('ask the app for its health, and the gateway whether it answers', () => {
    const urls = resources
      .filter(({ type }) => type === 'Microsoft.Insights/webtests')
      .map(({ properties }) => (properties.Request as { RequestUrl: string }).RequestUrl)

    expect(urls).toEqual([`${ALL.appUrl}/health`, `${ALL.gateway.url}/status-0123456789abcdef`])
  })

  describe('of an objective', () => {
    const WINDOWS = [
      { name: 'fast', rate: 14.4, long: 'PT1H', longMinutes: 60, shortMinutes: 5 },
      { name: 'slow', rate: 6, long: 'PT6H', longMinutes: 360, shortMinutes: 30 },
    ]
    const MEASURED = {
      availability: { metric: 'requestTime', good: 'served', bad: ['failed', 'broken'], other: ['refused', 'left'] },
      publication: { metric: 'publishTime', good: 'inTime', bad: ['late', 'never'], other: [] },
      events: { metric: 'eventDelay', good: 'inTime', bad: ['late', 'never'], other: [] },
      deadlines: { metric: 'deadlineLag', good: 'inTime', bad: ['late'], other: [] },
    } as const
    const cases = Object.entries(MEASURED).flatMap(([objective, what]) =>
      WINDOWS.map(
        (window) => [`${objective}-${window.name}`, objective as keyof typeof MEASURED, what, window] as const,
      ),
    )
    const now = new Date('2026-01-01T12:00:00Z')
    const row = (metric: keyof typeof METRICS, minutesAgo: number, outcome: string, valueCount: number): Row => ({
      name: METRICS[metric].name,
      timestamp: now.getTime() - minutesAgo * 60_000,
      valueCount,
      customDimensions: { outcome, operation: 'uploadFile' },
    })

    test('are there for each of them, in both windows', () => {
      expect(Object.keys(MEASURED)).toEqual(Object.keys(OBJECTIVES))
      for (const [name, , , { long }] of cases) expect(ruleOf(name)?.window).toBe(long)
    })

    test.each(cases)('%s fires when the budget burns too fast, and not before', (name, objective, what, window) => {
      const { query } = ruleOf(name)
      const { metric, good, bad } = what
      const allowed = window.rate * (1 - OBJECTIVES[objective].target)
      const fires = (rows: Row[]) => run(query, { customMetrics: rows }, now).length > 0
      const spread = (badShare: number, minutesAgo: number) => {
        const all = 100_000
        const ofBad = Math.round(all * badShare)
        return [
          row(metric, minutesAgo, good, all - ofBad),
          ...bad.map((each) => row(metric, minutesAgo, each, ofBad / bad.length)),
        ]
      }
      const [lately, before] = [window.shortMinutes - 1, window.longMinutes - 1]

      expect(fires([])).toBe(false)
      expect(fires(spread(0, lately))).toBe(false)
      expect(fires([...spread(allowed * 1.01, lately), ...spread(allowed * 1.01, before)])).toBe(true)
      expect(fires([...spread(allowed * 0.99, lately), ...spread(allowed * 0.99, before)])).toBe(false)
      // It is over; and it has only started.
      expect(fires([...spread(0, lately), ...spread(allowed * 4, before)])).toBe(false)
      expect(fires([...spread(allowed * 1.5, lately), ...spread(0, before)])).toBe(false)
      // Too few to wake anybody.
      expect(fires([row(metric, lately, bad[0], 9)])).toBe(false)
      expect(fires([row(metric, lately, bad[0], 10)])).toBe(true)
    })

    test.each(cases)('%s counts nothing else', (name, _, { metric, bad, other }) => {
      const { query } = ruleOf(name)
      const failing = row(metric, 1, bad[0], 1000)
      const found = (rows: Row[]) => run(query, { customMetrics: rows }, now)

      expect(found([{ ...failing, name: 'broker.other' }])).toEqual([])
      expect(found([{ ...failing, customDimensions: { outcome: bad[0], operation: 'getHealth' } }])).toEqual([])
      for (const outcome of other) {
        expect(found([row(metric, 1, outcome, 1000)])).toEqual([])
        const withOthers = [failing, row(metric, 1, outcome, 10_000_000)]
        expect(found(withOthers)).toMatchObject([{ bad: 1000, total: 1000 }])
      }
    })
  })

  test('name the budgets that the objectives leave, as their page does', () => {
    const page = textOf('docs/operations/objectives.md')
    const rows = [...page.matchAll(/^\| `(\w+)` +\| +([\d.]+) % \|(.*?)\|/gm)]
    const objectives = rows.map(([, name, percent, what = '']) => {
      const within = /within (\d+) seconds/.exec(what)?.[1]
      return [
        name,
        { target: Number((Number(percent) / 100).toFixed(6)), ...(within && { withinSeconds: Number(within) }) },
      ]
    })

    expect(Object.fromEntries(objectives)).toEqual(OBJECTIVES)
  })

  describe('server-errors', () => {
    const calls = (count: number, resultCode: string, operation: string): Row[] =>
      Array.from({ length: count }, (_, index) => ({ itemCount: 1, resultCode, operation_Id: `${operation}${index}` }))
    const found = (requests: Row[], exceptions: Row[] = []) =>
      run(ruleOf('server-errors').query, { requests, exceptions }, new Date()).length > 0

    test('fires when the host fails, and not by what the worker adds', () => {
      const failed = calls(11, '500', 'failed')

      expect(found([])).toBe(false)
      expect(found(failed)).toBe(true)
      expect(found(calls(10, '502', 'failed'))).toBe(false)
      expect(found([...failed, ...calls(1088, '200', 'good')])).toBe(true)
      expect(found([...failed, ...calls(1089, '200', 'good')])).toBe(false)
      // The worker's own spans, of calls and of messages, have no code, or 0.
      expect(found([...failed, ...calls(5000, '0', 'span'), ...calls(5000, '', 'span')])).toBe(true)
    })

    test.each([
      ['System.Net.Http.HttpRequestException', 'Failed to proxy request with ForwarderError: ResponseBodyCanceled'],
      ['Microsoft.AspNetCore.Server.Kestrel.Core.BadHttpRequestException', 'Unexpected end of request content.'],
    ])('counts no client that left: %s', (type, outerMessage) => {
      const left = calls(500, '500', 'left')
      const exceptions = left.map(({ operation_Id }) => ({ operation_Id, type, outerMessage }))

      expect(found([...left, ...calls(10, '200', 'good')], exceptions)).toBe(false)
      expect(found([...left, ...calls(11, '500', 'failed')], exceptions)).toBe(true)
    })
  })

  describe('of what is silent', () => {
    test('timers-silent fires on nothing at all, and only then', () => {
      const { query } = ruleOf('timers-silent')

      expect(run(query, { customMetrics: [] }, new Date())).toHaveLength(1)
      expect(run(query, { customMetrics: [{ name: 'broker.filetransfers' }] }, new Date())).toHaveLength(1)
      expect(run(query, { customMetrics: [{ name: 'broker.pending.age', valueSum: 0 }] }, new Date())).toEqual([])
    })

    test('backup-stale fires until a backup has completed in the last 30 hours', () => {
      const { query } = ruleOf('backup-stale')
      const now = new Date('2026-01-02T12:00:00Z')
      const age = (hoursAgo: number, seconds: number): Row => ({
        name: 'broker.backup.age',
        valueCount: 1,
        valueSum: seconds,
        timestamp: now.getTime() - hoursAgo * 3_600_000,
      })
      const fires = (customMetrics: Row[]) => run(query, { customMetrics }, now).length > 0

      expect(fires([])).toBe(true)
      expect(fires([age(11, 86_400)])).toBe(true) // started, and not ended
      expect(fires([age(11, 86_400), age(10, 3600)])).toBe(false)
      expect(fires([age(31, 3600)])).toBe(true)
    })

    test('nightly-silent fires until both tasks have ended in the last 30 hours', () => {
      const { query } = ruleOf('nightly-silent')
      const now = new Date('2026-01-02T12:00:00Z')
      const line = (task: string, hoursAgo: number, code = 'maintenance.taskDone'): Row => ({
        itemCount: 1,
        message: JSON.stringify({ code, task }),
        timestamp: now.getTime() - hoursAgo * 3_600_000,
      })
      const fires = (traces: Row[]) => run(query, { traces }, now).length > 0

      expect(fires([])).toBe(true)
      expect(fires([line('sweepOrphans', 10), line('refreshStatistics', 9)])).toBe(false)
      expect(fires([line('sweepOrphans', 31), line('refreshStatistics', 9)])).toBe(true)
      expect(fires([line('sweepOrphans', 10), line('refreshStatistics', 9, 'maintenance.taskRunning')])).toBe(true)
    })

    test('every other alert is quiet on nothing', () => {
      const nothing = { traces: [], customMetrics: [], requests: [], exceptions: [], Usage: [], _LogOperation: [] }
      const others = rules.filter(({ name }) => !['timers-silent', 'backup-stale', 'nightly-silent'].includes(name))

      expect(others.filter(({ query }) => run(query, nothing, new Date()).length > 0)).toEqual([])
    })
  })

  describe('of a symptom', () => {
    const metric = (name: string, value: number, customDimensions: Row = {}) => ({
      customMetrics: [{ name, valueSum: value, valueCount: value, customDimensions }],
    })
    const deliveries = (delivered: number, failed: number, unknownParty = 0) => ({
      customMetrics: Object.entries({ delivered, failed, unknownParty }).flatMap(
        ([outcome, value]) => metric('broker.event.deliveries', value, { outcome }).customMetrics,
      ),
    })
    const cap = (Category: string, Detail: string) => ({ _LogOperation: [{ Category, Detail }] })
    const logged = (code: string) => ({ traces: [{ message: JSON.stringify({ code }) }] })
    const usage = (Quantity: number, IsBillable = true) => ({ Usage: [{ Quantity, IsBillable }] })
    const refused = (reason: string, value: number) => metric('broker.refusals', value, { reason })

    test.each<[string, Record<string, Row[]>, Record<string, Row[]>]>([
      ['pending-age', metric('broker.pending.age', 301), metric('broker.pending.age', 300)],
      ['work-given-up', metric('broker.work.givenup', 1), metric('broker.work.givenup', 0)],
      ['events-not-delivered', deliveries(100, 101), deliveries(101, 101)],
      ['events-not-delivered', deliveries(0, 101), deliveries(0, 100)],
      ['events-not-delivered', deliveries(0, 101), deliveries(0, 0, 1000)],
      ['scan-slow', metric('broker.scan.slow', 1), metric('broker.scan.slow', 0)],
      [
        'scan-failed',
        metric('broker.scan.duration', 6, { result: 'ScanFailed' }),
        metric('broker.scan.duration', 6, { result: 'Clean' }),
      ],
      [
        'scan-failed',
        metric('broker.scan.duration', 6, { result: 'ScanFailed' }),
        metric('broker.scan.duration', 5, { result: 'ScanFailed' }),
      ],
      ['file-withdrawn', metric('broker.filetransfers.withdrawn', 1), metric('broker.filetransfers.withdrawn', 0)],
      ['refusals', refused('scope', 1001), refused('scope', 1000)],
      ['refusals', refused('scope', 1001), refused('rateLimit', 5000)],
      ['scan-cap', metric('broker.upload.size', 41.7e9), metric('broker.upload.size', 41.6e9)],
      ['orphans-spared', logged('orphans.tooManyUnknown'), logged('orphans.swept')],
      ['log-cap-near', usage(8001), usage(8000)],
      ['log-cap-near', usage(8001), usage(9000, false)],
      ['log-cap', cap('Ingestion', 'Data collection stopped: OverQuota'), cap('Ingestion', 'Rate limit')],
      ['log-cap', cap('ingestion', 'overquota'), cap('Agent', 'OverQuota')],
    ])('%s fires, and not before', (name, firing, quiet) => {
      const { query } = ruleOf(name)

      expect(run(query, firing, new Date())).not.toEqual([])
      expect(run(query, quiet, new Date())).toEqual([])
    })
  })
})

/** Metrics as Azure Monitor's reference has them (supported metrics, by resource type). */
const count = (...dimensions: string[]) => ({ aggregations: ['Total'], dimensions })
const level = (...dimensions: string[]) => ({ aggregations: ['Average', 'Minimum', 'Maximum'], dimensions })
const PLATFORM: Record<string, Record<string, { aggregations: string[]; dimensions: string[] }>> = {
  'Microsoft.ServiceBus/namespaces': {
    ActiveMessages: level('EntityName'),
    DeadletteredMessages: level('EntityName'),
    ServerErrors: count('EntityName', 'OperationResult'),
    ThrottledRequests: count('EntityName', 'OperationResult', 'MessagingErrorSubCode'),
  },
  'Microsoft.Storage/storageAccounts': {
    Transactions: count('ResponseType', 'GeoType', 'ApiName', 'Authentication', 'TransactionType'),
  },
  'Microsoft.EventGrid/topics': {
    DeadLetteredCount: count('DeadLetterReason', 'EventSubscriptionName'),
    DeliveryAttemptFailCount: count('Error', 'ErrorType', 'EventSubscriptionName'),
    DroppedEventCount: count('DropReason', 'EventSubscriptionName'),
    PublishFailCount: count('ErrorType', 'Error'),
  },
  'Microsoft.Web/sites': { InstanceCount: { aggregations: ['Average'], dimensions: [] } },
  'Microsoft.ApiManagement/service': {
    Capacity: { aggregations: ['Average', 'Maximum'], dimensions: ['Location'] },
    Requests: count(
      'Location',
      'Hostname',
      'LastErrorReason',
      'BackendResponseCode',
      'GatewayResponseCode',
      'BackendResponseCodeCategory',
      'GatewayResponseCodeCategory',
    ),
  },
}

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

describe('what is left of an error budget', () => {
  const items = JSON.parse(textOf('infra/workbook.json')).items as { name: string; content: { query: string } }[]
  const [byHand = ''] = queriesIn(textOf('docs/operations/objectives.md'))
  const now = new Date('2026-01-01T12:00:00Z')
  const rows = (name: string, outcomes: Record<string, number>): Row[] =>
    Object.entries(outcomes).map(([outcome, valueCount]) => ({
      name,
      valueCount,
      timestamp: now.getTime() - 1000,
      customDimensions: { outcome, operation: 'uploadFile' },
    }))

  test.each([
    ['in the workbook', items.find(({ name }) => name.startsWith('What is left'))?.content.query ?? ''],
    ['by hand', byHand],
  ])('is all, some, or nothing: %s', (_, query) => {
    const left = (customMetrics: Row[]) =>
      run(query, { customMetrics }, now).map((row) => Number(Number(row.left).toFixed(6)))

    expect(left(rows(METRICS.requestTime.name, { served: 1000, refused: 500, left: 300 }))).toEqual([1])
    expect(left(rows(METRICS.requestTime.name, { served: 9995, failed: 4, broken: 1, refused: 500 }))).toEqual([0.5])
    expect(left(rows(METRICS.requestTime.name, { served: 999, failed: 1 }))).toEqual([0])
    for (const metric of ['publishTime', 'eventDelay'] as const)
      expect(left(rows(METRICS[metric].name, { inTime: 990, late: 6, never: 4 }))).toEqual([0])
    expect(left(rows(METRICS.deadlineLag.name, { inTime: 98, late: 2 }))).toEqual([-1])
    expect(left([])).toEqual([])
  })
})
