import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isTransient } from '../../clients/typescript/src/calls/retry.js'
import { documentOf, errorLines, NotAllDone, sentenceOf } from '../../clients/typescript/src/cli/errors.js'
import {
  altinnToken,
  BrokerProblem,
  brokerClient,
  staticToken,
  TransferEnded,
} from '../../clients/typescript/src/index.js'
import { maskinportenToken } from '../../clients/typescript/src/maskinporten.js'

const failed = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  )
/** The sentence for an error of a client at this address. */
const sentenceFrom = async (baseUrl: string) => {
  const client = brokerClient({ baseUrl, token: staticToken('t'), patience: { tries: 1 } })
  return sentenceOf(await failed(client.getServiceOwner()))
}
const rawServer = async (answer: string) => {
  const server = createServer((socket) => void socket.on('error', () => {}).end(answer))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('an error in words', () => {
  test('of the network says why, as a real one does', async () => {
    expect(await sentenceFrom('http://127.0.0.1:2')).toBe(
      'Broker does not answer at http://127.0.0.1:2: nothing listens there',
    )
    expect(await sentenceFrom('http://nowhere.invalid')).toMatch(
      /: (there is no host of that name|the name cannot be looked up now: is the network up\?)$/,
    )
    expect(await sentenceFrom('http://127.0.0.1:1')).toContain('that port is never used for HTTP')
    expect(await sentenceFrom(`http://${await rawServer('')}`)).toContain(': the connection was cut')
    expect(await sentenceFrom(`http://${await rawServer('SSH-2.0-OpenSSH\r\n')}`)).toContain('does not speak HTTP')
    expect(await sentenceFrom(`https://${await rawServer('HTTP/1.1 200 OK\r\n\r\n')}`)).toContain('does not speak TLS')
  })

  test('of a file says which, and what is wrong with it', async () => {
    expect(sentenceOf(await failed(readFile('/nowhere/a.txt')))).toBe('/nowhere/a.txt does not exist')
    expect(sentenceOf(await failed(readFile('/')))).toBe('It is a folder, not a file')
  })

  test('of another web server shows nothing of its page', async () => {
    const page = new BrokerProblem(404, { detail: '<html><body>nginx' } as never)

    expect(sentenceOf(page)).toBe('404: a web page answers instead of Broker. Is it the right address?')
    expect(sentenceOf(new BrokerProblem(404, { title: 'Not Found' }))).toBe(
      '404 Not Found: nothing of Broker is there. Is it the right address?',
    )
  })

  test('of a Broker without a list of changes says which one it has', () => {
    const told = (problem: BrokerProblem, command: string) => errorLines(problem, { json: false, command })
    const unknown = new BrokerProblem(404, { title: 'Not Found' })
    const hint = 'altinn-broker: A Broker without this list, such as Altinn’s own, has: altinn-broker inbox'

    expect(told(unknown, 'changes')).toEqual([expect.stringContaining('Is it the right address?'), hint])
    expect(told(unknown, 'status')).toHaveLength(1)
    expect(told(new BrokerProblem(404, { code: 'BRO-00001' }), 'changes')).toHaveLength(1)
  })

  test.each([
    ['{"error":"invalid_grant","error_description":"Unknown key"}', '400 Unknown key (invalid_grant)'],
    ['<html>nginx</html>', '400'],
    ['no', '400 no'],
  ])('of Maskinporten is its own: %s', async (answer, words) => {
    const client = { metadataUrl: 'http://m', clientId: 'c', jwk: {}, scope: 's' }
    const fetch = async () => new Response(answer, { status: 400 })

    expect(sentenceOf(await failed(Promise.resolve(maskinportenToken({ ...client, fetch })())))).toBe(
      `Maskinporten refuses a token: ${words}`,
    )
  })

  test.each([200, 400])('of Altinn whose answer breaks off may be retried: %s', async (status) => {
    const broken = new ReadableStream({ start: (answer) => answer.error(new TypeError('terminated')) })
    const fetch = async () => new Response(broken, { status })
    const token = altinnToken({ platformUrl: 'http://a', maskinporten: staticToken('t'), fetch })

    const error = await failed(Promise.resolve(token()))

    expect(isTransient(error)).toBe(true)
    expect(sentenceOf(error)).toMatch(/^The answer of http:\/\/a\/\S+ broke off$/)
  })

  test('of what is not Altinn is no token', async () => {
    const fetch = async () => new Response('<html>Welcome</html>')
    const token = altinnToken({ platformUrl: 'http://a', maskinporten: staticToken('t'), fetch })

    expect(sentenceOf(await failed(Promise.resolve(token())))).toBe("http://a gives no token: is it Altinn's platform?")
  })
})

describe('an error in JSON', () => {
  const refused = new BrokerProblem(409, { code: 'BRO-00009', detail: 'Not now', errors: {}, traceId: '00-1' } as never)
  const malware = new TransferEnded('id-1', 'Failed', 'Malware detected')

  test('is one object with status, code and reason', () => {
    const [line = '', ...more] = errorLines(refused, { json: true })

    expect(more).toEqual([])
    expect(JSON.parse(line)).toMatchObject({ status: 409, code: 'BRO-00009', reason: 'Not now', traceId: '00-1' })
  })

  test('has the id, the status and the reason of a file transfer that failed', () => {
    expect(documentOf(malware)).toEqual({
      error: 'The file transfer id-1 is Failed: Malware detected',
      fileTransferId: 'id-1',
      status: 'Failed',
      reason: 'Malware detected',
    })
  })

  test('of several files is one object with all failures', () => {
    const all = new NotAllDone(
      [
        { fileTransferId: 'id-2', error: refused },
        { path: 'b.txt', error: malware },
      ],
      5,
    )

    const [line = '', ...more] = errorLines(all, { json: true })

    expect(more).toEqual([])
    expect(JSON.parse(line)).toMatchObject({
      error: '2 of 5 file transfers failed',
      failures: [
        { fileTransferId: 'id-2', status: 409, code: 'BRO-00009', reason: 'Not now' },
        { path: 'b.txt', fileTransferId: 'id-1', status: 'Failed', reason: 'Malware detected' },
      ],
    })
  })
})
