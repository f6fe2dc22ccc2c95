import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { subscriptionKeyCheck } from '../../../src/http/gate/subscriptionKey.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, jsonIn, kari } from '../../support/builders.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const scopes = ['altinn:broker.read']
const verify = async () => ({ caller: { organization: kari, vendor: undefined, scopes, claims: {} } })
const guarded = (...keys: string[]) =>
  serveWith({ verify, log: () => {}, checkKey: subscriptionKeyCheck(keys.map(sha256)) })

/** An overview that is asked for with these headers, where the keys `one` and `two` are good. */
const overview = (headers: Record<string, string>, serve = guarded('one', 'two')) =>
  answerOf(
    serve(contract.getFileTransfer, async () => ok({})),
    { params: { fileTransferId }, headers },
  )

const token = { authorization: 'Bearer any' }
const withKey = (key: string) => ({ ...token, 'Ocp-Apim-Subscription-Key': key })

describe('a subscription key', () => {
  test.each(['one', 'two'])('that is known lets the request through: %s', async (key) => {
    expect((await overview(withKey(key))).status).toBe(200)
  })

  test.each<Record<string, string>>([token, withKey('')])(
    'that is missing is refused as the gateway does it: %j',
    async (headers) => {
      const answer = await overview(headers)

      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^AzureApiManagementKey realm="[^"]+",name="Ocp-Apim-Subscription-Key",type="header"$/,
      )
      expect(jsonIn(answer)).toEqual({
        statusCode: 401,
        message:
          'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.',
      })
    },
  )

  test.each(['three', 'ONE', 'one, two', sha256('one')])(
    'that is not known is refused as the gateway does it: %s',
    async (key) => {
      const answer = await overview(withKey(key))

      expect(answer.status).toBe(401)
      expect(jsonIn(answer)).toEqual({
        statusCode: 401,
        message:
          'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
      })
    },
  )

  test('is checked before anything else, since the gateway stands in front', async () => {
    const answer = await overview({ accept: 'text/html' })

    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('AzureApiManagementKey')
  })

  test('is no token', async () => {
    const answer = await overview({ 'ocp-apim-subscription-key': 'one' })

    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('is not asked for where everybody may call', async () => {
    const health = guarded('one')(contract.getHealth, async () => ok({ text: 'Up.' }))

    expect((await answerOf(health)).status).toBe(200)
  })

  test('is not asked for when none is known', async () => {
    expect((await overview(token, guarded())).status).toBe(200)
  })

  test('is as good by a hash in capitals', async () => {
    const checkKey = subscriptionKeyCheck([sha256('one').toUpperCase()])

    expect(checkKey('one')).toBeUndefined()
  })
})
