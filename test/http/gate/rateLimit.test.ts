import { beforeEach, describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { rateLimiter } from '../../../src/http/gate/rateLimit.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import type { Caller } from '../../../src/usecases/ports/access.js'
import { answerOf, fileTransferId, type HttpCall, jsonIn, kari, ola, traceParent } from '../../support/builders.js'

let nowMs = 0
beforeEach(() => {
  nowMs = 0
})

const { getFileTransfer, getFileTransferDetails } = contract

describe('the calls of an operation', () => {
  const limits = { getFileTransfer: 1, getFileTransferDetails: 2 }

  test('are limited by the minute', () => {
    const rateLimit = rateLimiter(limits, () => nowMs)

    const first = rateLimit(getFileTransfer, kari)
    const second = rateLimit(getFileTransfer, kari)
    nowMs = 61_000
    const later = rateLimit(getFileTransfer, kari)

    expect([first, second, later]).toEqual([undefined, 61, undefined])
  })

  test('do not count for another operation, nor for another caller', () => {
    const rateLimit = rateLimiter(limits, () => nowMs)

    const waits = [
      rateLimit(getFileTransfer, kari),
      rateLimit(getFileTransfer, ola),
      rateLimit(getFileTransferDetails, kari),
      rateLimit(getFileTransferDetails, kari),
    ]

    expect(waits).toEqual([undefined, undefined, undefined, undefined])
    expect(rateLimit(getFileTransferDetails, kari)).toBe(61)
  })

  test('are not limited when no limit is set', () => {
    const rateLimit = rateLimiter({}, () => nowMs)

    const waits = Array.from({ length: 1000 }, () => rateLimit(getFileTransfer, kari))

    expect(new Set(waits)).toEqual(new Set([undefined]))
  })

  test('are evicted for the caller that was quiet for the longest, when there are too many', () => {
    const rateLimit = rateLimiter({ getFileTransfer: 2 }, () => nowMs, 2)

    for (const caller of ['one', 'one', 'two', 'two', 'one', 'three', 'three']) rateLimit(getFileTransfer, caller)

    expect(rateLimit(getFileTransfer, 'one')).toBe(61)
    expect(rateLimit(getFileTransfer, 'two')).toBeUndefined()
  })
})

describe('a call too many', () => {
  const caller = (organization: Caller['organization']): Caller => ({
    organization,
    vendor: undefined,
    scopes: ['altinn:broker.read'],
    claims: {},
  })
  const verify = async (token: string) =>
    token === 'bad' ? { refused: 'no good' } : { caller: caller(token === 'nobody' ? undefined : kari) }

  /** An overview that may be asked for once a minute. */
  function limited() {
    const serve = serveWith({ verify, log: () => {}, rateLimit: rateLimiter({ getFileTransfer: 1 }, () => nowMs) })
    const served = serve(getFileTransfer, async () => ok({}))
    return (token: string, call: HttpCall = {}, forwardedFor = '') =>
      answerOf(served, {
        params: { fileTransferId },
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': forwardedFor },
        ...call,
      })
  }

  test('is answered with a problem, and with the seconds to wait', async () => {
    const ask = limited()

    await ask('kari')
    const answer = await ask('kari')

    expect(answer.status).toBe(429)
    expect(answer.headers.get('retry-after')).toBe('61')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(jsonIn(answer)).toEqual({
      type: 'https://tools.ietf.org/html/rfc6585#section-4',
      title: 'Too Many Requests',
      status: 429,
      detail: 'There were too many calls of this kind. Try again in 61 s.',
      traceId: traceParent,
    })
  })

  test('is counted by the organisation, wherever it calls from', async () => {
    const ask = limited()

    const statuses = [await ask('kari', {}, '203.0.113.7'), await ask('kari', {}, '203.0.113.8')]

    expect(statuses.map(({ status }) => status)).toEqual([200, 429])
  })

  test('is counted by the address when the token names no organisation', async () => {
    const ask = limited()

    const answers = [
      await ask('nobody', {}, '203.0.113.7'),
      await ask('nobody', {}, '203.0.113.8'),
      await ask('nobody', {}, '203.0.113.7'),
      await ask('kari', {}, '203.0.113.7'),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200])
  })

  test('is one whose token is good, and whose input need not be', async () => {
    const ask = limited()

    const answers = [
      await ask('bad'),
      await ask('kari', { params: { fileTransferId: '7' } }),
      await ask('kari', { params: { fileTransferId: '7' } }),
      await ask('bad'),
    ]

    expect(answers.map(({ status }) => status)).toEqual([401, 400, 429, 401])
  })
})
