import { afterAll, beforeAll, expect, vi } from 'vitest'
import { type FaultyProxy, startFaultyProxy } from './faultyProxy.js'
import { type Journey, KARI, OLA, OWNER, POLLING, SLOW_POLLING, startJourney } from './journey.js'
import { redirect } from './redirect.js'

export type Dependency = 'Tables' | 'UnscannedBlobs' | 'ServiceBus' | 'ALTINN_PLATFORM_URL'

/** A stack for the tests of a file that reaches one of its dependencies through a faulty proxy. */
export function stackBehindFaultyProxy(dependency: Dependency, settings: Record<string, string> = {}) {
  let stack: Awaited<ReturnType<typeof startBehindFaultyProxy>>
  beforeAll(async () => {
    stack = await startBehindFaultyProxy(dependency, settings)
  })
  afterAll(() => stack?.end())
  return () => stack
}

/** A stack that reaches one of its dependencies on a faulty proxy, with short time-outs. */
async function startBehindFaultyProxy(dependency: Dependency, settings: Record<string, string>) {
  let proxy: FaultyProxy | undefined
  const lines: string[] = []
  const journey = await startJourney(
    async (usual) => {
      const redirected = await redirect(usual[dependency] ?? '', startFaultyProxy)
      proxy = redirected.proxy
      return { [dependency]: redirected.setting, PATIENCE_SECONDS: '2', ...settings }
    },
    { log: (line) => void lines.push(line) },
  )
  if (!proxy) throw new Error('The stack was not given its settings.')
  return {
    journey,
    proxy,
    calls: await callsOf(journey),

    /** Stops all of it. @throws when a part has ended because of a fault. */
    async end() {
      await journey.end()
      await proxy?.stop()
      expect(lines.filter((line) => line.includes('ended by itself'))).toEqual([])
    },
  }
}

/** How an answer came. */
export type Answered = { status: number; retryAfter: string | null; type: string | null; seconds: number; text: string }

/** The operations of senders and recipients, on transfers on which they succeed, with tokens requested before. */
async function callsOf(journey: Journey) {
  const [writer, owner, reader] = await Promise.all([
    journey.token(OWNER, 'altinn:broker.write'),
    journey.token(OWNER, 'altinn:serviceowner'),
    journey.token(KARI, 'altinn:broker.read'),
  ])
  const octets = { 'content-type': 'application/octet-stream' }
  const post = (path: string, token: string, more = {}) => journey.call(path, { method: 'POST', token, ...more })
  return {
    initialize: (more: Record<string, unknown> = {}) =>
      post('filetransfer', writer, journey.json(journey.request({ disableVirusScan: true, ...more }))),
    upload: (id: string, body = 'file') => post(`filetransfer/${id}/upload`, writer, { body, headers: octets }),
    overview: (id: string) => journey.call(`filetransfer/${id}`, { token: writer }),
    details: (id: string) => journey.call(`filetransfer/${id}/details`, { token: writer }),
    search: (reference?: string) =>
      journey.call(`filetransfer?resourceId=altinn-broker-test-resource-1${reference ? `&${reference}` : ''}`, {
        token: writer,
      }),
    download: (id: string) => journey.call(`filetransfer/${id}/download`, { token: reader }),
    confirm: (id: string) => post(`filetransfer/${id}/confirmdownload`, reader),
    names: (organization: string) =>
      post('organizations/names', writer, journey.json({ organizations: [`0192:${organization}`] })),
    getResource: () => journey.call('resource/altinn-broker-test-resource-1', { token: owner }),
    getServiceOwner: () => journey.call('serviceowner', { token: owner }),
    health: () => journey.call('/health'),
  }
}

/** Waits for an answer, all of it. */
export async function answered(answer: Promise<Response>): Promise<Answered> {
  const began = performance.now()
  const response = await answer
  const text = await response.text()
  const { status, headers } = response
  const seconds = (performance.now() - began) / 1000
  return { status, retryAfter: headers.get('retry-after'), type: headers.get('content-type'), seconds, text }
}

/** Waits until this holds, with the timers run, as after an outage. */
export const recovered = (journey: Journey, holds: () => Promise<void>) =>
  vi.waitFor(async () => {
    await journey.runTimer('announcePending')
    await holds()
  }, SLOW_POLLING)

/** The answer of `/health` once it has this status: a result answers for some seconds. */
export const healthOnce = (status: number, calls: { health: () => Promise<Response> }): Promise<Answered> =>
  vi.waitFor(async () => {
    const answer = await answered(calls.health())
    expect(answer.status).toBe(status)
    return answer
  }, POLLING)

/** The longest that a caller may have to wait, with the time-outs of these stacks: docs/decisions/0015. */
export const LONGEST_SECONDS = 15

/** A 503 with a text and `Retry-After`, which is exactly `seconds` if they are given. */
export const comeBackLater = (seconds?: number) => ({
  status: 503,
  retryAfter: seconds === undefined ? expect.stringMatching(/^[1-9]\d*$/) : String(seconds),
  type: expect.stringMatching(/^application\/(problem\+)?json/),
  text: expect.stringContaining('Try again'),
})

/** The answers by operation. */
export async function allAnswered<Name extends string>(calls: Record<Name, Promise<Response>>) {
  const each = Object.entries<Promise<Response>>(calls).map(
    async ([name, call]) => [name, await answered(call)] as const,
  )
  return Object.fromEntries(await Promise.all(each)) as Record<Name, Answered>
}

/** The ids that a search has found, sorted. */
export const found = async (answer: Promise<Response>) => ((await (await answer).json()) as string[]).toSorted()

/** The events of a transfer from its beginning until Kari has confirmed. */
export const expectedEvents = [
  `downloadconfirmed > ${KARI} as Recipient`,
  `downloadconfirmed > ${OWNER} as Sender`,
  `filetransferinitialized > ${OWNER} as Sender`,
  `published > ${OLA} as Recipient`,
  `published > ${KARI} as Recipient`,
  `published > ${OWNER} as Sender`,
  `uploadprocessing > ${OWNER} as Sender`,
]
