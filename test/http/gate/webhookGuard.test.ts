import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { webhookGuard } from '../../../src/http/gate/webhookGuard.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf } from '../../support/builders.js'

const secretHash = createHash('sha256').update('open sesame').digest('hex')
const verify = async (token: string) => (token === 'good' ? { caller: {} } : { refused: 'It is no good.' })
const none = { secretHash: undefined, verify: undefined }

const asked = async (
  guard: Parameters<typeof webhookGuard>[0],
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
) => {
  const refused = await webhookGuard(guard)({ url: `https://x.example/hook${query}`, headers: new Headers(headers) })
  return refused === undefined
}

const bySecret = { query: '?code=open%20sesame' }
const byHeader = { headers: { 'X-Webhook-Secret': 'open sesame' } }
const byToken = { headers: { authorization: 'Bearer good' } }

describe('a webhook', () => {
  test('is open to everybody when nothing is demanded', async () => {
    expect(await asked(none)).toBe(true)
  })

  test('with a secret takes it in the query or a header, whatever the case of the hash', async () => {
    expect(await asked({ ...none, secretHash }, bySecret)).toBe(true)
    expect(await asked({ ...none, secretHash: secretHash.toUpperCase() }, byHeader)).toBe(true)
  })

  test.each([
    {},
    { query: '?code=' },
    { query: '?code=open' },
    { query: `?code=${secretHash}` },
    { headers: { 'X-Webhook-Secret': 'open sesame!' } },
    byToken,
  ])('with a secret refuses a caller without it: %j', async (request) => {
    expect(await asked({ ...none, secretHash }, request)).toBe(false)
  })

  test('with an issuer takes its tokens, and nothing else', async () => {
    expect(await asked({ ...none, verify }, byToken)).toBe(true)
    expect(await asked({ ...none, verify }, { headers: { authorization: 'Bearer bad' } })).toBe(false)
    expect(await asked({ ...none, verify }, { headers: { authorization: 'good' } })).toBe(false)
    expect(await asked({ ...none, verify }, bySecret)).toBe(false)
    expect(await asked({ ...none, verify })).toBe(false)
  })

  test('with both takes either', async () => {
    expect(await asked({ secretHash, verify }, bySecret)).toBe(true)
    expect(await asked({ secretHash, verify }, byToken)).toBe(true)
    expect(await asked({ secretHash, verify })).toBe(false)
  })

  test('refuses after the content type and before the body, with a problem and a challenge', async () => {
    const serve = serveWith({ verify: async () => ({ refused: 'x' }), log: () => {} })
    let calls = 0
    const handle = async () => {
      calls++
      return ok({})
    }
    const hook = serve(contract.receiveScanResults, handle, webhookGuard({ ...none, secretHash }))
    const call = { method: 'POST', body: '{' }

    const [typed, refused] = [
      await answerOf(hook, { ...call, headers: { 'content-type': 'text/plain' } }),
      await answerOf(hook, call),
    ]

    expect([typed.status, typed.text, refused.status, calls]).toEqual([415, '', 401, 0])
    expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
  })
})
