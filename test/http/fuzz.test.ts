import { globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isDeepStrictEqual } from 'node:util'
import type { HttpFunctionOptions, InvocationContext } from '@azure/functions'
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { HttpLibrary } from '../../local/functionsHost/http.js'
import { compileRoute, segmentsOf } from '../../local/functionsHost/routes.js'
import { problems } from '../../src/domain/problems.js'
import { logEvents } from '../../src/domain/projections/logEvents.js'
import { operations } from '../../src/http/contract/contract.js'
import type { Operation } from '../../src/http/contract/operation.js'
import { problemDetails } from '../../src/http/contract/responses/responses.js'
import { documentOf } from '../../src/http/openapi/openApi.js'
import { brokerCode } from '../../src/http/problem/problemJson.js'
import type { Caller } from '../../src/usecases/ports/access.js'
import type { Log } from '../../src/usecases/ports/telemetry.js'
import { AGE_KEY } from '../support/ageKeys.js'
import { type HostileRequest, hostileRequests, type Known } from '../support/hostileRequests.js'
import { callerFor, uploadOf, type World } from '../support/memoryBroker.js'
import { kari, ola, organization, owner, request, sender } from '../support/samples.js'

// The functions themselves, on stores in memory, get requests that no friend would send. FUZZ_RUNS and FUZZ_SEED say
// how many, and which.

const rows: [string, Operation][] = Object.entries(operations)
const TOTAL = Number(process.env.FUZZ_RUNS ?? 6000)
/** What takes nothing and is open to everybody has little to go wrong. */
const isPlain = ({ scopes, body }: Operation) => scopes.length === 0 && body === undefined
/** Few forms are good ones: with many fields there is always one that is not. */
const isForm = ({ body }: Operation) => typeof body === 'object' && 'form' in body
const numRuns = Math.ceil(TOTAL / rows.filter(([, row]) => !isPlain(row)).length)
const seed = Number(process.env.FUZZ_SEED ?? 20260302)

const { functions, shared } = vi.hoisted(() => ({
  functions: new Map<string, HttpFunctionOptions>(),
  shared: {} as { world: World },
}))

vi.mock('@azure/functions', () => {
  const ignored = () => {}
  const http = (name: string, options: HttpFunctionOptions) => functions.set(name, options)
  const app = {
    http,
    timer: ignored,
    serviceBusQueue: ignored,
    serviceBusTopic: ignored,
    hook: { appTerminate: ignored },
  }
  return { app: { ...app, setup: ignored } }
})

vi.mock('../../src/app.js', async () => {
  const { memoryWorld } = await import('../support/memoryBroker.js')
  const { serveWith } = await import('../../src/http/serving/serve.js')
  shared.world = await memoryWorld({ reminders: [604_800, -172_800] })
  const { refuseWith } = await import('../../src/http/serving/refusedMethods.js')
  const { serveTusWith } = await import('../../src/http/tus/serveTus.js')
  const { advance, log, start } = shared.world
  // Whoever waits waits on the clock of the world.
  const pause = async (ms: number) => {
    advance(ms / 1000)
    await new Promise(setImmediate)
  }
  const broker = start(() => ({ pause }))
  const telling: Log = (event, details = {}) => void log.push({ event, ...logEvents[event], details })
  return {
    broker: { ...broker, checkHealth: async () => [] },
    serve: serveWith({ verify, log: telling }),
    serveTus: serveTusWith({ verify, log: telling }),
    refuse: refuseWith({}),
    messageHandler: () => async () => {},
    stop: async () => {},
    hostingEnvironment: 'Test',
    tasksByName: false,
    admitWebhook: async () => undefined,
    admitStatistics: async () => undefined,
  }
})

/** A token says who holds it and with which scopes: `910000001/altinn:broker.read`. */
async function verify(token: string): Promise<{ caller: Caller } | { refused: string }> {
  const [, number, scopes = ''] = /^(\d{9}|nobody)\/(.*)$/.exec(token) ?? []
  if (number === undefined) return { refused: 'It is no token.' }
  const holder = number === 'nobody' ? undefined : organization(number)
  return { caller: { organization: holder, vendor: undefined, scopes: scopes.split(','), claims: {} } }
}

const ids: string[] = []
const groups: string[] = []

const NAMES = ['bilag.pdf', 'søknad 🦊.txt', '"\\\r\n\u0000%0d%0a.pdf', '\ud800', '../../x', 'ﷺ\u202e', "a'; x=y*"]

/** Transfers as far on their way as they can be, with names that are hard to write. */
async function addTransfers({ broker, begin, linked, uploaded, published, confirmed }: World, rounds: number) {
  const names = Array.from({ length: rounds }, () => NAMES).flat()
  for (const fileName of names) {
    ids.push(await begin({ fileName }), await linked({ fileName }), await uploaded({ fileName }))
    ids.push(await published({ fileName }), await confirmed())
    await addGroup(broker, fileName)
  }
}

/** A group whose only file has been downloaded. */
async function addGroup(broker: World['broker'], fileName: string) {
  const { fileName: _, checksum, ...shared } = request({ recipients: [kari, ola], disableVirusScan: true })
  const asked = { ...shared, files: [{ fileName, checksum }] }
  const group = await broker.initializeFileTransferGroup(callerFor(sender), asked, `group ${groups.length}`)
  if (!group.ok) throw new Error(JSON.stringify(group.reason))
  const [only = ''] = group.value.fileTransferIds
  await broker.uploadFile(callerFor(sender), only, uploadOf('file'))
  for (const recipient of [kari, ola]) await broker.downloadFile(callerFor(recipient), only, undefined)
  groups.push(group.value.id)
}

beforeAll(async () => {
  const files = globSync('src/functions/*/*.ts')
  await Promise.all(files.map((file) => import(`../../${file}`)))
  await addTransfers(shared.world, 8)
})

const knownId = fc.nat().map((index) => ids[index % ids.length] ?? '')
const party = fc.constantFrom(sender, kari, ola, owner)
const prefixed = party.map((number) => `0192:${number}`)
const knownIn = (row: Operation): Known => ({
  fileTransferId: fc.oneof(
    { weight: 4, arbitrary: knownId },
    knownId.map((id) => id.toUpperCase()),
    knownId.map((id) => `{${id}}`),
    knownId.map((id) => id.replaceAll('-', '')),
  ),
  fileTransferGroupId: fc.nat().map((index) => groups[index % groups.length] ?? ''),
  files: fc.array(
    fc.constantFrom(...NAMES).map((fileName) => ({ fileName })),
    { minLength: 1, maxLength: 3 },
  ),
  // The resource of the transfers stays as it is.
  resourceId:
    row === operations.configureResource
      ? fc.constant('other')
      : fc.constantFrom('bilag', 'urn:altinn:resource:bilag', 'other'),
  sender: prefixed,
  recipients: fc.array(prefixed, { minLength: 1, maxLength: 3 }),
  checksum: fc.constantFrom('', null, '5d41402abc4b2a76b9719d911017c592'),
  checksumSha256: fc.constant('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'),
  propertyList: fc.dictionary(fc.constantFrom('color', 'søkt', 'a b'), fc.constantFrom('blue', '', 'æ'), {
    maxKeys: 3,
  }),
  disableVirusScan: fc.boolean(),
  encryption: fc.constant(null),
  publicKey: fc.constantFrom(AGE_KEY, null),
  fileTransferTimeToLive: fc.constantFrom('P1D', 'P366D', 'PT0S', '1.00:00:00', '-P1D'),
  fileTransferMaxTimeToLive: fc.constantFrom('P90D', '90.00:00:00'),
  // The world begins at noon of 2026-03-01.
  expirationTime: fc.constantFrom('2026-03-20T12:00:00Z', '2026-03-20'),
  reason: fc.constantFrom('The wrong file', '', null),
  purgeFileTransferGracePeriod: fc.constantFrom('PT1H', 'PT25H', '01:00:00', ''),
  reminders: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.constantFrom(['-P2D', 'P7D'], ['P8D'], ['PT0S'])),
  maxFileTransferSize: fc.constantFrom(1, 0, -1, 50_000_000_001, '123', 1e15),
})

const callers = ({ scopes }: Operation) =>
  fc
    .tuple(
      fc.oneof({ weight: 12, arbitrary: party }, fc.constant('nobody')),
      fc.oneof({ weight: 9, arbitrary: fc.constant(scopes.join(',')) }, fc.constantFrom('', 'altinn:other')),
    )
    .map(([who, scope]) => `Bearer ${who}/${scope}`)

type Answered = { status: number; mediaType: string | undefined; text: string }

// The library is CommonJS, and an ES module cannot import it by names.
const library = createRequire(import.meta.url)('@azure/functions') as HttpLibrary & {
  InvocationContext: new (init: object) => InvocationContext
}

/**
 * What the function answers, called as the Functions host calls it; undefined where the host would find no function.
 */
async function answerTo(name: string, row: Operation, asked: HostileRequest): Promise<Answered | undefined> {
  const values = compileRoute(row.path)(segmentsOf(asked.path.split('?', 1)[0] ?? ''))
  if (!values) return undefined
  const url = new URL(`http://broker.example${asked.path}`)
  const content = row.method === 'GET' ? {} : { body: asked.body }
  const nativeRequest = new Request(url, { method: row.method, headers: asked.headers, ...content })
  if (row.method !== 'GET' && !('content-type' in asked.headers)) nativeRequest.headers.delete('content-type')
  const params = { ...Object.fromEntries(url.searchParams), ...values }
  const request = new library.HttpRequest({ nativeRequest, params })
  const context = new library.InvocationContext({ functionName: name, invocationId: 'one' })

  const init = await functions.get(name)?.handler(request as never, context)

  const { status, headers, body } = init as {
    status: number
    headers: Record<string, string>
    body?: string | ReadableStream<Uint8Array>
  }
  const mediaType = new Headers(headers).get('content-type')?.split(';')[0]
  return { status, mediaType, text: await new Response(body ?? null).text() }
}

const document = documentOf(operations)
type Declared = Record<string, { content?: Record<string, object> }>
function responsesOf({ path, method }: Operation): Declared {
  const operations = document.paths[`/${path}`] as Record<string, { responses: Declared }> | undefined
  return operations?.[method.toLowerCase()]?.responses ?? {}
}

/** What Broker itself always says, which is more than the document demands of it and of a gateway. */
const ofBroker = problemDetails.required({ type: true, title: true, status: true, traceId: true })

/** What is wrong with an answer by the contract; undefined when nothing is. */
function complaint(row: Operation, { status, mediaType, text }: Answered): string | undefined {
  const declared = responsesOf(row)[status]
  // 501 is what a row may say of itself; no other failure is an answer.
  if (status >= 500 && status !== 501) return `it answers ${status}: ${text}`
  if (!declared) return `the status ${status} is not declared: ${text}`
  if (text === '') return undefined
  if (mediaType !== undefined && !(mediaType in (declared.content ?? {})))
    return `${mediaType} is not declared for ${status}`
  if (!mediaType?.endsWith('json')) return undefined
  const json: unknown = JSON.parse(text)
  if (status < 300 || status in (row.success.also ?? {})) return misfit(row.success.json?.safeParse(json), json, text)
  const problem = ofBroker.safeParse(json)
  if (!problem.success) return misfit(problem, json, text)
  const { code } = problem.data
  const numbers = row.problems.map((each) => ({ code: brokerCode(problems[each].code), status: problems[each].status }))
  const isDeclared = code === undefined || numbers.some((each) => each.code === code && each.status === status)
  return isDeclared ? misfit(problem, json, text) : `${code} with ${status} is not declared`
}

/** A body that its schema does not know, or not in all its members. */
function misfit(parsed: { success: boolean; data?: unknown } | undefined, json: unknown, text: string) {
  const fits = parsed?.success === true && isDeepStrictEqual(parsed.data, json)
  return fits ? undefined : `the body is not as declared: ${text}`
}

describe('every operation answers hostile requests as its row declares', () => {
  test.each(rows)('%s', async (name, row) => {
    const seen = new Map<number, number>()
    await addTransfers(shared.world, 1)

    await fc.assert(
      fc.asyncProperty(hostileRequests(row, callers(row), knownIn(row)), async (asked) => {
        const answer = await answerTo(name, row, asked)
        if (!answer) return
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)

        expect(complaint(row, answer)).toBeUndefined()
      }),
      { numRuns: isPlain(row) ? 30 : numRuns * (isForm(row) ? 3 : 1), seed },
    )

    const good = [row.success.status, ...Object.keys(row.success.also ?? {}).map(Number)]
    expect(
      [...seen.keys()].some((status) => good.includes(status)),
      'some of the requests are good ones',
    ).toBe(true)
  })
})
