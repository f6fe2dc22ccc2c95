import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { afterAll, describe, expect, test } from 'vitest'
import { type Journey, md5, OWNER, ownJourney, sharedJourney } from '../support/journey.js'
import { startProxy } from '../support/proxy.js'
import { redirect } from '../support/redirect.js'
import { rangesOf, referenceClient } from '../support/referenceClient.js'
import { outcomeOf, type TusCalls, tusCalls } from '../support/tusCalls.js'

// Decision 26: a client that sends its buffer again from the start wherever the upload stands publishes the file that
// it has.

const MIB = 2 ** 20
const WRITE = 'altinn:broker.write'

/** The first time that each of these is met. */
function firsts() {
  const met = new Set<string>()
  return (key: string) => !met.has(key) && met.add(key).size > 0
}

/** The connection breaks after 3 MB of each PATCH that is longer, the first time that it is sent. */
function cutting() {
  const isFirst = firsts()
  return {
    cutsAfter: ({ method, url, headers }: IncomingMessage) =>
      method === 'PATCH' && isFirst(`${url} ${headers['upload-offset']}`) ? 3_000_000 : undefined,
  }
}

/** Fewer than the client tries one PATCH, whichever requests they hit. */
const MOST_REFUSED = 4

/** Every third block or tail is refused, as long as few have been, and those before and after it are stored. */
function failing() {
  const isFirst = firsts()
  let count = 0
  const failed = new Set<string>()
  return {
    refuses: ({ method, url = '' }: IncomingMessage) => {
      const name = url.replace(/[?&]timeout=\d+/, '')
      if (method !== 'PUT' || !/blockid=|tail/.test(name)) return undefined
      if (isFirst(name) && ++count % 3 === 0 && failed.size < MOST_REFUSED) failed.add(name)
      return failed.has(name) ? 403 : undefined
    },
  }
}

/** What the storage of the stack below refuses. */
let failures = failing()
let storage: Awaited<ReturnType<typeof startProxy>> | undefined
afterAll(() => storage?.[Symbol.asyncDispose]())
const failingJourney = await ownJourney(async ({ UnscannedBlobs = '' }) => {
  const refuses = (asked: IncomingMessage) => failures.refuses(asked)
  const redirected = await redirect(UnscannedBlobs, (port) => startProxy(port, { refuses }))
  storage = redirected.proxy
  return { UnscannedBlobs: redirected.setting }
})

/** Sends a file by the reference client, at this address of the app, in this many parts. */
async function sendFile(journey: Journey, tus: TusCalls, url: string, token: string, parts: number) {
  const bytes = (parts === 1 ? 18 : 36) * MIB + 5
  const content = randomBytes(bytes)
  const id = await journey.initialize({ disableVirusScan: true })
  const client = referenceClient(url, token)
  if (parts === 1) {
    await tus.create(id, bytes)
    await client.send(content, { path: tus.at(id), start: 0, length: bytes })
  } else {
    const lengths = rangesOf(
      Array.from({ length: parts }, () => ''),
      bytes,
    ).map(({ length }) => length)
    const paths: string[] = []
    for (const length of lengths) paths.push(await tus.part(id, length))
    await Promise.all(rangesOf(paths, bytes).map((range) => client.send(content, range)))
    expect(await outcomeOf(tus.join(id, paths))).toBe('201')
  }
  expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: md5(content), fileTransferSize: bytes })
}

/**
 * By the usual limit of a resource its blocks have 37 MB, and PATCH requests make tails; by the lower they make blocks.
 */
const ways = [{ parts: 1 }, { parts: 4 }, { parts: 4, maxFileTransferSize: 1_000_000_000 }]

describe('a client that sends its buffer again from the start', () => {
  test.each(ways)('publishes its file over connections that break: %j', async ({ parts, ...resource }) => {
    const journey = await sharedJourney()
    const token = await journey.token(OWNER, WRITE)
    await journey.configure(journey.resourceId, resource)
    await using proxy = await startProxy(Number(new URL(journey.stack.urls.app).port), cutting())

    await sendFile(journey, tusCalls(journey, token), `http://127.0.0.1:${proxy.port}`, token, parts)
  })

  test.each(ways)('publishes its file where the storage fails in the middle: %j', async ({ parts, ...resource }) => {
    failures = failing()
    const journey = failingJourney
    const token = await journey.token(OWNER, WRITE)
    await journey.configure(journey.resourceId, resource)

    await sendFile(journey, tusCalls(journey, token), journey.stack.urls.app, token, parts)
  })
})
