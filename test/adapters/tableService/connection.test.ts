import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DefaultAzureCredential } from '@azure/identity'
import { describe, expect, onTestFinished, test } from 'vitest'
import { statusOf } from '../../../src/adapters/azure/failures.js'
import { connectTables } from '../../../src/adapters/tableService/connection.js'
import { tableOf } from '../../../src/adapters/tableService/table.js'
import { isOutage, retryAfterSeconds } from '../../../src/domain/outage.js'

const STALL_MS = 200
const KEY = Buffer.from('only-for-the-test').toString('base64')

/** A table of a service that answers so, one after the other, and as the last one says from then on. */
async function tableThat(...answers: RequestListener[]) {
  const seen = { calls: 0, connections: 0 }
  const server = createServer((request, response) => {
    const answer = answers[Math.min(seen.calls++, answers.length - 1)]
    request.resume().once('end', () => answer?.(request, response))
  })
  server.on('connection', () => seen.connections++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tables`
  const connectionString = `AccountName=tables;AccountKey=${KEY};TableEndpoint=${endpoint}`
  const account = connectTables({ connectionString }, new DefaultAzureCredential(), STALL_MS)
  return { seen, table: tableOf(account, 'Some'), stop: () => server.closeAllConnections() }
}

const row = JSON.stringify({ PartitionKey: 'a', RowKey: 'b', text: 'æ' })
const answers: RequestListener = (_, response) => void response.end(row)
const refuses =
  (status: number, headers = {}, text = ''): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(text)
const breaks: RequestListener = ({ socket }) => void socket.destroy()
const breaksOff: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 2 * row.length }).write(row)
  setTimeout(() => response.destroy(), 20)
}
const isSilent: RequestListener = () => {}
const stalls: RequestListener = (_, response) => void response.writeHead(200).write(row)

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a call of the table service', () => {
  test.each([
    ['is throttled', refuses(503)],
    ['fails', refuses(500)],
    ['breaks', breaks],
    ['breaks off in its answer', breaksOff],
    ['gets no answer', isSilent],
    ['gets no more of its answer', stalls],
  ])('that %s is made once more', async (_, fault) => {
    const { seen, table } = await tableThat(fault, answers)

    expect(await table.getEntity('a', 'b')).toEqual({ partitionKey: 'a', rowKey: 'b', text: 'æ' })
    expect(seen.calls).toBe(2)
  })

  test.each([
    ['is throttled', refuses(429)],
    ['breaks', breaks],
    ['breaks off in its answer', breaksOff],
    ['gets no answer', isSilent],
  ])('that %s twice is an outage', async (_, fault) => {
    const { seen, table } = await tableThat(fault)

    expect(await failureOf(table.createEntity({ partitionKey: 'a', rowKey: 'b' }))).toSatisfy(isOutage)
    expect(seen.calls).toBe(2)
  })

  test('that is throttled, alone or in a transaction, fails with the Retry-After of the service', async () => {
    const { table } = await tableThat(refuses(503, { 'retry-after': '7' }))
    const alone = await failureOf(table.deleteEntity('a', 'b'))
    const both = await failureOf(
      table.submitTransaction(['b', 'c'].map((rowKey) => ['delete', { partitionKey: 'a', rowKey }])),
    )

    expect([alone, both].map((error) => [statusOf(error), retryAfterSeconds(error)])).toEqual([
      [503, 7],
      [503, 7],
    ])
  })

  test('that is refused is made once', async () => {
    const { seen, table } = await tableThat(
      refuses(409, {}, '{"odata.error":{"code":"Some","message":{"value":"No."}}}'),
    )

    const error = await failureOf(table.createEntity({ partitionKey: 'a', rowKey: 'b' }))

    expect(error).toMatchObject({ statusCode: 409, code: 'Some', message: 'The table service answered 409. No.' })
    expect(error).not.toSatisfy(isOutage)
    expect(seen.calls).toBe(1)
  })

  test.each(['', '<html>Søknad</html>'])('that is answered by %j fails, without what was answered', async (text) => {
    const { table } = await tableThat((_, response) => void response.end(text))

    for (const call of [() => table.getEntity('a', 'b'), () => table.listPages().next()]) {
      const failure = await failureOf(call())
      expect(isOutage(failure)).toBe(true)
      expect(String(failure)).not.toContain('html')
    }
  })

  test('uses a connection again, and another one when the service has closed it', async () => {
    const { seen, table, stop } = await tableThat(answers)
    for (let i = 0; i < 20; i++) await table.getEntity('a', 'b')
    const { connections } = seen
    expect(connections).toBeLessThan(3)

    stop()
    await table.getEntity('a', 'b')

    expect(seen.connections).toBe(connections + 1)
  })
})

describe('the answer to a transaction', () => {
  const two = (table: ReturnType<typeof tableOf>) =>
    table.submitTransaction(['b', 'c'].map((rowKey) => ['delete', { partitionKey: 'a', rowKey }]))
  const part = (status: string, more = '') =>
    `--changesetresponse_1\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 ${status}\r\n${more}\r\n\r\n`
  const batch = (...parts: string[]) =>
    refuses(202, {}, `--batchresponse_1\r\n\r\n${parts.join('')}--changesetresponse_1--\r\n--batchresponse_1--\r\n`)

  test('has the ETags of its rows in their order', async () => {
    const { table } = await tableThat(batch(part('204 No Content', 'ETag: W/"1"'), part('204 No Content')))

    expect(await two(table)).toEqual([{ etag: 'W/"1"' }, { etag: undefined }])
  })

  test('is an error when it does not say of every row that it was written', async () => {
    const { table } = await tableThat(batch(part('204 No Content')), refuses(202))

    await expect(two(table)).rejects.toThrow('1 of 2')
    await expect(two(table)).rejects.toThrow('0 of 2')
  })

  test.each([413, 503])('is the error %d that is outside of a change set', async (status) => {
    const whole = `Content-Type: application/http\r\n\r\nHTTP/1.1 ${status} No\r\n\r\n{"odata.error":{"code":"Some"}}`
    const { table } = await tableThat(refuses(202, {}, `--batchresponse_1\r\n${whole}\r\n--batchresponse_1--\r\n`))

    await expect(two(table)).rejects.toMatchObject({ statusCode: status, code: 'Some' })
  })

  test('is an outage when it says so within', async () => {
    const { table } = await tableThat(batch(part('503 Server Busy', '\r\n{"odata.error":{"code":"ServerBusy"}}')))

    const error = await failureOf(two(table))

    expect(error).toMatchObject({ statusCode: 503, code: 'ServerBusy' })
    expect(error).toSatisfy(isOutage)
  })
})
