import { createRequire } from 'node:module'
import type { HttpFunctionOptions, InvocationContext } from '@azure/functions'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { HttpLibrary } from '../../../local/functionsHost/http.js'
import { logEvents } from '../../../src/domain/projections/logEvents.js'
import { err } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { handleTus } from '../../../src/http/tus/handleTus.js'
import { serveTusWith } from '../../../src/http/tus/serveTus.js'
import { memoryWorld, type World } from '../../support/memoryBroker.js'
import { kari, later, organization, sender } from '../../support/samples.js'
import { good, tusClient } from '../../support/tus.js'

// TUS requests that no friend would send, on stores in memory. FUZZ_RUNS and FUZZ_SEED say how many, and which.

const numRuns = Math.ceil(Number(process.env.FUZZ_RUNS ?? 6000) / 3)
const seed = Number(process.env.FUZZ_SEED ?? 20260302)

let world: World
const functions: Record<string, HttpFunctionOptions> = {}
/** Transfers; one of ten has its file, one waits for its first upload, the others have a part that is under way. */
const ROUNDS = 60
const ids: string[] = []
const parts: string[] = []

beforeAll(async () => {
  world = await memoryWorld()
  const { log } = world
  const broker = { ...world.broker, uploadIdleSeconds: 3600 }
  const serve = serveTusWith({
    verify,
    corsOrigins: ['https://app.example'],
    log: (event, details = {}) => void log.push({ event, ...logEvents[event], details }),
  })
  functions.whole = serve(contract.tusUpload, handleTus(broker, 'whole'))
  functions.part = serve(contract.tusPart, handleTus(broker, 'part'))
  functions.none = serve(contract.tusUploads, async () => err('FileTransferNotFound'))
  for (let round = 0; round < ROUNDS; round++) {
    const id = round % 10 === 0 ? await world.published() : await world.begin({ disableVirusScan: true })
    ids.push(id)
    if (round % 10 > 1) parts[round] = good(await tusClient(world.broker, id).create(8, { kind: 'part' })).id
  }
})

/** A token says who holds it, with which scopes, and whether its time is over: `974760673/altinn:broker.write/over`. */
async function verify(token: string) {
  const [, number, scopes = '', over] = /^(\d{9})\/([^/]*)(\/over)?$/.exec(token) ?? []
  if (number === undefined) return { refused: 'It is no token.' }
  const scope = scopes.split(',')
  const caller = {
    organization: organization(number),
    vendor: undefined,
    scopes: scope,
    claims: { client_id: 'client', exp: later(60).getTime() / 1000 },
  }
  return over ? { refused: 'Its time is over.', expired: caller } : { caller }
}

// The library is CommonJS, and an ES module cannot import it by names.
const library = createRequire(import.meta.url)('@azure/functions') as HttpLibrary & {
  InvocationContext: new (init: object) => InvocationContext
}

/** Latin-1 as it may stand in a header. */
const strange = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.trim()),
  fc.constantFrom(
    '',
    ',',
    ';',
    '%00',
    '-1',
    '9'.repeat(400),
    '0x10',
    '1e3',
    '\u00e6\u00f8\u00e5',
    'a b c',
    '=',
    'null',
    '__proto__',
  ),
)
const mostly = (...usual: (string | undefined)[]) =>
  fc.oneof({ weight: 25, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: strange })
const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value)
const index = fc.nat().map((any) => any % ROUNDS)
const id = index.map((one) => ids[one] ?? '')
const part = index.map((one) => parts[one] ?? '')
const same = index.map((one) => ({ fileTransferId: ids[one] ?? '', partId: parts[one] ?? '' }))
const known = fc.oneof(
  { weight: 3, arbitrary: same },
  fc.record({ fileTransferId: id.map((each) => each.toUpperCase()), partId: part.map((each) => each.toUpperCase()) }),
)
const address = fc
  .tuple(id, part)
  .map(([whole, one]) => `/broker/api/v1/filetransfer/upload/tus/${whole}/partial/${one}`)
const concat = fc.oneof(
  mostly(undefined, undefined, 'partial'),
  fc.array(fc.oneof(address, strange), { maxLength: 3 }).map((all) => `final;${all.join(' ')}`),
)

const asked = fc.record({
  name: fc.constantFrom('whole', 'whole', 'part', 'part', 'none'),
  method: fc.constantFrom('POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'),
  params: fc.oneof({ weight: 25, arbitrary: known }, fc.record({ fileTransferId: strange, partId: strange })),
  body: fc.option(fc.uint8Array({ maxLength: 12 })),
  headers: fc.record({
    'tus-resumable': mostly(...times(20, '1.0.0'), '0.2.2', undefined),
    authorization: fc.oneof(
      {
        weight: 25,
        arbitrary: fc
          .constantFrom(
            `${sender}/altinn:broker.write`,
            `${sender}/altinn:broker.write`,
            `${sender}/altinn:broker.write/over`,
            `${kari}/altinn:broker.write`,
            `${sender}/altinn:broker.read`,
          )
          .map((token): string | undefined => `Bearer ${token}`),
      },
      mostly(undefined, 'Bearer', 'Bearer x y'),
    ),
    'content-type': mostly('application/offset+octet-stream', 'application/offset+octet-stream', undefined),
    'content-length': mostly(...times(9, undefined), '0', '3', '999999999999'),
    'upload-length': mostly('0', '5', '8', '12', undefined),
    'upload-offset': mostly('0', '0', '3', '8', undefined),
    'upload-metadata': mostly(...times(9, undefined), 'name YQ==', 'a,b', 'name \u00e6'),
    'upload-checksum': mostly(...times(9, undefined), 'md5 1B2M2Y8AsgTpgAmY7PhCfg==', 'sha1 AAAA'),
    'upload-defer-length': mostly(...times(20, undefined), '1'),
    'upload-concat': concat,
    'x-http-method-override': mostly(...times(20, undefined), 'PATCH', 'get', 'DELETE'),
    origin: mostly(undefined, 'https://app.example', 'null'),
    'access-control-request-method': mostly(...times(9, undefined), 'PATCH'),
    'x-forwarded-for': mostly(undefined, '::1'),
  }),
})

type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never

async function answerTo({ name, method, params, body, headers }: Asked) {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const content = method === 'HEAD' || body === null ? {} : { body: Buffer.from(body) }
  const url = 'http://broker.example/broker/api/v1/filetransfer/upload/tus/x'
  const nativeRequest = new Request(url, { method, headers: given, ...content })
  const request = new library.HttpRequest({ nativeRequest, params })
  const context = new library.InvocationContext({ functionName: name, invocationId: 'one' })
  const init = await functions[name]?.handler(request as never, context)
  return init as { status: number; headers: Record<string, string>; body?: string }
}

const DECLARED = [200, 201, 204, 400, 401, 403, 404, 405, 409, 412, 413, 415, 423, 460]

describe('TUS', () => {
  test('answers hostile requests with what the protocol knows, and never fails', async () => {
    const seen = new Map<number, number>()

    await fc.assert(
      fc.asyncProperty(asked, async (each) => {
        const answer = await answerTo(each)

        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
        expect(DECLARED, JSON.stringify(answer)).toContain(answer.status)
        expect(() => new Response(null, { headers: answer.headers })).not.toThrow()
        if (answer.status < 300) expect(answer.body).toBeUndefined()
      }),
      { numRuns, seed },
    )

    for (const status of [200, 201, 204, 400, 401, 403, 404, 409, 412, 415]) {
      expect([...seen.keys()], 'all kinds of answers are among them').toContain(status)
    }
    expect(world.log.filter(({ level }) => level === 'error')).toEqual([])
  })
})
