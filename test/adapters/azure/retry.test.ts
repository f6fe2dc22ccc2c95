import { describe, expect, test } from 'vitest'
import { retryOnce } from '../../../src/adapters/azure/retry.js'
import { retryAfterSeconds } from '../../../src/domain/outage.js'

/** The failure of a service with this status, which asks to come back after some seconds. */
const failure = (statusCode: number, seconds: number) =>
  Object.assign(new Error(`It answered ${statusCode}.`), {
    statusCode,
    response: { headers: new Headers({ 'retry-after': String(seconds) }) },
  })

/** Fails with these, one after the other, and then answers. */
function sender(...failures: Error[]) {
  const left = [...failures]
  const seen = { calls: 0 }
  const send = async () => {
    seen.calls++
    const error = left.shift()
    if (error) throw error
    return 'answer'
  }
  return { seen, send }
}

describe('a call of Azure', () => {
  test('is made once more after a failure that may pass', async () => {
    const { seen, send } = sender(failure(503, 7))

    expect(await retryOnce(send)).toBe('answer')
    expect(seen.calls).toBe(2)
  })

  test('fails the second time with what the service says of when to come back', async () => {
    const { seen, send } = sender(failure(503, 7), failure(429, 9))

    const error = await retryOnce(send).catch((thrown: unknown) => thrown)

    expect([seen.calls, retryAfterSeconds(error)]).toEqual([2, 9])
  })

  test('is made once when the failure stays', async () => {
    const conflict = failure(409, 7)
    const { seen, send } = sender(conflict)

    await expect(retryOnce(send)).rejects.toBe(conflict)
    expect(seen.calls).toBe(1)
    expect(conflict).not.toHaveProperty('retryAfter')
  })
})
