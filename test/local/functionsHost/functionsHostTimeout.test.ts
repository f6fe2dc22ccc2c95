import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionsHostOf, type RunningHost } from '../../support/functionsHostOf.js'
import { answerTo, head, rawCall } from '../../support/rawCall.js'
import { until } from '../../support/until.js'

const app = `
import { app } from '@azure/functions'
import { setTimeout as pause } from 'node:timers/promises'
app.setup({ enableHttpStream: true })
app.http('echo', { handler: async ({ body }) => ({ body }) })
app.http('long', { handler: async () => {
  await pause(2000)
  return {}
} })
`
const long = head('GET /long HTTP/1.1', { host: 'x', connection: 'close' })

describe('a function that takes longer than functionTimeout', () => {
  let host: RunningHost
  beforeAll(async () => {
    host = await functionsHostOf(app, { hostJson: { functionTimeout: '00:00:01' } })
  })
  afterAll(() => host?.stop())

  test('has every call of the instance cut, and the log says why', async () => {
    const headers = { host: 'x', 'transfer-encoding': 'chunked' }
    const other = rawCall(host.url, `${head('POST /echo HTTP/1.1', headers)}5\r\nhello\r\n`)
    await until(() => expect(other.received()).toContain('hello'))

    expect((await answerTo(host.url, long)).status).toBe(0)

    await other.closed
    expect(host.output()).toMatch(/\[error\] (long|echo): .*functionTimeout.*restarts the worker/)
  })
})

describe('a function without functionTimeout', () => {
  let host: RunningHost
  beforeAll(async () => {
    host = await functionsHostOf(app, { hostJson: { functionTimeout: '-1' } })
  })
  afterAll(() => host?.stop())

  test('may take its time', async () => {
    expect((await answerTo(host.url, long)).status).toBe(200)
  })
})
