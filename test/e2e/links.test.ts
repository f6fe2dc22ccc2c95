import { randomBytes } from 'node:crypto'
import { BlockBlobClient } from '@azure/storage-blob'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  bytesOf,
  expectOk,
  type Journey,
  KARI,
  md5,
  OLA,
  OWNER,
  POLLING,
  refusalOf,
  STRANGER,
  sharedJourney,
} from '../support/journey.js'

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
// In pieces, so that no scanner takes this file for the test virus.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS', '-TEST-FILE!$H+H*'].join('')

type Link = { fileTransferId: string; url: string; expires: string; headers: Record<string, string> }

let journey: Journey
const askForLink = (id: string, org = OWNER, scope = WRITE) =>
  journey.as(org, scope, `filetransfer/${id}/upload/link`, { method: 'POST' })
const complete = (id: string, org = OWNER) =>
  journey.as(org, WRITE, `filetransfer/${id}/upload/complete`, { method: 'POST' })
const askToDownload = (id: string, org = KARI) => journey.as(org, READ, `filetransfer/${id}/download/link`)
const linkIn = async (answer: Promise<Response>) => (await (await expectOk(answer)).json()) as Link
const put = async (link: Link, body: string | Uint8Array<ArrayBuffer>) =>
  expectOk(fetch(link.url, { method: 'PUT', body, headers: link.headers }))

/** A transfer of this file, which was put at a link in one request. */
async function putByLink(file: string | Uint8Array<ArrayBuffer>, more: Record<string, unknown> = {}) {
  const id = await journey.initialize(more)
  await put(await linkIn(askForLink(id)), file)
  return id
}
const runningOn = (settings: Record<string, string>) => {
  beforeAll(async () => {
    journey = await sharedJourney(settings)
  })
}

describe('a file by a link', () => {
  runningOn({})

  test('is sent by blocks, scanned, published, downloaded and confirmed', async () => {
    const bytes = new Uint8Array(randomBytes(9 * 2 ** 20 + 1))
    const id = await journey.initialize({ checksum: md5(bytes) })

    const link = await linkIn(askForLink(id))
    await new BlockBlobClient(link.url).uploadData(bytes, { blockSize: 2 ** 20, maxSingleShotSize: 1 })
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
    const completed = await expectOk(complete(id))
    const details = await journey.reached(id, 'Published')

    expect(await completed.json()).toEqual({ fileTransferId: id })
    expect(link.fileTransferId).toBe(id)
    expect(Date.parse(link.expires) - Date.now()).toBeGreaterThan(59 * 60_000)
    expect(details).toMatchObject({ fileTransferSize: bytes.length, checksum: md5(bytes) })
    expect(details.fileTransferStatusHistory.map(({ fileTransferStatus }) => fileTransferStatus)).toEqual([
      'Initialized',
      'UploadStarted',
      'UploadProcessing',
      'Published',
    ])
    for (const org of [KARI, OLA]) {
      expect(md5(await bytesOf(await expectOk(journey.download(org, id))))).toBe(md5(bytes))
      await expectOk(journey.confirm(org, id))
    }
    await journey.reached(id, 'AllConfirmedDownloaded')
  })

  test('that is not scanned is published when it is complete, also without a byte', async () => {
    const id = await putByLink('', { disableVirusScan: true })

    await expectOk(complete(id))

    expect(await journey.details(id)).toMatchObject({ fileTransferStatus: 'Published', fileTransferSize: 0 })
  })

  test('whose checksum is not what was promised fails, and is deleted', async () => {
    const id = await putByLink('hello', { checksum: md5(Buffer.from('other')), disableVirusScan: true })

    await expectOk(complete(id))

    expect(await journey.reached(id, 'Failed')).toMatchObject({ fileTransferStatusText: 'Checksum mismatch' })
    await expect.poll(() => journey.storedBlobs(id), POLLING).toEqual([])
    await expect.poll(() => journey.events(id), POLLING).toContain(`uploadfailed > ${OWNER} as Sender`)
  })

  test('with a virus fails, and is deleted', async () => {
    const id = await putByLink(eicar)

    await expectOk(complete(id))

    const { fileTransferStatusText } = await journey.reached(id, 'Failed')
    expect(fileTransferStatusText).toMatch(/^Malware scan failed: Malicious/)
    await expect.poll(() => journey.storedBlobs(id), POLLING).toEqual([])
  })

  test('that is too large is refused and deleted; a smaller one may come', async () => {
    await journey.configure('new-ten-bytes', { maxFileTransferSize: 10 })
    const id = await putByLink('too large by far', {
      resourceId: 'new-ten-bytes',
      recipients: [`0192:${KARI}`],
    })

    expect(await refusalOf(complete(id))).toBe('400 BRO-00016')
    await expect.poll(() => journey.storedBlobs(id), POLLING).toEqual([])

    await put(await linkIn(askForLink(id)), 'small')
    await expectOk(complete(id))
    await journey.reached(id, 'Published')
  })

  test('is completed once, however often it is called', async () => {
    const id = await putByLink('hello')

    const answers = await Promise.all([1, 2, 3].map(async () => (await complete(id)).status))
    await journey.reached(id, 'Published')

    expect(answers).toEqual([200, 200, 200])
    expect((await complete(id)).status).toBe(200)
    expect(await refusalOf(askForLink(id))).toBe('409 BRO-00004')
  })

  test('is not complete before it is there', async () => {
    const id = await journey.initialize()
    expect(await refusalOf(complete(id))).toBe('409 BRO-08022')
    const link = await linkIn(askForLink(id))
    const client = new BlockBlobClient(link.url)
    await client.stageBlock(Buffer.from('block-1').toString('base64'), 'hello', 5)

    expect(await refusalOf(complete(id))).toBe('409 BRO-08022')
    await client.commitBlockList([Buffer.from('block-1').toString('base64')])
    await expectOk(complete(id))
  })

  test('loses against an upload that was complete before', async () => {
    const id = await putByLink('by link')
    await expectOk(journey.upload(id, 'directly'))

    expect(await refusalOf(complete(id))).toBe('409 BRO-00004')

    await journey.reached(id, 'Published')
    expect(await (await journey.download(KARI, id)).text()).toBe('directly')
    await expect.poll(() => journey.storedBlobs(id), POLLING).toHaveLength(1)
  })

  test('is never served when it was changed afterwards', async () => {
    const id = await journey.initialize({ disableVirusScan: true })
    const link = await linkIn(askForLink(id))
    await put(link, 'hello')
    await expectOk(complete(id))

    await new BlockBlobClient(link.url).uploadData(Buffer.from('other'))

    expect(await refusalOf(journey.download(KARI, id))).toBe('500')
  })

  test('is refused to all but the sender', async () => {
    const id = await journey.initialize()

    expect(await refusalOf(askForLink(id, STRANGER))).toBe('401 BRO-00006')
    expect(await refusalOf(complete(id, KARI))).toBe('401 BRO-00006')
    expect((await askForLink(id, OWNER, READ)).status).toBe(403)
  })
})

describe('a link to download', () => {
  runningOn({})

  test('leads to the file under its name, for ten minutes, and counts as a download', async () => {
    const id = await journey.sent('hello')

    const link = await linkIn(askToDownload(id))
    const answer = await expectOk(fetch(link.url))

    expect(await answer.text()).toBe('hello')
    expect(answer.headers.get('content-disposition')).toContain("filename*=UTF-8''s%C3%B8knad%20%C3%A6%C3%B8%C3%A5.pdf")
    expect(Math.abs(Date.parse(link.expires) - Date.now() - 600_000)).toBeLessThan(60_000)
    await expectOk(journey.confirm(KARI, id))
    const { recipientFileTransferStatusHistory: history } = await journey.details(id)
    expect(
      history
        .filter(({ recipient }) => recipient === `0192:${KARI}`)
        .map(({ recipientFileTransferStatusCode }) => recipientFileTransferStatusCode),
    ).toEqual(['Initialized', 'DownloadStarted', 'DownloadConfirmed'])
  })

  test('is refused to all but recipients, and before the file is published', async () => {
    const published = await journey.sent('hello')

    expect(await refusalOf(askToDownload(published, STRANGER))).toBe('401 BRO-00006')
    expect(await refusalOf(askToDownload(published, OWNER))).toBe('401 BRO-00006')
    expect(await refusalOf(askToDownload(await journey.initialize()))).toBe('403 BRO-00007')
  })

  test('is refused while an upload link could still replace the file', async () => {
    const id = await putByLink('hello', { disableVirusScan: true })
    await expectOk(complete(id))

    expect(await refusalOf(askToDownload(id))).toBe('409 BRO-08023')
    expect(await (await journey.download(KARI, id)).text()).toBe('hello')
  })
})

describe('an upload link that is never completed', () => {
  runningOn({ UPLOAD_IDLE_SECONDS: '1' })

  test.each([
    ['nothing', async () => {}],
    ['a file', async (link: Link) => void (await put(link, 'hello'))],
  ])('leaves nothing behind when %s was put there', async (_, send) => {
    const id = await journey.initialize()
    await send(await linkIn(askForLink(id)))

    const statusNow = async () => {
      await journey.runTimer('expireDue')
      return (await journey.details(id)).fileTransferStatus
    }
    await expect.poll(statusNow, { ...POLLING, interval: 300 }).toBe('Failed')

    await expect.poll(() => journey.storedBlobs(id), POLLING).toEqual([])
    expect(await refusalOf(complete(id))).toBe('409 BRO-00004')
  })
})

describe('links that are switched off', () => {
  runningOn({ UPLOAD_LINKS: 'off', DOWNLOAD_LINKS: 'off' })

  test('are refused, with the operation to use instead', async () => {
    const id = await journey.sent('hello')

    expect(await refusalOf(askForLink(await journey.initialize()))).toBe('403 BRO-08020')
    expect(await refusalOf(askToDownload(id))).toBe('403 BRO-08021')
    await journey.configure(journey.resourceId, {})
    expect(await ((await askToDownload(id)).json() as Promise<{ detail: string }>)).toMatchObject({
      detail: expect.stringContaining('GET /broker/api/v1/filetransfer/{fileTransferId}/download'),
    })
  })
})
