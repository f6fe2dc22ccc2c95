import { beforeAll, describe, expect, test } from 'vitest'
import { contract } from '../../../src/http/contract/contract.js'
import { handleTus } from '../../../src/http/tus/handleTus.js'
import { serveTusWith } from '../../../src/http/tus/serveTus.js'
import { answerOf } from '../../support/builders.js'
import { callerFor, memoryWorld, type World } from '../../support/memoryBroker.js'
import { sender } from '../../support/samples.js'

const CHUNK = 'application/offset+octet-stream'
const caller = { ...callerFor(sender), scopes: ['altinn:broker.write'], claims: { client_id: 'client' } }
const verify = async () => ({ caller })

let world: World
beforeAll(async () => {
  world = await memoryWorld()
})

type Sent = { headers?: Record<string, string>; body?: string; isDeclared?: boolean; partId?: string }

/** What TUS answers for a transfer; a body has a declared length, unless it is said to have none. */
async function answer(method: string, fileTransferId: string, sent: Sent = {}) {
  const { headers, body = '', isDeclared = true, partId } = sent
  const serve = serveTusWith({ verify, log: () => {} })
  const broker = { ...world.broker, uploadIdleSeconds: 3600 }
  const served =
    partId === undefined
      ? serve(contract.tusUpload, handleTus(broker, 'whole'))
      : serve(contract.tusPart, handleTus(broker, 'part'))
  const length = isDeclared ? { 'content-length': String(Buffer.byteLength(body)) } : {}
  const all = { authorization: 'Bearer any', 'tus-resumable': '1.0.0', ...length, ...headers }
  const params = { fileTransferId, ...(partId !== undefined && { partId }) }
  const { status, headers: answered, text } = await answerOf(served, { method, params, headers: all, body })
  return { status, offset: answered.get('upload-offset'), location: answered.get('location'), text }
}

const begin = () => world.begin({ disableVirusScan: true })
const create = (id: string, length: number, sent: Sent = {}) =>
  answer('POST', id, { ...sent, headers: { 'upload-length': String(length), ...sent.headers } })

const SPELLINGS = [CHUNK, 'Application/Offset+Octet-Stream', ` ${CHUNK.toUpperCase()} `]
const OTHERS = [
  'application/octet-stream',
  'text/plain',
  'application/x-www-form-urlencoded',
  'offset+octet-stream',
  `${CHUNK}; charset=utf-8`,
  ';',
]

describe.each(SPELLINGS)('a body of the type %j', (type) => {
  const headers = { 'content-type': type }

  test.each([true, false])('is appended, its length declared: %s', async (isDeclared) => {
    const id = await begin()
    await create(id, 9)

    const appended = await answer('PATCH', id, {
      headers: { ...headers, 'upload-offset': '0' },
      body: 'abc',
      isDeclared,
    })
    const overridden = await answer('POST', id, {
      headers: { ...headers, 'upload-offset': '3', 'x-http-method-override': 'PATCH' },
      body: 'def',
      isDeclared,
    })

    expect([appended, overridden]).toMatchObject([
      { status: 204, offset: '3' },
      { status: 204, offset: '6' },
    ])
  })

  test.each([true, false])(
    'is the beginning of what is created with it, its length declared: %s',
    async (isDeclared) => {
      const created = await create(await begin(), 9, { headers, body: 'abc', isDeclared })

      expect(created).toMatchObject({ status: 201, offset: '3' })
    },
  )
})

describe.each([...OTHERS, undefined])('a body of the type %j', (type) => {
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }

  test('is not appended', async () => {
    const id = await begin()
    await create(id, 9)
    const sent = { headers: { ...headers, 'upload-offset': '0' }, body: 'abc' }

    const refused = [
      await answer('PATCH', id, sent),
      await answer('POST', id, { ...sent, headers: { ...sent.headers, 'x-http-method-override': 'PATCH' } }),
    ]

    expect(refused.map(({ status }) => status)).toEqual([415, 415])
    expect(await answer('HEAD', id)).toMatchObject({ status: 200, offset: '0' })
  })

  test.each([true, false])('creates nothing, its length declared: %s', async (isDeclared) => {
    const id = await begin()
    const sent = { headers, body: 'abc', isDeclared }

    const whole = await create(id, 3, sent)
    const part = await create(id, 3, { ...sent, headers: { ...headers, 'upload-concat': 'partial' } })

    expect([whole.status, part.status]).toEqual([415, 415])
    expect((await answer('HEAD', id)).status).toBe(404)
    expect((await world.read(id)).transfer.status).toBe('Initialized')
  })

  test.each([true, false])('does not matter where there is none, its length declared: %s', async (isDeclared) => {
    expect(await create(await begin(), 3, { headers, isDeclared })).toMatchObject({ status: 201, offset: null })
  })
})

test('a file that is joined from parts has no bytes of its own', async () => {
  const id = await begin()
  const { location } = await create(id, 3, { headers: { 'upload-concat': 'partial' } })
  const partId = location?.split('/').at(-1) ?? ''
  const chunk = { 'content-type': CHUNK }
  await answer('PATCH', id, { partId, headers: { ...chunk, 'upload-offset': '0' }, body: 'abc' })
  const final = { 'upload-concat': `final;${location}` }

  const refused = await answer('POST', id, { headers: { ...chunk, ...final }, body: 'abc' })
  const other = await answer('POST', id, { headers: { 'content-type': 'text/plain', ...final }, body: 'abc' })
  const joined = await answer('POST', id, { headers: { ...chunk, ...final }, isDeclared: false })

  expect([refused.status, other.status, joined.status]).toEqual([400, 415, 201])
})
