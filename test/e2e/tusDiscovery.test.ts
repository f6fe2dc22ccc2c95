import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { OWNER, sharedJourney } from '../support/journey.js'
import { tusCalls } from '../support/tusCalls.js'

// TUS 1.0.0, as spec 6 applies it to Broker: what the server can do, for whom.

const PAGE = 'https://app.example'
const journey = await sharedJourney({ CORS_ORIGINS: PAGE })
const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))

const tokenOf = async (organization: string, scope = 'altinn:broker.write') => ({
  authorization: `Bearer ${await journey.token(organization, scope)}`,
})
const PART = '0123456789abcdef'.repeat(2)

describe('OPTIONS', () => {
  test.each(['', `/${randomUUID()}`, `/${randomUUID()}/partial/${PART}`, `/${randomUUID()}/${PART}`])(
    'returns what the server supports, also without Tus-Resumable, at %s',
    async (path) => {
      const options = () => journey.call(`${tus.at('').slice(0, -1)}${path}`, { method: 'OPTIONS', ...send })
      const send = { headers: await tokenOf(OWNER) }

      const { status, headers } = await options()

      expect(status).toBe(204)
      expect(Object.fromEntries(headers)).toMatchObject({
        'tus-resumable': '1.0.0',
        'tus-version': '1.0.0',
        'tus-extension': 'creation,creation-with-upload,termination,checksum,concatenation,expiration',
        'tus-checksum-algorithm': 'md5,sha1,sha256',
        'tus-max-size': expect.stringMatching(/^[1-9]\d{9,}$/),
      })
    },
  )

  test('is refused without a token, and without the scope', async () => {
    const path = tus.at(randomUUID())

    const without = await journey.call(path, { method: 'OPTIONS' })
    const reader = await journey.call(path, { method: 'OPTIONS', headers: await tokenOf(OWNER, 'altinn:broker.read') })

    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(reader.status).toBe(403)
  })
})

describe('a page in a browser', () => {
  const preflight = (origin: string, path = tus.at(randomUUID())) =>
    journey.call(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PATCH' } })

  test('of a known origin may call, without a token for the question', async () => {
    for (const path of [tus.at(randomUUID()), `${tus.at(randomUUID())}/partial/${PART}`]) {
      const { status, headers } = await preflight(PAGE, path)

      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, PAGE])
      expect(headers.get('access-control-allow-methods')).toBe('POST, HEAD, PATCH, DELETE, OPTIONS')
      for (const name of ['Authorization', 'Content-Type', 'Tus-Resumable', 'Upload-Offset', 'Upload-Length']) {
        expect(headers.get('access-control-allow-headers')?.split(', ')).toContain(name)
      }
    }
  })

  test('of a known origin may read the TUS headers, and why it is refused', async () => {
    const id = await journey.initialize()

    const answers = [
      await tus.create(id, 5, { origin: PAGE }),
      await tus.head(tus.at(id), { origin: PAGE }),
      await tus.patch(tus.at(id), 3, 'x', { origin: PAGE }),
      await journey.call(tus.at(id), { method: 'HEAD', headers: { origin: PAGE, 'tus-resumable': '1.0.0' } }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([201, 200, 409, 401])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe(PAGE)
      expect(headers.get('vary')).toBe('Origin')
      const names = headers.get('access-control-expose-headers')?.split(', ')
      for (const name of ['Location', 'Tus-Resumable', 'Upload-Offset', 'Upload-Length']) expect(names).toContain(name)
    }
  })

  test.each(['https://evil.example', 'http://app.example', `${PAGE}.evil.example`, 'null'])(
    'of another origin, %s, gets nothing',
    async (origin) => {
      const id = await journey.initialize()

      const asked = await preflight(origin)
      const created = await tus.create(id, 5, { origin })

      expect(asked.status).toBe(401)
      for (const { headers } of [asked, created]) {
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
      }
    },
  )
})

describe('a client without this version of TUS', () => {
  test.each(['POST', 'HEAD', 'PATCH', 'DELETE'])('finds nothing with %s', async (method) => {
    const { path } = await tus.initializeWithUpload(5)

    const response = await journey.call(path, { method, headers: await tokenOf(OWNER) })

    expect([response.status, await response.text()]).toEqual([404, ''])
  })

  test.each(['POST', 'HEAD', 'PATCH', 'DELETE'])(
    'with another version gets the supported one, with %s',
    async (method) => {
      const { path } = await tus.initializeWithUpload(5)

      const { status, headers } = await tus.send(method, path, { 'tus-resumable': '0.2.2' })

      expect([status, headers.get('tus-version'), headers.get('tus-resumable')]).toEqual([412, '1.0.0', '1.0.0'])
    },
  )

  test.each(['GET', 'PUT'])('gets the allowed methods, with %s', async (method) => {
    const response = await tus.send(method, (await tus.initializeWithUpload(5)).path)

    expect(response.status).toBe(405)
    expect(response.headers.get('allow')?.split(', ').toSorted()).toEqual([
      'DELETE',
      'HEAD',
      'OPTIONS',
      'PATCH',
      'POST',
    ])
  })

  test.each(['POST', 'HEAD', 'PATCH', 'DELETE'])('with an invalid token gets 401, with %s', async (method) => {
    const { path } = await tus.initializeWithUpload(5)

    for (const authorization of ['', 'Basic eDp5', 'Bearer x.y.z']) {
      const { status, headers } = await tus.send(method, path, { authorization })
      expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer/)])
    }
  })
})
