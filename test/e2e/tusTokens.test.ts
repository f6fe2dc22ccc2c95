import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Journey, KARI, OWNER, startJourney } from '../support/journey.js'
import { CHUNK, type TusCalls, told, tusCalls } from '../support/tusCalls.js'

// Chapter 6.8 of the specification: who is in the middle of an upload when the time of the token is over goes on with it.

let journey: Journey
let tus: TusCalls
let expired: TusCalls
const SCOPE = 'altinn:broker.write'
const over = { expiresIn: '-60' }
beforeAll(async () => {
  journey = await startJourney()
  tus = tusCalls(journey, await journey.token(OWNER, SCOPE))
  expired = tusCalls(journey, await journey.token(OWNER, SCOPE, over))
})
afterAll(() => journey?.end())

describe('a token whose time is over', () => {
  test('brings an upload that runs to its end', async () => {
    const { id, path } = await tus.begun(11)
    await tus.patch(path, 0, 'hello')

    expect(await told(expired.head(path))).toBe('200 5')
    expect(await told(expired.create(id, 11))).toBe('201')
    expect(await told(expired.patch(path, 5, ' worl'))).toBe('204 10')
    expect(await told(expired.patch(path, 10, 'd'))).toBe('204 11')

    await journey.reached(id, 'Published')
    expect(await (await journey.download(KARI, id)).text()).toBe('hello world')
  })

  test('begins further parts of it, and joins them', async () => {
    const id = await journey.initialize({ disableVirusScan: true })
    const one = await tus.part(id, 3)
    const two = await expired.part(id, 3)

    expect(await told(expired.patch(one, 0, 'one'))).toBe('204 3')
    expect(await told(expired.patch(two, 0, 'two'))).toBe('204 3')
    expect(await told(expired.join(id, [two, one]))).toBe('201')

    await journey.reached(id, 'Published')
    expect(await (await journey.download(KARI, id)).text()).toBe('twoone')
  })

  test('ends it', async () => {
    const { path } = await tus.begun(5)

    expect(await told(expired.end(path))).toBe('204')
    expect(await told(expired.head(path))).toBe('401')
    expect(await told(tus.head(path))).toBe('404')
  })

  test('begins nothing, and tells nothing, where no upload runs', async () => {
    const id = await journey.initialize()
    await tus.begun(5)

    const answers = [
      await expired.create(id, 5),
      await expired.create(id, 5, { 'content-type': CHUNK }, 'hello'),
      await expired.create(id, 5, { 'upload-concat': 'partial' }),
      await expired.head(expired.at(id)),
      await expired.patch(expired.at(id), 0, 'hello'),
      await expired.end(expired.at(id)),
      await expired.head(expired.at('00000000-0000-0000-0000-000000000000')),
      await expired.send('OPTIONS', (await tus.begun(5)).path),
    ]

    for (const { status, headers } of answers) {
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    }
    expect((await journey.details(id)).fileTransferStatus).toBe('Initialized')
  })

  test('is of no use to another organisation, to another client or without the scope', async () => {
    const { path } = await tus.begun(5)
    const others = [
      await journey.token(KARI, SCOPE, over),
      await journey.token(OWNER, SCOPE, { ...over, vendor: KARI }),
      await journey.token(KARI, SCOPE, { ...over, vendor: OWNER }),
    ].map((token) => tusCalls(journey, token))
    const reader = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.read', over))

    for (const other of others) {
      expect(await told(other.head(path))).toBe('401')
      expect(await told(other.patch(path, 0, 'hello'))).toBe('401')
      expect(await told(other.end(path))).toBe('401')
    }
    expect(await told(reader.head(path))).toBe('403')
    expect(await told(tus.head(path))).toBe('200 0')
  })

  test('is over when the upload has ended', async () => {
    const { id, path } = await tus.begun(5)
    await expired.patch(path, 0, 'hello')
    await journey.reached(id, 'Published')

    expect(await told(expired.head(path))).toBe('401')
    expect(await told(expired.patch(path, 5, ''))).toBe('401')
    expect(await told(expired.create(id, 5))).toBe('401')
    expect(await told(tus.head(path))).toBe('200 5')
  })

  test('is of no use to anything but uploads', async () => {
    const { id } = await tus.begun(5)
    const token = await journey.token(OWNER, SCOPE, over)

    expect((await journey.call(`filetransfer/${id}`, { token })).status).toBe(401)
    const headers = { 'content-type': 'application/octet-stream' }
    const plain = await journey.call(`filetransfer/${id}/upload`, { token, method: 'POST', body: 'x', headers })
    expect(plain.status).toBe(401)
  })
})
