import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Altinn, startAltinn } from '../../../local/altinn/simulator.js'
import { closeHttpServer } from '../../../local/loopback.js'

let asked: (request: IncomingMessage, response: ServerResponse) => void
const app = createServer((request, response) => asked(request, response))
let altinn: Altinn
beforeAll(async () => {
  await once(app.listen(0, '127.0.0.1'), 'listening')
  altinn = await startAltinn({ port: 0, broker: `http://127.0.0.1:${(app.address() as AddressInfo).port}` })
})
afterAll(async () => {
  await altinn.stop()
  await closeHttpServer(app)
})

/** A call by way of the simulator, whose body is still to be written. */
const call = (method: string, headers: Record<string, string | string[]> = {}, path = '/broker/x') =>
  request(altinn.url + path, { method, headers })
/** The next request that the app gets. */
const nextRequest = () =>
  new Promise<{ request: IncomingMessage; response: ServerResponse }>((done) => {
    asked = (request, response) => done({ request, response })
  })

describe('what the simulator passes on to the app', () => {
  test('is the request as it came, and the answer as it went, but for what concerns the connection', async () => {
    const atApp = nextRequest()
    const headers = { 'Tus-Resumable': '1.0.0', 'X-Twice': ['a', 'b'], Connection: 'x-hop', 'X-Hop': '1' }
    const sent = call('PATCH', headers, '/broker/api/v1/s%C3%B8k?a=%2F&a=b').end('body')
    const { request, response } = await atApp
    const body = await text(request)
    response.writeHead(201, ['Location', '/broker/1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Upload-Offset', '4'])
    response.end('answer')
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]

    expect([request.method, request.url, body]).toEqual(['PATCH', '/broker/api/v1/s%C3%B8k?a=%2F&a=b', 'body'])
    expect(request.headers).toMatchObject({
      host: new URL(altinn.url).host,
      'tus-resumable': '1.0.0',
      'x-twice': 'a, b',
    })
    expect(request.headers).not.toHaveProperty('x-hop')
    expect([answer.statusCode, await text(answer)]).toEqual([201, 'answer'])
    expect(answer.headers).toMatchObject({ location: '/broker/1', 'set-cookie': ['a=1', 'b=2'], 'upload-offset': '4' })
  })

  test('goes on as it comes, in both directions', async () => {
    const atApp = nextRequest()
    const sent = call('POST')
    sent.write('first')
    const { request, response } = await atApp
    expect(String((await once(request, 'data'))[0])).toBe('first')
    sent.end('second')
    expect(await text(request)).toBe('second')

    response.write('one')
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    expect(String((await once(answer, 'data'))[0])).toBe('one')
    response.end('two')
    expect(await text(answer)).toBe('two')
  })

  test('ends at the app when the caller hangs up, while it sends and while it waits', async () => {
    for (const body of ['some of it', undefined]) {
      const atApp = nextRequest()
      const sent = call('POST', { 'content-length': body === undefined ? '0' : '1000' })
      sent.on('error', () => {})
      if (body === undefined) sent.end()
      else sent.write(body)
      const { response } = await atApp
      const ended = once(response, 'close')

      sent.destroy()

      await ended
      expect(response.writableFinished).toBe(false)
    }
  })

  test('breaks off for the caller when it does at the app', async () => {
    const atApp = nextRequest()
    const sent = call('GET').end()
    const { response } = await atApp
    response.writeHead(200, { 'content-length': 1000 }).write('some of it')
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]

    response.destroy()

    await expect(text(answer)).rejects.toThrow('aborted')
  })

  test('can be refused before it has all been sent', async () => {
    const atApp = nextRequest()
    const sent = call('POST', { 'content-length': `${2 ** 20}` })
    sent.write('some of it')
    const { response } = await atApp
    response.writeHead(413, { connection: 'close' }).end('too large')

    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    expect([answer.statusCode, await text(answer)]).toEqual([413, 'too large'])
    sent.destroy()
  })

  test('is below /broker, and nothing else', async () => {
    asked = (_, response) => response.end('the app')
    const answers = ['/broker', '/BROKER/api/v1', '/broker?a=b', '/brokers', '/api/broker/x'].map(async (path) => {
      const answer = await fetch(altinn.url + path)
      return answer.ok ? answer.text() : answer.status
    })

    expect(await Promise.all(answers)).toEqual(['the app', 'the app', 'the app', 404, 404])
  })

  test('is refused in words while there is no app', async () => {
    const lonely = await startAltinn({ port: 0, broker: 'http://127.0.0.1:9' })

    const answer = await fetch(`${lonely.url}/broker/api/v1/filetransfer`)

    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('http://127.0.0.1:9')])
    await lonely.stop()
  })
})
