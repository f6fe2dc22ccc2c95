import { execFile } from 'node:child_process'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { version } from '../../src/lib/version.js'
import { sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()
const smoke = join(import.meta.dirname, '../../tools/deployment/smoke.ts')

/** As the workflow runs it: the source itself, without a build. */
function smokeOf(url: string, { args = [], key }: { args?: string[]; key?: string } = {}) {
  const env = { ...process.env, SUBSCRIPTION_KEY: key ?? '' }
  return new Promise<{ code: number; out: string }>((done) =>
    execFile(process.execPath, [smoke, url, ...args], { env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, out: stdout + stderr }),
    ),
  )
}

describe('the smoke test of a running Broker', () => {
  test('is green', async () => {
    const { code, out } = await smokeOf(journey.stack.urls.app)

    expect(out.match(/^(ok|FAILED)/gm)).toEqual(Array(5).fill('ok'))
    expect(code).toBe(0)
  })

  test('is red for another commit, when its time is over', async () => {
    const { code, out } = await smokeOf(journey.stack.urls.app, { args: ['0123abc', '--seconds', '0'] })

    expect(out.match(/^FAILED.*/gm)).toEqual([`FAILED it is the commit that was deployed it is ${version}`])
    expect(code).toBe(1)
  })
})

describe('the smoke test of a Broker behind a gateway', () => {
  let gateway: Server | undefined
  afterEach(() => gateway?.close())

  type Answers = Partial<Record<'health' | 'document' | 'anonymous' | 'large', (response: ServerResponse) => void>>
  const problem = (status: number) => (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ status }))

  /** A gateway as it should be, but for these answers. */
  async function gatewayWith(wrong: Answers): Promise<string> {
    const answers: Required<Answers> = {
      health: (response) => response.writeHead(200, { 'x-broker-version': '1.2.3+0123abc' }).end('Broker is up.'),
      document: (response) => response.writeHead(200).end('{"info":{"version":"1.2.3"}}'),
      anonymous: problem(401),
      large: problem(413),
      ...wrong,
    }
    const server = createServer((request, response) => {
      if (request.headers['ocp-apim-subscription-key'] !== 'key') return response.writeHead(401).end()
      if (request.url === '/health') return answers.health(response)
      if (request.url?.endsWith('/openapi.json')) return answers.document(response)
      return request.method === 'POST' ? answers.large(response) : answers.anonymous(response)
    })
    gateway = server
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test('is green with the key to it', async () => {
    const { code } = await smokeOf(await gatewayWith({}), { args: ['0123abc'], key: 'key' })

    expect(code).toBe(0)
  })

  test('waits until the new commit answers', async () => {
    const commits = ['old', 'old', 'old', '0123abc']
    const health = (response: ServerResponse) =>
      response
        .writeHead(200, { 'x-broker-version': `1.2.3+${commits.length > 1 ? commits.shift() : commits[0]}` })
        .end()

    const { code, out } = await smokeOf(await gatewayWith({ health }), {
      args: ['0123abc', '--interval', '0'],
      key: 'key',
    })

    expect(out).toContain('FAILED it is the commit')
    expect(code).toBe(0)
  })

  test.each<[string, Answers]>([
    ['Broker is up', { health: (response) => response.writeHead(503, { 'x-broker-version': '1.2.3+0123abc' }).end() }],
    ['it is the commit that was deployed', { health: (response) => response.writeHead(200).end() }],
    ['the document is served', { document: (response) => response.writeHead(200).end('{"info":{"version":"1.2.2"}}') }],
    ['the document is served', { document: (response) => response.writeHead(404).end() }],
    ['a call without a token', { anonymous: problem(403) }],
    ['a call without a token', { anonymous: (response) => response.writeHead(401).end('{"status":401}') }],
    ['a body that declares too much', { large: problem(401) }],
    ['a body that declares too much', { large: problem(500) }],
  ])('is red when this is not so: %s', async (name, wrong) => {
    const { code, out } = await smokeOf(await gatewayWith(wrong), { args: ['0123abc', '--seconds', '0'], key: 'key' })

    expect(out).toContain(`FAILED ${name}`)
    expect(code).toBe(1)
  })

  test('fails without the key, and when there is no answer', async () => {
    const url = await gatewayWith({})
    const refused = await smokeOf(url, { args: ['--seconds', '0'] })
    gateway?.close()
    const gone = await smokeOf(url, { args: ['--seconds', '0'] })

    expect(refused.code).toBe(1)
    expect(gone.out).toContain('ECONNREFUSED')
    expect(gone.code).toBe(1)
  })
})
