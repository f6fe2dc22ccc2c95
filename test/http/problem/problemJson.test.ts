import { describe, expect, test } from 'vitest'
import type { Problem } from '../../../src/domain/problems.js'
import { problems } from '../../../src/domain/problems.js'
import { err } from '../../../src/domain/result.js'
import { contract, operations } from '../../../src/http/contract/contract.js'
import { brokerCode, traceIdOf } from '../../../src/http/problem/problemJson.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, jsonIn, kari, traceParent } from '../../support/builders.js'
import { filePart, metadata, multipart } from '../../support/forms.js'

const scopes = ['altinn:broker.write', 'altinn:broker.read', 'altinn:serviceowner', 'altinn:broker.maintenance']
const caller = { organization: kari, vendor: undefined, scopes, claims: {} }
const serve = serveWith({ verify: async () => ({ caller }), log: () => {} })
const authorization = 'Bearer any'

const overviewRefused = (problem: 'FileTransferNotFound' | 'NoAccessToResource') =>
  answerOf(
    serve(contract.getFileTransfer, async () => err(problem)),
    { params: { fileTransferId }, headers: { authorization } },
  )

describe('a refusal', () => {
  test('is a problem document with the number of Altinn Broker', async () => {
    const answer = await overviewRefused('FileTransferNotFound')

    expect(answer.status).toBe(404)
    expect(answer.text.match(/traceId/g)).toHaveLength(1)
    expect(jsonIn(answer)).toEqual({
      type: 'https://tools.ietf.org/html/rfc9110#section-15.5.5',
      title: 'Not Found',
      status: 404,
      detail: 'There is no file transfer with this id.',
      code: 'BRO-00001',
      traceId: traceParent,
      statusDescription: 'Not Found',
    })
  })

  test('for want of access is 401, and asks for no other token', async () => {
    const answer = await overviewRefused('NoAccessToResource')

    expect(answer.status).toBe(401)
    expect(jsonIn(answer)).toMatchObject({ title: 'Unauthorized', code: 'BRO-00006' })
  })

  test('may add to what the problem says', async () => {
    const refused = { problem: 'FileTransferNotFound', detail: 'Look elsewhere.' } as const
    const overview = serve(contract.getFileTransfer, async () => err(refused))

    const answer = await answerOf(overview, { params: { fileTransferId }, headers: { authorization } })

    expect(jsonIn(answer)).toMatchObject({ detail: 'There is no file transfer with this id. Look elsewhere.' })
  })

  test('with 500 describes its status in a sentence', async () => {
    const upload = serve(contract.uploadFile, async () => err('UploadFailed'))

    const answer = await answerOf(upload, { method: 'POST', params: { fileTransferId }, headers: { authorization } })

    expect(jsonIn(answer)).toMatchObject({
      code: 'BRO-00008',
      title: 'Internal Server Error',
      statusDescription: expect.stringMatching(/\w+ \w+.*\.$/),
    })
  })

  test('with 503 says when to try again', async () => {
    const upload = serve(contract.uploadFile, async () => err('FileTransferBusy'))

    const answer = await answerOf(upload, { method: 'POST', params: { fileTransferId }, headers: { authorization } })

    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toMatch(/^[1-5]$/)
  })

  test('may have headers of its own', async () => {
    const refused = { problem: 'InvalidByteRange' as const, headers: { 'content-range': 'bytes */10' } }

    const answer = await answerOf(
      serve(contract.downloadFile, async () => err(refused)),
      { params: { fileTransferId }, headers: { authorization } },
    )

    expect(answer.status).toBe(416)
    expect(answer.headers.get('content-range')).toBe('bytes */10')
    expect(jsonIn(answer)).toMatchObject({ code: 'BRO-00029', title: 'Range Not Satisfiable' })
  })
})

describe('the content type of a problem', () => {
  const call = { params: { fileTransferId, resourceId: 'letters' }, headers: { authorization } }

  test('is that of JSON where the operation answers JSON', async () => {
    expect((await overviewRefused('FileTransferNotFound')).headers.get('content-type')).toBe(
      'application/json; charset=utf-8',
    )
  })

  test('is that of RFC 9457 for a download and a service owner', async () => {
    const download = serve(contract.downloadFile, async () => err('FileTransferNotFound'))
    const register = serve(contract.registerServiceOwner, async () => err('ServiceOwnerAlreadyExists'))
    const body = {
      method: 'POST',
      body: '{"name":"x"}',
      headers: { ...call.headers, 'content-type': 'application/json' },
    }

    const answers = [await answerOf(download, call), await answerOf(register, { ...call, ...body })]

    expect(answers.map(({ headers }) => headers.get('content-type'))).toEqual([
      'application/problem+json; charset=utf-8',
      'application/problem+json; charset=utf-8',
    ])
  })
})

describe('every problem of every row', () => {
  const rows = Object.entries(operations).flatMap(([name, operation]) =>
    operation.problems.map((problem: Problem) => ({ name, problem, operation })),
  )

  test.each(rows)('is answered with its status and number: $name, $problem', async ({ name, problem, operation }) => {
    const shared = {
      resourceId: 'letters',
      sendersFileTransferReference: 'b',
      sender: '0192:991825827',
      recipients: ['0192:986252932'],
    }
    const bodies: Record<string, string> = {
      approveUnscanned: '{"approved":true}',
      changeExpiry: '{"expirationTime":"2026-12-24T12:00:00Z"}',
      replayOwnerDeadLetters: '{"messageIds":["a"]}',
      publishEncryptionKey: '{"publicKey":null}',
      getEncryptionKeys: '{"organizations":["0192:986252932"]}',
      initializeFileTransfer: JSON.stringify({ ...shared, fileName: 'a' }),
      initializeFileTransferGroup: JSON.stringify({ ...shared, files: [{ fileName: 'a' }] }),
    }
    const isForm = name === 'initializeAndUpload'
    const form = multipart([...metadata(), filePart('x')])
    const isJson = 'body' in operation && operation.body !== 'file' && !isForm
    const handle = async () => err(problem as never)

    const answer = await answerOf(serve(operation, handle), {
      method: operation.method,
      path: '/some/path?resourceId=letters&role=Sender',
      params: { fileTransferId, fileTransferGroupId: fileTransferId, resourceId: 'letters' },
      headers: {
        authorization,
        'idempotency-key': 'key',
        ...(isJson && { 'content-type': 'application/json' }),
        ...(isForm && { 'content-type': form.contentType }),
      },
      body: isForm ? form.body.toString() : (bodies[name] ?? (isJson ? '{"name":"x"}' : '')),
    })

    expect(answer.status).toBe(problems[problem].status)
    expect(jsonIn(answer)).toMatchObject({ code: brokerCode(problems[problem].code), status: answer.status })
  })
})

describe('the number of a problem', () => {
  test.each([
    [1, 'BRO-00001'],
    [29, 'BRO-00029'],
    [7001, 'BRO-07001'],
  ])('%d is written %s', (code, text) => {
    expect(brokerCode(code)).toBe(text)
  })
})

describe('the trace id', () => {
  test('is the trace parent of the invocation', () => {
    expect(traceIdOf(traceParent)).toBe(traceParent)
  })

  test.each([undefined, '', 'anything', `${traceParent}"`, `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`])(
    'is a new one when that is none: %j',
    (text) => {
      expect(traceIdOf(text)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
      expect(traceIdOf(text)).not.toBe(traceIdOf(text))
    },
  )
})
