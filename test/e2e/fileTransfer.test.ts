import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import {
  bytesOf,
  chunked,
  KARI,
  md5,
  OLA,
  OWNER,
  POLLING,
  SLOW_POLLING,
  STRANGER,
  sharedJourney,
} from '../support/journey.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest()
const journey = await sharedJourney()

const allEvents = [
  `allconfirmeddownloaded > ${OWNER} as Sender`,
  `downloadconfirmed > ${OLA} as Recipient`,
  `downloadconfirmed > ${KARI} as Recipient`,
  `downloadconfirmed > ${OWNER} as Sender`,
  `downloadconfirmed > ${OWNER} as Sender`,
  `filetransferinitialized > ${OWNER} as Sender`,
  `published > ${OLA} as Recipient`,
  `published > ${KARI} as Recipient`,
  `published > ${OWNER} as Sender`,
  `uploadprocessing > ${OWNER} as Sender`,
]

describe('a file transfer', () => {
  test('brings a file from a sender to all its recipients, and publishes each event once', async () => {
    const file = randomBytes(20 * 2 ** 20 + 7)

    const id = await journey.sent(chunked(file))
    for (const recipient of [KARI, OLA]) {
      const response = await journey.download(recipient, id)
      expect(md5(await bytesOf(response))).toBe(md5(file))
      expect(response.headers.get('content-disposition')).toContain(
        "filename*=UTF-8''s%C3%B8knad%20%C3%A6%C3%B8%C3%A5.pdf",
      )
      expect((await journey.confirm(recipient, id)).status).toBe(204)
    }
    const ended = await journey.reached(id, 'AllConfirmedDownloaded')

    expect(ended).toMatchObject({ fileTransferSize: file.length, checksum: md5(file), sender: `0192:${OWNER}` })
    expect(ended.fileTransferStatusHistory.map(({ fileTransferStatus }) => fileTransferStatus)).toEqual([
      'Initialized',
      'UploadStarted',
      'UploadProcessing',
      'Published',
      'AllConfirmedDownloaded',
    ])
    const times = ended.fileTransferStatusHistory.map(({ fileTransferStatusChanged }) =>
      Date.parse(fileTransferStatusChanged),
    )
    expect(times).toEqual(times.toSorted((one, other) => one - other))
    const ofKari = ended.recipientFileTransferStatusHistory.filter(({ recipient }) => recipient === `0192:${KARI}`)
    expect(ofKari.map(({ recipientFileTransferStatusCode }) => recipientFileTransferStatusCode)).toEqual([
      'Initialized',
      'DownloadStarted',
      'DownloadConfirmed',
    ])
    await vi.waitFor(async () => expect(await journey.events(id)).toEqual(allEvents), POLLING)
  })

  test('carries an empty file, and one that skips the scan', async () => {
    const id = await journey.sent(new Uint8Array(0), 'Published', { disableVirusScan: true })

    const response = await journey.download(KARI, id)

    expect([response.status, (await bytesOf(response)).length]).toEqual([200, 0])
    expect(await journey.details(id)).toMatchObject({ fileTransferSize: 0, checksum: md5(new Uint8Array(0)) })
  })

  test('that skips the scan can be downloaded as soon as its upload is answered', async () => {
    const id = await journey.initialize({ disableVirusScan: true })
    await journey.upload(id, 'at once')

    expect(await (await journey.download(KARI, id)).text()).toBe('at once')
  })

  test('gives the part of a file that is asked for', async () => {
    const id = await journey.sent('0123456789')

    const part = await journey.download(KARI, id, { range: 'bytes=2-4' })
    const outside = await journey.download(KARI, id, { range: 'bytes=10-' })

    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234'])
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */10'])
  })

  test('has the SHA-256 of the whole file, on each part of it too', async () => {
    const id = await journey.sent('0123456789', 'Published', {
      checksumSha256: sha256('0123456789').toString('hex').toUpperCase(),
    })

    const answers = await Promise.all([journey.download(KARI, id), journey.download(KARI, id, { range: 'bytes=2-4' })])

    const expected = `sha-256=:${sha256('0123456789').toString('base64')}:`
    expect(answers.map(({ headers }) => headers.get('repr-digest'))).toEqual([expected, expected])
    expect(await journey.details(id)).toMatchObject({ checksumSha256: sha256('0123456789').toString('hex') })
  })

  test('has one entity tag, which says which file a part is of', async () => {
    const id = await journey.sent('0123456789')
    const whole = await journey.download(KARI, id)
    const etag = whole.headers.get('etag') ?? ''
    const part = (ifRange: string) => journey.download(KARI, id, { range: 'bytes=2-4', 'if-range': ifRange })

    const answers = await Promise.all([
      part(etag),
      part('"other"'),
      part(`W/${etag}`),
      part('Mon, 02 Mar 2026 10:00:00 GMT'),
      journey.download(KARI, id, { range: 'bytes=10-', 'if-range': etag }),
      journey.download(KARI, id, { range: 'bytes=10-', 'if-range': '"other"' }),
    ])

    expect(etag).toMatch(/^"[^"]+"$/)
    expect(answers.map(({ status }) => status)).toEqual([206, 200, 200, 200, 416, 200])
    expect(new Set(answers.map(({ headers }) => headers.get('etag')))).toEqual(new Set([etag]))
    expect(await Promise.all(answers.slice(0, 2).map((each) => each.text()))).toEqual(['234', '0123456789'])
  })

  test('does not start with bytes that are not the file', async () => {
    const id = await journey.initialize()
    const send = (headers: Record<string, string>) =>
      journey.as(OWNER, 'altinn:broker.write', `filetransfer/${id}/upload`, {
        method: 'POST',
        body: 'not it',
        headers: { 'content-type': 'application/octet-stream', ...headers },
      })

    const coded = await send({ 'content-encoding': 'gzip' })
    const part = await send({ 'content-range': 'bytes 0-5/100' })

    expect([coded.status, coded.headers.get('accept-encoding')]).toEqual([415, 'identity'])
    expect([part.status, await part.text()]).toEqual([400, expect.stringContaining('Content-Range')])
    expect((await journey.details(id)).fileTransferStatus).toBe('Initialized')
  })

  test('with malware fails, and its file is gone', async () => {
    const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS', '-TEST-FILE!$H+H*'].join('')

    const id = await journey.sent(eicar, 'Failed')

    expect((await journey.details(id)).fileTransferStatusText).toMatch(/^Malware scan failed: Malicious/)
    expect((await journey.download(KARI, id)).status).toBe(403)
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toEqual([]), POLLING)
    const expected = ['filetransferinitialized', 'uploadfailed', 'uploadprocessing'].map(
      (type) => `${type} > ${OWNER} as Sender`,
    )
    await vi.waitFor(async () => expect(await journey.events(id)).toEqual(expected), POLLING)
  })

  test('that expires is purged; the sender and recipients that have not confirmed are notified once', async () => {
    const short = 'new-short-lived'
    await journey.configure(short, { fileTransferTimeToLive: 'PT4S' })
    const id = await journey.sent('soon gone', 'Published', { resourceId: short })
    await bytesOf(await journey.download(KARI, id))
    await journey.confirm(KARI, id)

    const purged = await vi.waitFor(async () => {
      await journey.runTimer('expireDue')
      const now = await journey.details(id)
      expect(now.fileTransferStatus).toBe('Purged')
      return now
    }, SLOW_POLLING)

    expect(purged.fileTransferStatusHistory.at(-1)?.fileTransferStatus).toBe('Purged')
    expect((await journey.download(OLA, id)).status).toBe(403)
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toEqual([]), POLLING)
    const expected = [
      `fileneverconfirmeddownloaded > ${OLA} as Recipient`,
      `fileneverconfirmeddownloaded > ${OWNER} as Sender`,
      `filepurged > ${OWNER} as Sender`,
    ]
    await vi.waitFor(async () => {
      const events = await journey.events(id)
      expect(events.filter((event) => /^file(purged|never)/.test(event))).toEqual(expected)
    }, POLLING)
  })

  test.each([
    ['checksum', { checksum: md5(Buffer.from('other bytes')) }],
    ['SHA-256', { checksumSha256: sha256('other bytes').toString('hex') }],
  ])('that was uploaded with a wrong %s fails, and the sender is notified', async (_, promised) => {
    const id = await journey.initialize(promised)

    const response = await journey.upload(id, 'these bytes')

    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'BRO-00009'])
    expect(await journey.details(id)).toMatchObject({
      fileTransferStatus: 'Failed',
      fileTransferStatusText: 'Checksum mismatch',
    })
    await vi.waitFor(
      async () => expect(await journey.events(id)).toContain(`uploadfailed > ${OWNER} as Sender`),
      POLLING,
    )
  })

  test('whose upload broke off can be uploaded again', async () => {
    const id = await journey.initialize()
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(100_000)),
      pull: async (controller) => {
        await journey.reached(id, 'UploadStarted')
        controller.error(new Error('the client goes away'))
      },
    })

    await expect(journey.upload(id, broken)).rejects.toThrow()
    const second = await journey.upload(id, 'whole')
    await journey.reached(id, 'Published')

    expect(second.status).toBe(200)
    expect(await (await journey.download(KARI, id)).text()).toBe('whole')
  })

  test('is refused to other organisations', async () => {
    const id = await journey.sent('private')

    const looks = await Promise.all([
      journey.as(STRANGER, 'altinn:broker.read altinn:broker.write', `filetransfer/${id}`),
      journey.download(STRANGER, id),
      journey.confirm(STRANGER, id),
    ])

    expect(looks.map(({ status }) => status)).toEqual([401, 401, 401])
  })
})
