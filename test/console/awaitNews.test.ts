import { describe, expect, test } from 'vitest'
import { awaitNews } from '../../clients/console/src/state/lists/awaitNews.js'
import { brokerClient, staticToken } from '../../clients/typescript/src/index.js'

/** A Broker with these answers, one after the other; the last one is repeated. */
function broker(...answers: (() => Response)[]) {
  const queries: string[] = []
  const fetch = async (input: unknown, init?: RequestInit) => {
    init?.signal?.throwIfAborted()
    queries.push(new URL(String(input)).search)
    const answer = answers[Math.min(queries.length, answers.length) - 1]
    return answer?.() ?? Response.error()
  }
  const client = brokerClient({
    baseUrl: 'http://broker',
    token: staticToken('t'),
    fetch: fetch as typeof globalThis.fetch,
    patience: { tries: 1 },
  })
  return { wait: awaitNews(client), queries }
}

const page =
  (cursor: string, ...eventIds: string[]) =>
  () =>
    Response.json({ changes: eventIds.map((eventId) => ({ eventId })), cursor, hasMore: false })
const refused = (status: number, errorCode?: string) => () =>
  Response.json({ status, ...(errorCode && { errorCode }) }, { status })
const { signal } = new AbortController()

describe('waiting for news in the inbox', () => {
  test('begins at the end, and goes on after what it has seen', async () => {
    const { wait, queries } = broker(page('a'), page('b', 'new'), page('b'))

    expect([await wait(5999, signal), await wait(500, signal), await wait(600_000, signal)]).toEqual([
      true,
      false,
      false,
    ])
    expect(queries).toEqual(['?after=latest', '?after=a&timeout=5', '?after=b&timeout=1', '?after=b&timeout=60'])
  })

  test.each([404, 403])('asks a Broker that answers %i no more', async (status) => {
    const { wait, queries } = broker(refused(status))

    expect([await wait(5000, signal), await wait(5000, signal)]).toEqual([false, false])
    expect(queries).toEqual(['?after=latest'])
  })

  test.each([429, 503])('asks again after %i, with the cursor that it has', async (status) => {
    const { wait, queries } = broker(page('a'), refused(status), page('b', 'new'))

    expect([await wait(5000, signal), await wait(5000, signal)]).toEqual([false, true])
    expect(queries).toEqual(['?after=latest', '?after=a&timeout=5', '?after=a&timeout=5'])
  })

  test('begins anew where the cursor has expired', async () => {
    const { wait, queries } = broker(page('a'), refused(410), page('b'), page('c', 'new'))

    expect([await wait(5000, signal), await wait(5000, signal)]).toEqual([false, true])
    expect(queries.slice(2)).toEqual(['?after=latest', '?after=b&timeout=5'])
  })

  test('loses nothing when the page is hidden meanwhile', async () => {
    const { wait, queries } = broker(page('a'), page('a'), page('b', 'new'))
    await wait(5000, signal)

    expect(await wait(5000, AbortSignal.abort())).toBe(false)
    expect(await wait(5000, signal)).toBe(true)
    expect(queries.at(-1)).toBe('?after=a&timeout=5')
  })
})
