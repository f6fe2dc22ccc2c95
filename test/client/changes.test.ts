import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { brokerClient, staticToken } from '../../clients/typescript/src/index.js'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

/** A Broker with these pages, by their cursors; the last one is empty and is answered at once, as when too many wait. */
function broker(...pages: string[][]) {
  const queries: string[] = []
  const fetch = async (input: unknown) => {
    const { searchParams } = new URL(String(input))
    queries.push(searchParams.toString())
    const at = Number(searchParams.get('after') ?? 0)
    const page = pages[at] ?? []
    return Response.json({
      changes: page.map((eventId) => ({ eventId })),
      cursor: String(Math.min(at + 1, pages.length)),
      hasMore: at + 1 < pages.length,
    })
  }
  const client = brokerClient({
    baseUrl: 'http://broker',
    token: staticToken('t'),
    fetch: fetch as typeof globalThis.fetch,
  })
  return { client, queries }
}

describe('the changes of an inbox', () => {
  test('come page by page, each with the cursor after which nothing is lost', async () => {
    const { client, queries } = broker(['a', 'b'], [], ['c'])
    const found = await Array.fromAsync(client.changes({ until: 'once' }))

    expect(found.map(({ eventId, cursor }) => [eventId, cursor])).toEqual([
      ['a', undefined],
      ['b', '1'],
      ['c', '3'],
    ])
    expect(queries).toEqual(['', 'after=1', 'after=2'])
  })

  test('go on after a cursor', async () => {
    const { client } = broker(['a', 'b'], ['c'])

    expect(
      (await Array.fromAsync(client.changes({ after: '1', until: 'once' }))).map(({ eventId }) => eventId),
    ).toEqual(['c'])
  })

  test('are waited for, and not asked for at once again where Broker does not wait', async () => {
    const { client, queries } = broker(['a'])
    const stop = new AbortController()
    const found: string[] = []
    const reading = (async () => {
      for await (const { eventId } of client.changes({ signal: stop.signal })) found.push(eventId)
    })()
    const ended = expect(reading).rejects.toThrow('stopped')
    await vi.advanceTimersByTimeAsync(60_000)

    expect(found).toEqual(['a'])
    expect(queries.slice(0, 2)).toEqual(['timeout=30', 'after=1&timeout=30'])
    expect(queries.length).toBeLessThan(15)
    stop.abort(new Error('stopped'))
    await ended
  })
})
