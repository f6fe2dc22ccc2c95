import { randomBytes, randomUUID } from 'node:crypto'
import type { TokenCredential } from '@azure/identity'
import { BlobServiceClient, BlockBlobClient } from '@azure/storage-blob'
import { beforeAll, describe, expect, test } from 'vitest'
import { azureFileBlobs } from '../../src/adapters/blobs/azureFileBlobs.js'
import { azureFileLinks } from '../../src/adapters/blobs/azureFileLinks.js'
import { attachment } from '../../src/http/serving/attachment.js'
import type { BlobLocation } from '../../src/usecases/ports/blobs.js'
import { azuriteBlobs } from '../support/azurite.js'
import { anyOrganization } from '../support/samples.js'

const accounts = azuriteBlobs()
const serviceOwner = anyOrganization()
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000)
const anyPlace = (isScanned = true): BlobLocation => ({
  isScanned,
  serviceOwner,
  fileTransferId: randomUUID(),
  attemptId: randomUUID(),
})

function links() {
  const { scanned, unscanned } = accounts()
  return azureFileLinks(scanned, unscanned, attachment, () => new Date())
}
function blobs() {
  const { scanned, unscanned } = accounts()
  return azureFileBlobs(scanned, unscanned)
}
async function stored(content: string) {
  const place = anyPlace()
  const body = async function* () {
    yield Buffer.from(content)
  }
  await blobs().write(place, body(), { maxBytes: 1000, expectedBytes: undefined, accept: () => true })
  return place
}
const put = (url: string, body: string, headers: Record<string, string>) => fetch(url, { method: 'PUT', body, headers })

/** The link with another path behind the account. */
function elsewhere(link: string, path: string): string {
  const url = new URL(link)
  url.pathname = `/${url.pathname.split('/')[1]}/${path}`
  return url.href
}

beforeAll(() => blobs().provision(serviceOwner))

describe('a link to upload', () => {
  test.each([true, false])(
    'takes a file in one request, with the headers it comes with; scanned: %s',
    async (isScanned) => {
      const place = anyPlace(isScanned)
      const { url, headers } = await links().toUpload(place, inMinutes(5))

      const answer = await put(url, 'hello', headers)

      expect(answer.status).toBe(201)
      expect(await blobs().find(place)).toMatchObject({ sizeBytes: 5 })
      expect(await blobs().find({ ...place, isScanned: !isScanned })).toBeUndefined()
    },
  )

  test('takes a file by blocks, as the SDKs of Azure send it', async () => {
    const place = anyPlace()
    const bytes = randomBytes(3 * 2 ** 20 + 1)
    const { url } = await links().toUpload(place, inMinutes(5))

    await new BlockBlobClient(url).uploadData(bytes, { blockSize: 2 ** 20, maxSingleShotSize: 1, concurrency: 2 })

    expect(await blobs().find(place)).toMatchObject({ sizeBytes: bytes.length })
  })

  test('takes no second file with those headers, and says whether the storage would replace the first', async () => {
    const place = anyPlace()
    const { url, headers, mayReplace } = await links().toUpload(place, inMinutes(5))
    await put(url, 'hello', headers)
    const before = await blobs().find(place)

    expect((await put(url, 'other', headers)).status).toBe(409)

    expect(await blobs().find(place)).toEqual(before)
    expect(mayReplace).toBe(true)
  })

  test('is not valid for reading, deleting, listing or another file', async () => {
    const place = await stored('hello')
    const { url, headers } = await links().toUpload(place, inMinutes(5))
    const container = `serviceowner-${serviceOwner}`

    const statuses = await Promise.all([
      fetch(url),
      fetch(url, { method: 'DELETE' }),
      fetch(`${elsewhere(url, container)}&restype=container&comp=list`),
      put(elsewhere(url, `${container}/${place.fileTransferId}/${randomUUID()}`), 'hello', headers),
      put(url.replace('/scanned', '/unscanned'), 'hello', headers),
      put(url.replace('sp=', 'sp=r'), 'hello', headers),
    ])

    expect(statuses.map(({ status }) => status)).toEqual(Array(6).fill(403))
  })

  test('is not valid when it has expired', async () => {
    const place = anyPlace()
    const { url, headers } = await links().toUpload(place, inMinutes(-1))

    expect((await put(url, 'hello', headers)).status).toBe(403)
    expect(await blobs().find(place)).toBeUndefined()
  })
})

describe('a link to download', () => {
  const file = (minutes = 5) => ({ fileName: 'årsregnskap 100%; "2".pdf', until: inMinutes(minutes) })

  test('gives the bytes, or a part of them, under the name of the file', async () => {
    const url = await links().toDownload(await stored('hello'), file())

    const whole = await fetch(url)
    const part = await fetch(url, { headers: { range: 'bytes=1-3' } })

    expect([await whole.text(), await part.text()]).toEqual(['hello', 'ell'])
    expect(whole.headers.get('content-disposition')).toBe(attachment(file().fileName))
    expect(whole.headers.get('content-type')).toBe('application/octet-stream')
  })

  test('is not valid for writing, deleting, listing or another file, nor when it has expired', async () => {
    const [place, other] = [await stored('hello'), await stored('other')]
    const url = await links().toDownload(place, file())
    const container = `serviceowner-${serviceOwner}`

    const statuses = await Promise.all([
      put(url, 'changed', { 'x-ms-blob-type': 'BlockBlob' }),
      fetch(url, { method: 'DELETE' }),
      fetch(`${elsewhere(url, container)}&restype=container&comp=list`),
      fetch(elsewhere(url, `${container}/${other.fileTransferId}/${other.attemptId}`)),
      fetch(await links().toDownload(place, file(-1))),
    ])

    expect(statuses.map(({ status }) => status)).toEqual(Array(5).fill(403))
  })
})

describe('links of an identity', () => {
  const identity: TokenCredential = { getToken: async () => null }

  /** Accounts whose keys are made here, and for when they were asked for. */
  function delegating(answer: (asked: number) => void = () => {}) {
    const asked: string[] = []
    const account = (name: string) => {
      const client = new BlobServiceClient(`https://${name}.blob.example/`, identity)
      const getUserDelegationKey = async (startsOn: Date, expiresOn: Date) => {
        asked.push(name)
        answer(asked.length)
        const key = { signedObjectId: 'us', signedTenantId: 'ours', signedService: 'b', signedVersion: '2026-04-06' }
        return { ...key, signedStartsOn: startsOn, signedExpiresOn: expiresOn, value: 'a2V5' }
      }
      return Object.assign(client, { getUserDelegationKey }) as BlobServiceClient
    }
    const clock = { now: new Date() }
    return {
      asked,
      clock,
      links: azureFileLinks(account('scanned'), account('unscanned'), attachment, () => clock.now),
    }
  }

  test('let one file be created and nothing be replaced, for one blob, over TLS', async () => {
    const place = anyPlace()
    const { url, mayReplace } = await delegating().links.toUpload(place, inMinutes(5))

    const { origin, pathname, searchParams } = new URL(url)
    expect(mayReplace).toBe(false)
    expect(origin + pathname).toBe(
      `https://scanned.blob.example/serviceowner-${serviceOwner}/${place.fileTransferId}/${place.attemptId}`,
    )
    expect(Object.fromEntries(searchParams)).toMatchObject({
      sp: 'c',
      sr: 'b',
      spr: 'https',
      sv: '2026-04-06',
      skoid: 'us',
      sktid: 'ours',
      sig: expect.any(String),
    })
  })

  test('share the key of their account until it would end before the link', async () => {
    const { asked, clock, links } = delegating()
    const until = (minutes: number) => new Date(clock.now.getTime() + minutes * 60_000)

    await Promise.all([1, 2, 3].map(() => links.toUpload(anyPlace(), until(60))))
    await links.toDownload(anyPlace(false), { fileName: 'a', until: until(10) })
    clock.now = until(46 * 60)
    await links.toUpload(anyPlace(), until(120))
    expect(asked).toEqual(['scanned', 'unscanned'])

    await links.toUpload(anyPlace(), until(121))
    expect(asked).toEqual(['scanned', 'unscanned', 'scanned'])
  })

  test('ask for the key again when it was refused', async () => {
    const { asked, links } = delegating((tries) => {
      if (tries === 1) throw new Error('Down.')
    })

    await expect(links.toUpload(anyPlace(), inMinutes(5))).rejects.toThrow('Down.')
    await links.toUpload(anyPlace(), inMinutes(5))

    expect(asked).toHaveLength(2)
  })
})
