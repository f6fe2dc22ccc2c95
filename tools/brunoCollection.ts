import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { compileFunction } from 'node:vm'
import { expect } from 'chai'
import { z } from 'zod'

const bruno: { bruToJsonV2(text: string): unknown; bruToEnvJsonV2(text: string): unknown } = createRequire(
  import.meta.url,
)('@usebruno/lang')

const enabled = z.strictObject({ name: z.string(), value: z.string(), enabled: z.literal(true) })
const environment = z.strictObject({ variables: z.array(enabled.extend({ secret: z.literal(false) })) })

/**
 * A file of the collection, as Bruno's own parser reads it. Refuses what is not run here: scripts before a request,
 * forms ...
 */
const request = z.strictObject({
  meta: z.strictObject({ name: z.string(), type: z.literal('http'), seq: z.coerce.number() }),
  http: z.strictObject({
    method: z.enum(['get', 'post', 'put']),
    url: z.string(),
    body: z.enum(['none', 'json', 'text']),
    auth: z.enum(['none', 'bearer']),
  }),
  params: z.array(enabled.extend({ type: z.literal('query') })).default([]), // the URL has them too
  headers: z.array(enabled).default([]),
  auth: z.strictObject({ bearer: z.strictObject({ token: z.string() }) }).optional(),
  body: z.strictObject({ json: z.string().optional(), text: z.string().optional() }).default({}),
  assertions: z.array(enabled).default([]),
  script: z.strictObject({ res: z.string() }).optional(),
  tests: z.string().default(''),
  docs: z.string().optional(),
})
type Request = z.infer<typeof request>

const OPERATORS: Record<string, (actual: unknown, value: string) => void> = {
  eq: (actual, value) => expect(actual).to.equal(asValue(value)),
  in: (actual, value) => expect(actual).to.be.oneOf(value.split(', ').map(asValue)),
  contains: (actual, value) => expect(JSON.stringify(actual)).to.include(value),
  isDefined: (actual) => expect(actual).not.to.equal(undefined),
  isString: (actual) => expect(actual).to.be.a('string'),
}
const asValue = (text: string) => (/^\d+$/.test(text) ? Number(text) : text)

/**
 * Sends the requests of a Bruno collection in their order, runs their scripts, and checks their assertions and tests.
 * `given` takes the place of variables of the environment. @throws at the first that fails, with its name.
 */
export async function runCollection(folder: string, given: Record<string, string>): Promise<void> {
  const local = environment.parse(bruno.bruToEnvJsonV2(await readFile(join(folder, 'environments/local.bru'), 'utf8')))
  const variables = new Map<string, unknown>(local.variables.map(({ name, value }) => [name, value]))
  for (const [name, value] of Object.entries(given)) variables.set(name, value)
  const requests = await requestsIn(folder)
  for (let at = 0; at < requests.length; ) {
    const current = requests[at++] as Request
    const { name } = current.meta
    await send(current, variables, (next) => {
      at = requests.findIndex(({ meta }) => meta.name === next)
      if (at < 0) throw new Error(`There is no request "${next}".`)
    }).catch((cause) => {
      throw new Error(`✕ ${name}: ${cause.message}`, { cause })
    })
    console.log(`✓ ${name}`)
  }
  console.log(`✓ PASS: ${requests.length} requests`)
}

async function requestsIn(folder: string): Promise<Request[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.bru'))
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map((text) => request.parse(bruno.bruToJsonV2(text))).sort((one, other) => one.meta.seq - other.meta.seq)
}

async function send(
  { http, headers, auth, body, assertions, script, tests }: Request,
  variables: Map<string, unknown>,
  setNextRequest: (name: string) => void,
): Promise<void> {
  const filled = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name) => {
      if (!variables.has(name)) throw new Error(`{{${name}}} has no value.`)
      return String(variables.get(name))
    })
  const sent = new Headers(headers.map(({ name, value }) => [name, filled(value)]))
  if (auth) sent.set('authorization', `Bearer ${filled(auth.bearer.token)}`)
  const text = http.body === 'none' ? undefined : body[http.body]
  if (text !== undefined && !sent.has('content-type')) {
    sent.set('content-type', http.body === 'json' ? 'application/json' : 'text/plain')
  }
  const response = await fetch(filled(http.url), {
    method: http.method.toUpperCase(),
    headers: sent,
    body: text === undefined ? null : filled(text),
  })
  const received = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  const res = {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: isJson && received ? JSON.parse(received) : received,
    getStatus: () => res.status,
    getBody: () => res.body,
  }
  const bru = {
    getVar: (name: string) => variables.get(name),
    setVar: (name: string, value: unknown) => variables.set(name, value),
    sleep: pause,
    runner: { setNextRequest },
  }
  const test = (_: string, check: () => void) => check()
  const run = (code: string) =>
    compileFunction(`return (async () => {${code}\n})()`, ['res', 'bru', 'test', 'expect'])(res, bru, test, expect)

  await run(script?.res ?? '')
  for (const { name, value } of assertions) {
    const [, operator = '', expected = ''] = /^(\w+) ?(.*)$/.exec(value) ?? []
    const check = OPERATORS[operator]
    if (!check) throw new Error(`${name}: ${value} is not understood.`)
    check(compileFunction(`return ${name}`, ['res'])(res), filled(expected))
  }
  await run(tests)
}
