import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { bytesOf, KARI, OLA, OWNER, refusalOf, STRANGER, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
const SERVICE_OWNER = 'altinn:serviceowner'

test('a call without a token, or with one that is no good, is 401 with a challenge', async () => {
  const path = `filetransfer/${randomUUID()}`

  const none = await journey.call(path)
  const expired = await journey.call(path, { token: await journey.token(OWNER, WRITE, { expiresIn: '-100' }) })
  const tampered = await journey.call(path, { token: `${await journey.token(OWNER, WRITE)}x` })

  expect([none.status, expired.status, tampered.status]).toEqual([401, 401, 401])
  expect(none.headers.get('www-authenticate')).toBe('Bearer')
  expect(expired.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
})

test('a token with another scope is 403', async () => {
  expect(await refusalOf(journey.as(OWNER, READ, 'filetransfer', { method: 'POST' }))).toBe('403')
})

test('a raw Maskinporten token is as good as an exchanged one', async () => {
  const id = await journey.initialize()
  const token = await journey.token(OWNER, WRITE, { kind: 'maskinporten' })

  expect((await journey.call(`filetransfer/${id}`, { token })).status).toBe(200)
})

test('a system user acts for its organisation', async () => {
  const id = await journey.initialize()
  const token = await journey.token(KARI, READ, { systemUser: randomUUID() })

  expect((await journey.call(`filetransfer/${id}`, { token })).status).toBe(200)
})

test('an organisation that is denied cannot send', async () => {
  const body = journey.json(journey.request({ sender: '0192:910000999' }))

  expect(await refusalOf(journey.as('910000999', WRITE, 'filetransfer', { method: 'POST', ...body }))).toBe(
    '401 BRO-00006',
  )
})

test('a resource that is not configured cannot be sent on, nor be read', async () => {
  const body = journey.json(journey.request({ resourceId: 'new-and-unheard-of' }))

  expect(await refusalOf(journey.as(OWNER, WRITE, 'filetransfer', { method: 'POST', ...body }))).toBe('401 BRO-00006')
  expect(await refusalOf(journey.as(OWNER, SERVICE_OWNER, 'resource/new-and-unheard-of'))).toBe('400 BRO-00025')
})

test('a resource that is not registered, or belongs to another service owner, cannot be configured', async () => {
  const put = { method: 'PUT', ...journey.json({}) }

  expect(await refusalOf(journey.as(OWNER, SERVICE_OWNER, 'resource/nobodys', put))).toBe('403 BRO-00005')
  expect(await refusalOf(journey.as(KARI, SERVICE_OWNER, `resource/${journey.resourceId}`, put))).toBe('401 BRO-00006')
})

test('a service owner registers once', async () => {
  const post = { method: 'POST', ...journey.json({ name: 'again' }) }

  expect(await refusalOf(journey.as(OWNER, SERVICE_OWNER, 'serviceowner', post))).toBe('409 BRO-07002')
})

test('a recipient that is not on the access list of the resource cannot be sent to', async () => {
  const resourceId = 'altinn-broker-access-list-resource'
  await journey.configure(resourceId, {})
  const to = (org: string) => {
    const body = journey.json(journey.request({ resourceId, recipients: [`0192:${org}`] }))
    return journey.as(OWNER, WRITE, 'filetransfer', { method: 'POST', ...body })
  }

  expect((await to(KARI)).status).toBe(200)
  expect(await refusalOf(to(OLA))).toBe('400 BRO-00028')
})

test('bad input is described field by field', async () => {
  const body = journey.json({ fileName: '', resourceId: journey.resourceId, sender: 'me', recipients: [] })

  const response = await journey.as(OWNER, WRITE, 'filetransfer', { method: 'POST', ...body })

  const { errors } = (await response.json()) as { errors: Record<string, string[]> }
  expect([response.status, Object.keys(errors).sort()]).toEqual([
    400,
    ['FileName', 'Recipients', 'Sender', 'SendersFileTransferReference'],
  ])
})

test('an unknown transfer is 404 before anything is asked, and what is not a GUID is 400', async () => {
  expect(await refusalOf(journey.as(STRANGER, WRITE, `filetransfer/${randomUUID()}`))).toBe('404 BRO-00001')
  expect(await refusalOf(journey.as(STRANGER, WRITE, 'filetransfer/7'))).toBe('400')
})

test('a file is uploaded once', async () => {
  const id = await journey.sent('first')

  expect(await refusalOf(journey.upload(id, 'second'))).toBe('409 BRO-00004')
})

test('a file that is larger than the resource allows is refused, whether its length is declared or not', async () => {
  const small = 'new-small-files'
  await journey.configure(small, { maxFileTransferSize: 1000 })
  const id = await journey.initialize({ resourceId: small })

  const declared = await refusalOf(journey.upload(id, new Uint8Array(1001)))
  const streamed = await refusalOf(journey.upload(id, new Blob([new Uint8Array(3_000_000)]).stream()))
  const fitting = await journey.upload(id, new Uint8Array(1000))

  expect([declared, streamed, fitting.status]).toEqual(['400 BRO-00016', '400 BRO-00016', 200])
})

test('a file cannot be downloaded before it is published, nor confirmed before it is downloaded', async () => {
  const waiting = await journey.initialize()
  const ready = await journey.sent('file')

  expect(await refusalOf(journey.download(KARI, waiting))).toBe('403 BRO-00007')
  expect(await refusalOf(journey.confirm(KARI, waiting))).toBe('400 BRO-00003')
  expect(await refusalOf(journey.confirm(KARI, ready))).toBe('400 BRO-00019')
})

test('a confirmation may be repeated, also after the last one', async () => {
  const id = await journey.sent('file', 'Published', { recipients: [`0192:${KARI}`] })
  await bytesOf(await journey.download(KARI, id))

  const statuses = [await journey.confirm(KARI, id), await journey.confirm(KARI, id)].map(({ status }) => status)

  expect(statuses).toEqual([204, 204])
  expect((await journey.details(id)).fileTransferStatus).toBe('AllConfirmedDownloaded')
})

test('health says what it is', async () => {
  const response = await journey.call('/health')

  expect([response.status, await response.text()]).toEqual([200, 'Broker is up.'])
})
