import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, kari } from '../../support/builders.js'

const caller = { organization: kari, vendor: undefined, scopes: ['altinn:broker.write'], claims: {} }
const serve = serveWith({ verify: async () => ({ caller }), log: () => {} })

/** What a cancellation with this body is called with, or the status of its refusal and the errors in it. */
async function cancelledWith(body: string, contentType = 'application/json') {
  let called: unknown
  const { status, text } = await answerOf(
    serve(contract.cancelFileTransfer, async (call) => {
      called = call.body
      return ok({})
    }),
    {
      method: 'POST',
      params: { fileTransferId },
      headers: { authorization: 'Bearer any', ...(contentType && { 'content-type': contentType }) },
      body,
    },
  )
  return status === 204 ? called : [status, Object.values(JSON.parse(text).errors ?? {}).flat()]
}
const withReason = (reason: unknown) => cancelledWith(JSON.stringify({ reason }))

describe('a body that need not be there', () => {
  test.each([
    ['', ''],
    ['', 'application/json'],
    ['', 'application/x-www-form-urlencoded'],
    [' \n', 'text/plain'],
    ['{}', 'application/json'],
    ['null', 'application/json'],
    ['{"reason": null}', 'application/json'],
    ['{"other": 1}', 'application/json'],
  ])('%j as %s says nothing', async (body, contentType) => {
    expect(await cancelledWith(body, contentType)).toEqual({ reason: undefined })
  })

  test('is read when it is', async () => {
    expect(await withReason('  Feil fil 😀 ')).toEqual({ reason: 'Feil fil 😀' })
    expect(await cancelledWith('{"Reason": "Wrong file"}', 'application/json; charset=utf-8')).toEqual({
      reason: 'Wrong file',
    })
  })

  test.each([
    ['{"reason": "Wrong file"}', ''],
    ['{"reason": "Wrong file"}', 'application/x-www-form-urlencoded'],
    ['reason=wrong', 'text/plain'],
  ])('%j is refused as %s: it would not be heard', async (body, contentType) => {
    expect(await cancelledWith(body, contentType)).toEqual([415, []])
  })

  test.each(['{', '[]', '"Wrong file"', '1'])('%j is refused: it is no JSON object', async (body) => {
    expect(await cancelledWith(body)).toEqual([
      400,
      expect.arrayContaining([expect.stringContaining('The body is not')]),
    ])
  })
})

describe('the reason of a cancellation', () => {
  test.each([
    ['', 'Reason must not be empty.'],
    ['   ', 'Reason must not be empty.'],
    ['\u200b\u202e', 'Reason must not be empty.'],
    ['x'.repeat(501), 'Reason is at most 500 characters.'],
    ['one\ntwo', 'Reason must be one line of plain text.'],
    ['one\u2028two', 'Reason must be one line of plain text.'],
    ['\u0000', 'Reason must be one line of plain text.'],
    [7, 'Reason must be text.'],
    [['a'], 'Reason must be text.'],
    ['\ud800', expect.any(String)],
  ])('%j is refused', async (reason, message) => {
    expect(await withReason(reason)).toEqual([400, expect.arrayContaining([message])])
  })

  test('has 500 characters at most', async () => {
    expect(await withReason('x'.repeat(500))).toEqual({ reason: 'x'.repeat(500) })
  })
})
