import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { statisticsGuard } from '../../../src/http/gate/statisticsGuard.js'

const KEY = 'only-for-this-test'
const keyHash = createHash('sha256').update(KEY).digest('hex')

function guarded(options: { keyHash?: string | undefined; limit?: number } = {}) {
  const clock = { now: new Date('2026-03-01T12:00:00Z') }
  const guard = statisticsGuard({ keyHash, limit: 2, now: () => clock.now, ...options })
  const call = async (key: string | undefined, more: Record<string, string> = {}) => {
    const admission = await guard({
      url: 'https://x/',
      headers: new Headers({ ...(key !== undefined && { 'x-api-key': key }), ...more }),
    })
    if (!admission || 'refusal' in admission) throw new Error('It answers for itself.')
    if ('headers' in admission) return { status: 200, headers: admission.headers, body: {} }
    const { status, headers, body } = admission.answer
    return { status, headers, body: JSON.parse(String(body)) as Record<string, unknown> }
  }
  return { clock, call }
}

describe('the key for statistics', () => {
  test.each([
    [undefined, 'The header X-API-Key is missing.'],
    [' ', 'The header X-API-Key is empty.'],
    ['another', 'The key in X-API-Key is not the right one.'],
  ])('%s is refused', async (key, error) => {
    const { call } = guarded()

    expect(await call(key)).toMatchObject({ status: 401, body: { error } })
  })

  test('refuses everybody while none is configured', async () => {
    const { call } = guarded({ keyHash: undefined })

    expect(await call(KEY)).toMatchObject({ status: 401, body: { error: 'No key for statistics is configured here.' } })
  })

  test('allows some calls of an address in any hour, and says how many are left', async () => {
    const { clock, call } = guarded()
    const from = { 'x-forwarded-for': '10.0.0.1, 10.0.0.2' }

    const first = await call(KEY, from)
    clock.now = new Date(clock.now.getTime() + 60_000)
    const second = await call(KEY, from)
    const third = await call(KEY, from)
    const elsewhere = await call(KEY, { 'x-forwarded-for': '10.0.0.1, 10.0.0.9' })
    clock.now = new Date(clock.now.getTime() + 59 * 60_000)
    const later = await call(KEY, from)

    expect([first, second, third, elsewhere, later].map(({ status }) => status)).toEqual([200, 200, 429, 200, 200])
    expect(first.headers).toEqual({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-reset': '1772370000',
    })
    expect(third.headers).toMatchObject({ 'retry-after': '3540', 'x-ratelimit-remaining': '0' })
    expect(third.body).toMatchObject({ retryAfter: 3540, resetTime: '2026-03-01T13:00:00.000Z' })
  })

  test('counts the calls of an address, whatever addresses a caller puts before it', async () => {
    const { call } = guarded({ limit: 1 })
    const from = (forged: string) => ({ 'x-forwarded-for': `${forged}, 10.0.0.2`, 'x-real-ip': forged })

    const statuses = [await call(KEY, from('10.0.0.7')), await call(KEY, from('10.0.0.8'))].map(({ status }) => status)

    expect(statuses).toEqual([200, 429])
  })

  test('counts only calls with the right key', async () => {
    const { call } = guarded({ limit: 1 })
    await call('another')

    expect(await call(KEY)).toMatchObject({ status: 200 })
  })
})
