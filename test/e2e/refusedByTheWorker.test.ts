import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Journey, startJourney } from '../support/journey.js'
import { answerTo, head } from '../support/rawCall.js'
import { until } from '../support/until.js'

// Calls without a token that the worker of the Functions host would refuse by itself, and the host never answer.

/** Tests on a stack that runs already see neither its settings nor its log. */
const isRunning = process.env.BROKER_URL !== undefined

describe.skipIf(isRunning).each([
  ['that was started with its settings', {}],
  ['that was started before its settings were known', { NODE_OPTIONS: '' }],
])('a worker %s', (_, settings) => {
  let journey: Journey
  let logged = ''
  beforeAll(async () => {
    journey = await startJourney(settings, { log: (line) => (logged += `${line}\n`) })
  })
  afterAll(() => journey?.end())

  const health = (headers: Record<string, string>) =>
    answerTo(journey.stack.urls.app, head('GET /health HTTP/1.1', { host: 'x', connection: 'close', ...headers }))

  test.each([
    ['an expectation', { expect: 'banana' }],
    ['20 KB of headers', { authorization: `Bearer ${'a'.repeat(20_000)}` }],
    ['nearly all the headers that the host lets in', { authorization: `Bearer ${'a'.repeat(32_000)}` }],
  ])('hands on a call with %s', async (_, headers) => {
    expect(await health(headers)).toMatchObject({ status: 200, body: expect.stringContaining('Broker is up.') })
  })

  test('does not get a call with a Norwegian name in a header, which the log says', async () => {
    expect((await health({ 'x-name': 'Bjørn' })).status).toBe(0)

    await until(() => expect(logged).toMatch(/\[error\] GET \/health: .*not ASCII.*never answers/))
  })
})
