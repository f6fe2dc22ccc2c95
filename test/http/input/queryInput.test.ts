import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import type { Operation } from '../../../src/http/contract/operation.js'
import { parseDate } from '../../../src/http/input/dateInput.js'
import { nextLink } from '../../../src/http/serving/nextLink.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, jsonIn, kari } from '../../support/builders.js'

const caller = { organization: kari, vendor: undefined, scopes: ['altinn:broker.write'], claims: {} }
const serve = serveWith({ verify: async () => ({ caller }), log: () => {} })

/** What a search is called with, or the names of what is wrong with it. */
const searched = (query: string) => parsed(query, contract.searchFileTransfers)
const listed = (query: string) => parsed(query, contract.listFileTransfers)

async function parsed(query: string, row: Operation) {
  let asked: unknown
  const served = serve(row, async (call) => {
    asked = call.query
    return ok({ json: [] })
  })
  const answer = await answerOf(served, { path: `/x?${query}`, headers: { authorization: 'Bearer any' } })
  return asked ?? Object.keys((jsonIn(answer) as { errors: object }).errors)
}

describe('the query of a search', () => {
  test.each([
    ['resourceId=r', { resourceId: 'r' }],
    ['ResourceId=urn:altinn:resource:r', { resourceId: 'r' }],
    ['resourceId=r&status=published', { status: 'Published' }],
    ['resourceId=r&status=5', { status: 'AllConfirmedDownloaded' }],
    ['resourceId=r&recipientStatus=DOWNLOADSTARTED', { recipientStatus: 'DownloadStarted' }],
    ['resourceId=r&role=sender', { role: 'Sender' }],
    ['resourceId=r&role=0', { role: 'Recipient' }],
    ['resourceId=r&orderAscending=True', { orderAscending: true }],
    ['resourceId=r&orderAscending=false', { orderAscending: false }],
    ['resourceId=r&from=2024-04-19%2007:22:19', { from: new Date('2024-04-19T07:22:19Z') }],
    ['resourceId=r&to=2024-04-19T09:22:19%2B02:00', { to: new Date('2024-04-19T07:22:19Z') }],
    [`resourceId=r&continuation=12.${fileTransferId}`, { continuation: { at: new Date(12), fileTransferId } }],
  ])('is understood: %s', async (query, understood) => {
    expect(await searched(query)).toMatchObject(understood)
  })

  test('takes what is empty for not given', async () => {
    expect(await searched('resourceId=r&status=&from=&to=&role=&recipientStatus=')).toEqual({ resourceId: 'r' })
  })

  test.each([
    ['', ['resourceId']],
    ['resourceId=', ['resourceId']],
    ['resourceId=r&status=Sent&role=Owner', ['status', 'role']],
    ['resourceId=r&status=8', ['status']],
    ['resourceId=r&recipientStatus=-1', ['recipientStatus']],
    ['resourceId=r&from=yesterday', ['from']],
    ['resourceId=r&to=2024-13-01', ['to']],
    ['resourceId=r&orderAscending=yes', ['orderAscending']],
    ['resourceId=r&continuation=somewhere', ['continuation']],
  ])('is refused by the names of its parameters: %s', async (query, names) => {
    expect(await searched(query)).toEqual(names)
  })
})

describe('the query of a list', () => {
  test('is that of a search in one role, a hundred at a time', async () => {
    expect(await listed('resourceId=r&role=recipient&recipientStatus=Initialized')).toMatchObject({
      role: 'Recipient',
      recipientStatus: 'Initialized',
      limit: 100,
    })
    expect(await listed('resourceId=r&role=Sender&limit=1')).toMatchObject({ role: 'Sender', limit: 1 })
  })

  test.each([
    ['resourceId=r', ['role']],
    ['role=Sender', ['resourceId']],
    ['resourceId=r&role=Sender&limit=0', ['limit']],
    ['resourceId=r&role=Sender&limit=101', ['limit']],
    ['resourceId=r&role=Sender&limit=-1', ['limit']],
    ['resourceId=r&role=Sender&limit=1e2', ['limit']],
    ['resourceId=r&role=Sender&recipientStatus=Initialized', ['recipientStatus']],
  ])('is refused by the names of its parameters: %s', async (query, names) => {
    expect(await listed(query)).toEqual(names)
  })
})

describe('the link to the next page', () => {
  const next = { at: new Date(12), fileTransferId }

  test.each([
    ['resourceId=r&status=Published', `resourceId=r&status=Published&continuation=12.${fileTransferId}`],
    [`resourceId=r&continuation=9.${fileTransferId}`, `resourceId=r&continuation=12.${fileTransferId}`],
    [`Continuation=9.${fileTransferId}&RESOURCEID=r`, `RESOURCEID=r&continuation=12.${fileTransferId}`],
  ])('asks the same again from where the page ended: %s', async (query, expected) => {
    const link = nextLink(new URL(`http://broker.example/some/path?${query}`), next)

    expect(link).toBe(`</some/path?${expected}>; rel="next"`)
    expect(await searched(expected)).toMatchObject({ resourceId: 'r', continuation: next })
  })
})

describe('a date', () => {
  test.each([
    ['2024-04-19', '2024-04-19T00:00:00.000Z'],
    ['2024-04-19T07:22', '2024-04-19T07:22:00.000Z'],
    ['2024-04-19 07:22:19.5', '2024-04-19T07:22:19.500Z'],
    ['2024-04-19T07:22:19.4380390+00:00', '2024-04-19T07:22:19.438Z'],
    ['2024-04-19T07:22:19-0130', '2024-04-19T08:52:19.000Z'],
    ['Fri, 19 Apr 2024 07:22:19 GMT', '2024-04-19T07:22:19.000Z'],
    ['04/19/2024 07:22:19', '2024-04-19T07:22:19.000Z'],
  ])('is read as UTC unless it says otherwise: %s', (text, read) => {
    expect(parseDate(text)?.toISOString()).toBe(read)
  })

  test.each(['', 'now', '2024-02-30T25:00', '2024-04-19T07:22:19 02:00'])('is not a date: %j', (text) => {
    expect(parseDate(text)).toBeUndefined()
  })
})

describe('an Idempotency-Key', () => {
  test.each(['', 'a key', 'x'.repeat(256)])('is refused when it is not a short word: %j', async (key) => {
    const served = serve(contract.initializeFileTransfer, async () => ok({}))
    const headers = { authorization: 'Bearer any', 'content-type': 'application/json', 'idempotency-key': key }

    const answer = await answerOf(served, { method: 'POST', headers, body: '{}' })

    expect(Object.keys((jsonIn(answer) as { errors: object }).errors)).toContain('Idempotency-Key')
  })
})

describe('the id of a resource', () => {
  test.each(['..', '.', 'urn:altinn:resource:..', '文'.repeat(54), 'x'.repeat(256), 'a\u2028b', 'a\u2029'])(
    'is refused when it can be no part of a key or a path: %j',
    async (resourceId) => {
      expect(await searched(new URLSearchParams({ resourceId }).toString())).toEqual(['resourceId'])
    },
  )
})

test.each(['foo 1', '1', '-1', '2024', '2024-02-31', '2024-04-19T24:00:00Z'])('%j is no date', (text) => {
  expect(parseDate(text)).toBeUndefined()
})
