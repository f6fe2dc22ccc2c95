import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { TableClient, type TransactionAction } from '@azure/data-tables'
import type { TokenCredential } from '@azure/identity'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { statusOf } from '../../../src/adapters/azure/failures.js'
import { connectTables } from '../../../src/adapters/tableService/connection.js'
import type { Action } from '../../../src/adapters/tableService/operations.js'
import { type Table, tableOf } from '../../../src/adapters/tableService/table.js'
import { isOutage } from '../../../src/domain/outage.js'
import { selfSigned } from '../../support/selfSigned.js'

const STALL_MS = 1000
const NAME = 'Some'
const KEY = Buffer.from('only-for-the-test').toString('base64')
const PROTOCOL = 'DefaultEndpointsProtocol=http'
const NOW = new Date('2026-11-28T12:00:00Z')

type Seen = { method: string | undefined; url: string | undefined; headers: Record<string, unknown>; body: string }

/** What tells one client from the other, and means nothing to the service. */
const INCIDENTAL = [
  ...['user-agent', 'x-ms-client-request-id', 'accept-encoding', 'accept-charset', 'connection', 'content-length'],
  'maxdataserviceversion',
]

/** A service that keeps what it is asked, and has no rows. */
async function recorder(scheme: 'http' | 'https') {
  const seen: Seen[] = []
  const listener: RequestListener = async (request, response) => {
    const { method, url, headers } = request
    seen.push({ method, url, headers: { ...headers }, body: await text(request) })
    const part = '--changesetresponse_1\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\r\n'
    if (url?.includes('$batch'))
      response.writeHead(202, { 'content-type': 'multipart/mixed' }).end(`${part.repeat(4)}--changesetresponse_1--`)
    else if (method === 'GET') response.writeHead(200, { 'content-type': 'application/json' }).end('{"value":[]}')
    else response.writeHead(204).end()
  }
  const server = scheme === 'http' ? createHttpServer(listener) : createHttpsServer(selfSigned(), listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { address: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/tables`, seen }
}

/** What is asked, without what is incidental: names of headers, in bodies too, in small letters, and no blank lines. */
function essence({ method, url, headers, body }: Seen) {
  const ids = (value: unknown) => String(value).replace(/(batch|changeset)_[0-9a-f-]{36}/g, '$1')
  const essential = Object.entries(headers).filter(([name]) => !INCIDENTAL.includes(name))
  const line = (given: string) => given.replace(/^[\w-]+: /, (name) => name.toLowerCase())
  const lines = ids(body).split('\r\n').filter(Boolean).map(line)
  const asParts = lines
    .join('\n')
    .split('--changeset')
    .map((part) => part.split('\n').toSorted())
  const version = { dataserviceversion: String(headers.dataserviceversion).replace(';', '') }
  return {
    method,
    url: url?.replace(/\?.*/, decodeURIComponent), // the SDK encodes quotes, too
    headers: { ...Object.fromEntries(essential.map(([name, value]) => [name, ids(value)])), ...version },
    body: asParts,
  }
}

const row = { partitionKey: "it's %/æ", rowKey: 'r+ &', int: 1, double: 1.5, flag: true, at: NOW, missing: undefined }
const key = { partitionKey: row.partitionKey, rowKey: row.rowKey }
const ETAG = `W/"datetime'2026'"`
const CHANGES: (Action & TransactionAction)[] = [
  ['create', row],
  ['upsert', row, 'Merge'],
  ['update', row, 'Replace', { etag: ETAG }],
  ['delete', key],
]
const filter = "PartitionKey eq 'it''s' and at lt datetime'2026-01-01'"

/** Every operation, by ours and by the SDK. */
const OPERATIONS: [string, (own: Table) => Promise<unknown>, (sdk: TableClient) => Promise<unknown>][] = [
  ['a row', (own) => own.getEntity("it's", 'r'), (sdk) => sdk.getEntity("it's", 'r')],
  ['all rows', (own) => own.listPages().next(), (sdk) => sdk.listEntities().byPage().next()],
  [
    'a query',
    (own) => own.listPages({ filter, select: ['PartitionKey', 'RowKey'], pageSize: 7 }).next(),
    (sdk) =>
      sdk
        .listEntities({ queryOptions: { filter, select: ['PartitionKey', 'RowKey'] } })
        .byPage({ maxPageSize: 7 })
        .next(),
  ],
  ['an insert', (own) => own.createEntity(row), (sdk) => sdk.createEntity(row)],
  ['a merge', (own) => own.updateEntity(row, 'Merge'), (sdk) => sdk.updateEntity(row, 'Merge')],
  [
    'a replacement',
    (own) => own.updateEntity(row, 'Replace', { etag: ETAG }),
    (sdk) => sdk.updateEntity(row, 'Replace', { etag: ETAG }),
  ],
  ['an upsert', (own) => own.upsertEntity(row, 'Replace'), (sdk) => sdk.upsertEntity(row, 'Replace')],
  ['a merging upsert', (own) => own.upsertEntity(row, 'Merge'), (sdk) => sdk.upsertEntity(row, 'Merge')],
  ['a deletion', (own) => own.deleteEntity('p', "r'"), (sdk) => sdk.deleteEntity('p', "r'")],
  [
    'a deletion under an ETag',
    (own) => own.deleteEntity('p', 'r', { etag: ETAG }),
    (sdk) => sdk.deleteEntity('p', 'r', { etag: ETAG }),
  ],
  ['a transaction', (own) => own.submitTransaction(CHANGES), (sdk) => sdk.submitTransaction(CHANGES)],
]

const credential: TokenCredential = { getToken: async () => ({ token: 'secret', expiresOnTimestamp: Infinity }) }

describe('a request is that of the SDK:', () => {
  beforeAll(() => vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')) // for the service's own certificate
  afterAll(() => vi.unstubAllEnvs())
  // Both sign the same time.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }))
  afterEach(() => void vi.useRealTimers())

  test.each(OPERATIONS)('%s, signed by the key', async (_, own, sdk) => {
    const { address, seen } = await recorder('http')
    const connectionString = `${PROTOCOL};AccountName=tables;AccountKey=${KEY};TableEndpoint=${address}/;`

    await own(tableOf(connectTables({ connectionString }, credential, STALL_MS), NAME))
    await sdk(TableClient.fromConnectionString(connectionString, NAME, { allowInsecureConnection: true }))

    const [ours, theirs] = seen.map(essence)
    expect(ours).toEqual(theirs)
    expect(ours?.headers).toMatchObject({ authorization: expect.stringMatching(/^SharedKeyLite tables:/) })
  })

  test.each(OPERATIONS)('%s, by identity', async (_, own, sdk) => {
    const { address, seen } = await recorder('https')

    await own(tableOf(connectTables({ address }, credential, STALL_MS), NAME))
    await sdk(new TableClient(address, NAME, credential))

    const [ours, theirs] = seen.map(essence)
    const { 'x-ms-date': date, ...headers } = (ours?.headers ?? {}) as Record<string, unknown>
    expect({ ...ours, headers }).toEqual(theirs)
    expect(headers.authorization).toBe('Bearer secret')
    expect(date).toBe(NOW.toUTCString())
  })

  test.each([
    ['DefaultEndpointsProtocol=https;AccountName=some;AccountKey=a2V5;EndpointSuffix=core.windows.net'],
    ['DefaultEndpointsProtocol=http;AccountName=some;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:1/some/;'],
  ])('it goes to the account of %s', (connectionString) => {
    const sdk = TableClient.fromConnectionString(connectionString, NAME, { allowInsecureConnection: true })

    expect(connectTables({ connectionString }, credential, STALL_MS).address).toBe(sdk.url)
  })
})

test('a connection string without a key is refused', () => {
  const connectionString = 'TableEndpoint=https://some.table.core.windows.net/;SharedAccessSignature=sv=1&sig=2'

  expect(() => connectTables({ connectionString }, credential, STALL_MS)).toThrow('AccountKey')
})

describe('a token', () => {
  beforeAll(() => vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0'))
  afterAll(() => vi.unstubAllEnvs())
  const MINUTES = 60_000

  /** A table that is reached by tokens of one hour; `fail` may refuse to give one. */
  async function tableByTokens(fail = () => false) {
    const { address, seen } = await recorder('https')
    let given = 0
    const hourly: TokenCredential = {
      async getToken() {
        given++
        if (fail()) throw Object.assign(new Error('no identity'), { statusCode: 404 })
        return { token: `token ${given}`, expiresOnTimestamp: Date.now() + 60 * MINUTES }
      },
    }
    const table = tableOf(connectTables({ address }, hourly, STALL_MS), NAME)
    const read = async () => void (await table.getEntity('p', 'r'))
    return { read, given: () => given, used: () => seen.map(({ headers }) => headers.authorization) }
  }
  afterEach(() => void vi.useRealTimers())
  const atMinute = (minutes: number) => vi.useFakeTimers({ toFake: ['Date'], now: NOW.getTime() + minutes * MINUTES })

  test('is asked for once by concurrent calls, and used until shortly before it expires', async () => {
    const { read, given, used } = await tableByTokens()
    atMinute(0)
    await Promise.all([read(), read(), read()])
    atMinute(54)
    await read()
    expect(given()).toBe(1)

    atMinute(56)
    await read() // with the old one, while the next is on its way
    await read()

    expect(given()).toBe(2)
    expect(used()).toEqual([...Array(5).fill('Bearer token 1'), 'Bearer token 2'])
  })

  test('that cannot be renewed is used while it lasts; then calls fail as in an outage', async () => {
    let fails = false
    const { read, used } = await tableByTokens(() => fails)
    atMinute(0)
    await read()
    fails = true
    atMinute(58)
    await read()
    atMinute(61)

    const error = await read().catch((thrown: unknown) => thrown)

    expect(used()).toEqual(['Bearer token 1', 'Bearer token 1'])
    expect(error).toSatisfy(isOutage)
    expect(statusOf(error)).toBeUndefined() // a 404 of the identity says nothing of a row
    fails = false
    await read()
    expect(used().at(-1)).toMatch(/^Bearer token \d+$/)
  })

  test('that does not come is an outage, and is asked for again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { address } = await recorder('https')
    let isSilent = true
    const slow: TokenCredential = {
      getToken: () => (isSilent ? new Promise(() => {}) : credential.getToken('')),
    }
    const table = tableOf(connectTables({ address }, slow, STALL_MS), NAME)
    const failure = table.getEntity('p', 'r').catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(30_000)
    vi.useRealTimers()

    expect(await failure).toSatisfy(isOutage)
    isSilent = false
    await table.getEntity('p', 'r')
  })

  test('is never sent in the clear', () => {
    expect(() => connectTables({ address: 'http://127.0.0.1:1/tables' }, credential, STALL_MS)).toThrow('https')
  })
})
