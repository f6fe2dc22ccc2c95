import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionsHostOf, type RunningHost } from '../../support/functionsHostOf.js'
import { answerTo, head, rawCall } from '../../support/rawCall.js'
import { until } from '../../support/until.js'

const app = `
import { app } from '@azure/functions'
app.setup({ enableHttpStream: true })
const methods = ['POST']
app.http('empty', { methods, handler: async () => ({ status: 401, body: new ReadableStream({ start: (stream) => stream.close() }) }) })
app.http('long', { methods, handler: async () => ({ status: 401, body: 'a long text' }) })
app.http('early', { methods, handler: async () => ({ status: 401 }) })
app.http('echo', { methods, handler: async ({ body }) => ({ body }) })
app.http('whole', { methods, handler: async (request) => ({ body: await request.text() }) })
app.http('half', { methods, handler: async ({ body }) => {
  await body.getReader().read()
  return { status: 200 }
} })
app.http('discards', { methods, handler: async ({ body }) => {
  const reader = body.getReader()
  await reader.read()
  void (async () => { while (!(await reader.read()).done); })().catch(() => {}) // the client has gone
  return { status: 413 }
} })
`

describe.concurrent('a request with a body', () => {
  let host: RunningHost
  beforeAll(async () => {
    host = await functionsHostOf(app)
  })
  afterAll(() => host?.stop())

  const other = head('GET /other HTTP/1.1', { host: 'x', connection: 'close' })
  const declared = (path: string, length: number) =>
    head(`POST ${path} HTTP/1.1`, { host: 'x', connection: 'close', 'content-length': `${length}` })
  const chunked = (path: string, bytes = 'hello') =>
    `${head(`POST ${path} HTTP/1.1`, { host: 'x', connection: 'close', 'transfer-encoding': 'chunked' })}${bytes.length.toString(16)}\r\n${bytes}\r\n`
  const isAnswered = (call: ReturnType<typeof rawCall>, status: number) =>
    until(() => expect(call.received()).toMatch(`HTTP/1.1 ${status} `))

  test.each(['/early', '/empty', '/long'])(
    'of a declared length gets an early refusal after all of it: %s',
    async (path) => {
      const call = rawCall(host.url, `${declared(path, 10)}hello`)
      expect((await answerTo(host.url, other)).status).toBe(404) // it has had its time
      const before = call.received()

      call.socket.write('world')
      await isAnswered(call, 401)

      expect(before).toBe('')
    },
  )

  test('without a length gets an early refusal immediately', async () => {
    const call = rawCall(host.url, chunked('/early'))

    await isAnswered(call, 401)
    call.socket.destroy()
  })

  test('that is sent back is not held back', async () => {
    const call = rawCall(host.url, `${declared('/echo', 10)}hello`)
    await until(() => expect(call.received()).toContain('hello'))

    call.socket.write('world')

    expect(await call.closed).toContain('world')
  })

  test.each(['/whole', '/early', '/long'])(
    'of a declared length that does not come gets an empty 500: %s',
    async (path) => {
      const { status, body } = await answerTo(host.url, `${declared(path, 10)}hello`)

      expect([status, body]).toEqual([500, ''])
      expect(host.output()).toContain(`[error] POST ${path}: less than 240 bytes of the body came in a second`)
    },
  )

  test('without a length may take its time', async () => {
    const call = rawCall(host.url, chunked('/whole'))
    expect((await answerTo(host.url, `${declared('/whole', 10)}hello`)).status).toBe(500) // it has had as long

    call.socket.write('5\r\nworld\r\n0\r\n\r\n')

    expect(await call.closed).toContain('helloworld')
  })

  test('that is left half read gets an empty 500', async () => {
    const { status, body } = await answerTo(host.url, chunked('/half'))

    expect([status, body]).toEqual([500, ''])
    expect(host.output()).toContain('[error] POST /half: answered with the body half read.')
  })

  test('whose rest is discarded gets its answer immediately', async () => {
    const call = rawCall(host.url, chunked('/discards'))

    await isAnswered(call, 413)
    call.socket.destroy()
  })
})
