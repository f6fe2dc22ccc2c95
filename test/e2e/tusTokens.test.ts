import { beforeAll, describe, expect, test } from 'vitest'
import { KARI, OWNER, sharedJourney } from '../support/journey.js'
import { CHUNK, outcomeOf, tusCalls } from '../support/tusCalls.js'
import { until } from '../support/until.js'

// Spec 6.8: who is in the middle of an upload when the time of the token is over goes on with it.

const SCOPE = 'altinn:broker.write'
/** Clocks may differ by 30 seconds: this token is good for some 20 more. */
const ending = { expiresIn: '-10' }

const journey = await sharedJourney()
const tus = tusCalls(journey, await journey.token(OWNER, SCOPE))
const token = await journey.token(OWNER, SCOPE, ending)
/** With a token that was good when the uploads below began, and is over now. */
const expired = tusCalls(journey, token)
const uploads = await Promise.all(Array.from({ length: 7 }, () => expired.initializeWithUpload(11)))
beforeAll(async () => {
  await until(async () => expect(await outcomeOf(expired.send('OPTIONS', expired.at('')))).toBe('401'), 500)
})

/** An upload that was created while the token was valid. */
function running() {
  const upload = uploads.pop()
  if (!upload) throw new Error('There are too few.')
  return upload
}

describe('a token that has expired', () => {
  test('completes an upload that has started', async () => {
    const { id, path } = running()
    await tus.patch(path, 0, 'hello')

    expect(await outcomeOf(expired.head(path))).toBe('200 5')
    expect(await outcomeOf(expired.create(id, 11))).toBe('201')
    expect(await outcomeOf(expired.patch(path, 5, ' worl'))).toBe('204 10')
    expect(await outcomeOf(expired.patch(path, 10, 'd'))).toBe('204 11')

    await journey.reached(id, 'Published')
    expect(await (await journey.download(KARI, id)).text()).toBe('hello world')
  })

  test('creates further parts of it, and joins them', async () => {
    const { id } = running()
    const one = await tus.part(id, 3)
    const two = await expired.part(id, 3)

    expect(await outcomeOf(expired.patch(one, 0, 'one'))).toBe('204 3')
    expect(await outcomeOf(expired.patch(two, 0, 'two'))).toBe('204 3')
    expect(await outcomeOf(expired.join(id, [two, one]))).toBe('201')

    await journey.reached(id, 'Published')
    expect(await (await journey.download(KARI, id)).text()).toBe('twoone')
  })

  test('ends it', async () => {
    const { path } = running()

    expect(await outcomeOf(expired.end(path))).toBe('204')
    expect(await outcomeOf(expired.head(path))).toBe('401')
    expect(await outcomeOf(tus.head(path))).toBe('404')
  })

  test('creates nothing, and returns nothing, without an upload that has started', async () => {
    const id = await journey.initialize()
    await tus.initializeWithUpload(5)

    const answers = [
      await expired.create(id, 5),
      await expired.create(id, 5, { 'content-type': CHUNK }, 'hello'),
      await expired.create(id, 5, { 'upload-concat': 'partial' }),
      await expired.head(expired.at(id)),
      await expired.patch(expired.at(id), 0, 'hello'),
      await expired.end(expired.at(id)),
      await expired.head(expired.at('00000000-0000-0000-0000-000000000000')),
      await expired.send('OPTIONS', running().path),
    ]

    for (const { status, headers } of answers) {
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    }
    expect((await journey.details(id)).fileTransferStatus).toBe('Initialized')
  })

  test('is of no use to another organisation, to another client or without the scope', async () => {
    const { path } = await tus.initializeWithUpload(5)
    const over = { expiresIn: '-60' }
    const others = [
      await journey.token(KARI, SCOPE, over),
      await journey.token(OWNER, SCOPE, { ...over, vendor: KARI }),
      await journey.token(KARI, SCOPE, { ...over, vendor: OWNER }),
    ].map((token) => tusCalls(journey, token))
    const reader = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.read', over))

    for (const other of others) {
      expect(await outcomeOf(other.head(path))).toBe('401')
      expect(await outcomeOf(other.patch(path, 0, 'hello'))).toBe('401')
      expect(await outcomeOf(other.end(path))).toBe('401')
    }
    expect(await outcomeOf(reader.head(path))).toBe('403')
    expect(await outcomeOf(tus.head(path))).toBe('200 0')
  })

  test('is over when the upload has ended', async () => {
    const { id, path } = running()
    await expired.patch(path, 0, 'hello world')
    await journey.reached(id, 'Published')

    expect(await outcomeOf(expired.head(path))).toBe('401')
    expect(await outcomeOf(expired.patch(path, 11, ''))).toBe('401')
    expect(await outcomeOf(expired.create(id, 11))).toBe('401')
    expect(await outcomeOf(tus.head(path))).toBe('200 11')
  })

  test.each([
    ['a minute', '-60'],
    ['nine years', `${-9 * 365 * 86_400}`],
  ])('is of no use to an upload that began when it had been over for %s', async (_, expiresIn) => {
    const { id, path } = await tus.initializeWithUpload(5)
    const old = tusCalls(journey, await journey.token(OWNER, SCOPE, { expiresIn }))

    const answers = [old.head(path), old.patch(path, 0, 'hello'), old.create(id, 5), old.end(path)].map(outcomeOf)

    expect(await Promise.all(answers)).toEqual(['401', '401', '401', '401'])
    expect(await outcomeOf(tus.head(path))).toBe('200 0')
  })

  test('takes the place of no upload', async () => {
    const { path, id } = running()

    expect(await outcomeOf(expired.create(id, 12))).toBe('401')
    expect(await outcomeOf(expired.head(path))).toBe('200 0')
  })

  test('is of no use to anything but uploads', async () => {
    const { id } = running()

    expect((await journey.call(`filetransfer/${id}`, { token })).status).toBe(401)
    const headers = { 'content-type': 'application/octet-stream' }
    const plain = await journey.call(`filetransfer/${id}/upload`, { token, method: 'POST', body: 'x', headers })
    expect(plain.status).toBe(401)
  })
})
