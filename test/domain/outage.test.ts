import { describe, expect, test } from 'vitest'
import { isOutage, retryAfterSeconds } from '../../src/domain/outage.js'

describe('a failure', () => {
  test.each([
    { statusCode: 503 },
    { statusCode: 429 },
    { code: 'ECONNREFUSED' },
    { code: 'PARSE_ERROR' },
    { name: 'TimeoutError' },
    { isUpstream: true },
    { message: 'fetch failed', cause: { code: 'UND_ERR_HEADERS_TIMEOUT' } },
  ])('of a dependency is an outage: %j', (error) => {
    expect(isOutage(error)).toBe(true)
  })

  test.each([undefined, 'text', {}, { statusCode: 404 }, { code: 'ERR_INVALID_ARG' }])('is none: %j', (error) => {
    expect(isOutage(error)).toBe(false)
  })

  test.each([
    [{}, undefined],
    [{ retryAfter: '7' }, 7],
    [{ cause: { retryAfter: '7' } }, 7],
    [{ retryAfter: '3600' }, 60],
    [{ retryAfter: '0' }, undefined],
    [{ retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' }, undefined],
    [undefined, undefined],
  ])('has the Retry-After of the dependency: %j in %s s', (error, seconds) => {
    expect(retryAfterSeconds(error)).toBe(seconds)
  })
})
