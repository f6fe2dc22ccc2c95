import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schedule } from '../../../local/functionsHost/triggers/schedule.js'
import { program, projectRoot } from '../../../local/paths.js'
import { freePorts } from '../../../local/ports.js'
import { type LocalServiceBus, startServiceBus } from '../../../local/serviceBus/serviceBus.js'
import { until } from '../../support/until.js'

const app = `
import { app, output, trigger } from '@azure/functions'
app.setup({ enableHttpStream: true })
const seen = { timer: 0, retries: 0, messages: [], hooks: 0 }
const ok = (jsonBody) => ({ jsonBody })
app.hook.preInvocation(() => void seen.hooks++)

app.http('details', { route: 'x/{id}', methods: ['GET'], handler: async (request) => ok({ by: 'details', params: request.params }) })
app.http('list', { route: 'x/list', methods: ['GET'], handler: async () => ok({ by: 'list' }) })
app.http('byGuid', { route: 'y/{id:guid}', handler: async (request) => ok({ by: 'byGuid', params: request.params }) })
app.http('seen', { route: 'seen', methods: ['GET'], handler: async () => ok(seen) })
app.http('fails', { route: 'fails', handler: async () => { throw new Error('a bug') } })
app.http('echo', { route: 'echo', methods: ['POST'], handler: async (request) => ({ status: 201, body: request.body }) })
app.http('discard', { route: 'discard', methods: ['POST'], handler: async () => ({ status: 413 }) })
app.http('broken', { route: 'broken', methods: ['GET'], handler: async () => ({
  body: new ReadableStream({
    start: (stream) => stream.enqueue(new TextEncoder().encode('half')),
    pull: (stream) => new Promise((done) => setTimeout(done, 50)).then(() => stream.error(new Error('gone'))),
  }, { highWaterMark: 0 }),
}) })

app.timer('atStart', { schedule: '0 0 0 1 1 *', runOnStartup: true, handler: async () => void seen.timer++ })
app.timer('stubborn', { schedule: '0 0 0 1 1 *', retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 0 } },
  handler: async (_, context) => { seen.retries = context.retryContext.retryCount; if (seen.retries < 2) throw new Error('not yet') } })

app.generic('byHand', { trigger: trigger.generic({ type: 'manualTrigger' }), handler: async (input) => void (seen.byHand = input) })

const passOn = output.serviceBusQueue({ connection: 'ServiceBus', queueName: 'out' })
app.serviceBusQueue('consume', { connection: 'ServiceBus', queueName: '%IN_QUEUE%', extraOutputs: [passOn],
  handler: async (message, context) => {
    seen.messages.push({ message, deliveryCount: context.triggerMetadata.deliveryCount, properties: context.triggerMetadata.applicationProperties })
    if (message.bad) throw new Error('cannot be')
    context.extraOutputs.set(passOn, { was: message })
  } })
`

let folder: string
let bus: LocalServiceBus
let client: ServiceBusClient
let host: ChildProcess
let url: string
let output = ''

const forkHost = (port: number) => {
  const env = { ...process.env, ServiceBus: bus.connectionString, FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000000' }
  const child = fork(program('local/functionsHost/main.js'), [folder, `${port}`], { env, execArgv: [], stdio: 'pipe' })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  return child
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'functions-app-'))
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'))
  const files = {
    'package.json': { type: 'module', main: 'functions/*.js' },
    'host.json': { version: '2.0', extensions: { http: { routePrefix: '' } } },
    'local.settings.json': { Values: { IN_QUEUE: 'in' } },
  }
  for (const [name, value] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(value))
  await mkdir(join(folder, 'functions'))
  await writeFile(join(folder, 'functions/all.js'), app)

  bus = await startServiceBus({ entities: { queues: { in: { maxDeliveryCount: 3 }, out: {} } } })
  client = new ServiceBusClient(bus.connectionString)
  const { app: port } = await freePorts()
  url = `http://127.0.0.1:${port}`
  host = forkHost(port)
  const [first] = await Promise.race([once(host, 'message'), once(host, 'exit')])
  expect(first, output).toBe('ready')
})
afterAll(async () => {
  if (host.exitCode === null && host.signalCode === null) {
    host.kill()
    await once(host, 'exit')
  }
  await client.close()
  await bus.close()
  await rm(folder, { recursive: true })
})

const get = async (path: string): Promise<Record<string, unknown>> => JSON.parse(await (await fetch(url + path)).text())
const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(url + path, init)).status
const runNow = (name: string, body: string, type = 'application/json') =>
  statusOf(`/admin/functions/${name}`, { method: 'POST', body, headers: { 'content-type': type } })

describe('a request', () => {
  test('reaches the first function in alphabetical order whose route matches, a literal segment or not', async () => {
    expect(await get('/x/list')).toMatchObject({ by: 'details', params: { id: 'list' } })
  })

  test('matches whatever the case and with one slash at the end; a parameter is decoded, but for %2F', async () => {
    expect(await get('/X/a%20b%2Fc/')).toMatchObject({ params: { id: 'a b%2Fc' } })
    expect(await statusOf('/x//1')).toBe(404)
  })

  test('has the query among its parameters, and the spelling of the query', async () => {
    expect(await get('/x/1?ID=2&more=3')).toMatchObject({ params: { ID: '1', more: '3' } })
  })

  test('is not found when the constraint or the method does not fit', async () => {
    expect(await statusOf('/y/dd6b8c5e-3f2b-4f3f-9a8b-0d5a5a2c7f11', { method: 'POST' })).toBe(200)
    expect(await statusOf('/y/nothing')).toBe(404)
    expect(await statusOf('/x/1', { method: 'POST' })).toBe(404)
    expect(await statusOf('/x/1', { method: 'HEAD' })).toBe(404)
  })

  test('streams in and out', async () => {
    const chunks = async function* () {
      for (let i = 0; i < 5; i++) yield new TextEncoder().encode(`${i}`.repeat(1000))
    }
    const body = ReadableStream.from(chunks())
    const response = await fetch(`${url}/echo`, { method: 'POST', body, duplex: 'half' } as RequestInit)

    expect(response.status).toBe(201)
    expect(response.headers.get('x-ms-invocation-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await response.text()).toBe([0, 1, 2, 3, 4].map((i) => `${i}`.repeat(1000)).join(''))
  })

  test('may be answered without its body being read', async () => {
    expect(await statusOf('/discard', { method: 'POST', body: 'x'.repeat(500_000) })).toBe(413)
  })

  test('over the body limit gets 500', async () => {
    expect(await statusOf('/echo', { method: 'POST', body: 'x'.repeat(1_000_001) })).toBe(500)
  })

  test('gets 500 when the function throws, and the log has the error', async () => {
    expect(await statusOf('/fails')).toBe(500)
    expect(output).toContain('fails failed: Error: a bug')
  })

  test('is cut off when the stream of the answer breaks', async () => {
    const response = await fetch(`${url}/broken`)

    await expect(response.text()).rejects.toThrow()
  })
})

describe('a function with a manual trigger', () => {
  test('runs on request alone, with the input of the request', async () => {
    expect(await get('/seen')).not.toHaveProperty('byHand')

    expect(await runNow('byHand', '{"input": "now"}')).toBe(202)

    await until(async () => expect(await get('/seen')).toMatchObject({ byHand: 'now' }))
  })
})

describe('a timer', () => {
  test('runs at the start with runOnStartup, and on request', async () => {
    await until(async () => expect(await get('/seen')).toMatchObject({ timer: 1 }))

    expect(await runNow('atStart', '{"input": ""}')).toBe(202)

    await until(async () => expect(await get('/seen')).toMatchObject({ timer: 2 }))
  })

  test('is tried again by its retry policy', async () => {
    await runNow('STUBBORN', '{"input": ""}')

    await until(async () => expect(await get('/seen')).toMatchObject({ retries: 2 }))
  })

  test('is run on request only by JSON, and only by its name', async () => {
    expect(await runNow('atStart', '', 'text/plain')).toBe(415)
    expect(await runNow('nobody', '{}')).toBe(404)
    expect(await statusOf('/admin/host/status')).toBe(200)
  })

  test.each([
    ['0 */5 * * * *', '2026-01-01T00:05:00Z'],
    ['*/10 * * * * *', '2026-01-01T00:00:40Z'],
    ['30 2 * * *', '2026-01-01T02:30:00Z'],
    ['0 0 6 * * mon-fri', '2026-01-01T06:00:00Z'],
    ['0 0 0 29 2 *', '2028-02-29T00:00:00Z'],
    ['0 0 12 * feb sun', '2026-02-01T12:00:00Z'],
    ['1.00:00:30', '2026-01-02T00:01:00Z'],
  ])('with the schedule %s is due next at %s', (expression, due) => {
    expect(schedule(expression)(new Date('2026-01-01T00:00:30Z'))).toEqual(new Date(due))
  })

  test.each(['0 60 * * * *', 'whenever', '0 */0 * * * *', '0 0 0 1 13 *'])(
    'cannot have the schedule %s',
    (expression) => {
      expect(() => schedule(expression)).toThrow()
    },
  )
})

describe('a message', () => {
  const send = (body: object) =>
    client
      .createSender('in')
      .sendMessages({ body, applicationProperties: { Tenant: 'x' }, contentType: 'application/json' })

  test('runs the function, and is completed; what the function puts out is sent on', async () => {
    await send({ good: 1 })

    const [sent] = await client.createReceiver('out').receiveMessages(1, { maxWaitTimeInMs: 5000 })
    expect(sent?.body).toEqual({ was: { good: 1 } })
    await until(() => expect(bus.counts().in).toEqual({ active: 0, deadLettered: 0, scheduled: 0, oldestMs: 0 }))
    const received = { message: { good: 1 }, deliveryCount: 1, properties: { tenant: 'x' } }
    expect((await get('/seen')).messages).toContainEqual(received)
  })

  test('that fails every time is redelivered immediately, and is dead-lettered', async () => {
    await send({ bad: 1 })

    await until(() => expect(bus.counts().in).toEqual({ active: 0, deadLettered: 1, scheduled: 0, oldestMs: 0 }))
    const { messages } = (await get('/seen')) as { messages: { message: { bad?: number }; deliveryCount: number }[] }
    expect(messages.filter(({ message }) => message.bad).map((each) => each.deliveryCount)).toEqual([1, 2, 3])
  })
})

describe('the host', () => {
  test('says in one sentence that its port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const address = blocker.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const second = fork(program('local/functionsHost/main.js'), [folder, `${port}`], {
      env: { ...process.env, ServiceBus: bus.connectionString },
      execArgv: [],
      stdio: 'pipe' as const,
    })

    const [complaint] = await Promise.all([second.stderr ? text(second.stderr) : '', once(second, 'exit')])

    expect(complaint).toBe(`Port ${port} for the Functions app is taken.\n`)
    blocker.close()
  })

  test('ends when its parent goes away', async () => {
    host.disconnect()

    await until(() => expect(host.exitCode).toBe(0))
  })
})
