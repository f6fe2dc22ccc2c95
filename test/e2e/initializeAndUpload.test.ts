import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { type FormPart, filePart, multipart } from '../support/forms.js'
import {
  bytesOf,
  chunked,
  expectOk,
  KARI,
  md5,
  OLA,
  OWNER,
  POLLING,
  refusalOf,
  sharedJourney,
} from '../support/journey.js'

const journey = await sharedJourney()

const WRITE = 'altinn:broker.write'
type Answer = { fileTransferId: string; code?: string; detail?: string; errors?: Record<string, string[]> }

const fields = (more: Record<string, string | undefined> = {}) =>
  Object.entries({
    FileName: 'søknad æøå.pdf',
    ResourceId: journey.resourceId,
    SendersFileTransferReference: 'our-7',
    Sender: `0192:${OWNER}`,
    'Recipients[0]': `0192:${KARI}`,
    'Recipients[1]': `0192:${OLA}`,
    'PropertyList[color]': 'blå',
    ...more,
  }).flatMap(([name, value]): FormPart[] => (value === undefined ? [] : [{ name: `Metadata.${name}`, value }]))

function formData(parts: FormPart[], file?: Uint8Array<ArrayBuffer>) {
  const form = new FormData()
  for (const { name, value } of parts) form.append(name, String(value))
  if (file) form.append('FileTransfer', new Blob([file]), 'ignored.bin')
  return form
}

const send = (body: FormData, token = WRITE) =>
  journey.as(OWNER, token, 'filetransfer/upload', { method: 'POST', body })

/** Sends a form as it is written, in chunks and without a declared length. */
const stream = (parts: FormPart[], options?: Parameters<typeof multipart>[1]) => {
  const { contentType, body } = multipart(parts, options)
  const headers = { 'content-type': contentType }
  return journey.as(OWNER, WRITE, 'filetransfer/upload', { method: 'POST', body: chunked(body), headers })
}
const answerIn = async (response: Response) => ({ status: response.status, ...((await response.json()) as Answer) })
const errorKeys = async (response: Promise<Response>) => {
  const { status, errors = {} } = await answerIn(await response)
  return [status, ...Object.keys(errors).sort()]
}

describe('initializing and uploading in one', () => {
  test('brings a file to its recipients, under the name in the metadata', async () => {
    const file = randomBytes(3_000_001)

    const { fileTransferId: id } = (await (await expectOk(send(formData(fields(), file)))).json()) as Answer
    const details = await journey.reached(id, 'Published')
    const download = await journey.download(KARI, id)

    expect(details).toMatchObject({
      fileName: 'søknad æøå.pdf',
      fileTransferSize: file.length,
      checksum: md5(file),
      propertyList: { color: 'blå' },
    })
    expect(details.recipients).toHaveLength(2)
    expect(md5(await bytesOf(download))).toBe(md5(file))
    expect(download.headers.get('content-disposition')).toContain("filename*=UTF-8''s%C3%B8knad")
  })

  test('takes an empty file, and one whose last bytes look like the end of the form', async () => {
    const like = Buffer.from('data\r\n--x\r\n--xy-\r\n--')

    const empty = await answerIn(await stream([...fields(), filePart('')]))
    const tricky = await answerIn(await stream([...fields(), filePart(like)], { boundary: 'xyz' }))
    await journey.reached(tricky.fileTransferId, 'Published')

    expect([empty.status, tricky.status]).toEqual([200, 200])
    expect(await bytesOf(await journey.download(KARI, tricky.fileTransferId))).toEqual(new Uint8Array(like))
  })

  test('takes a small file before its metadata', async () => {
    const file = randomBytes(300_000)

    const { fileTransferId: id, ...sent } = await answerIn(await stream([filePart(file), ...fields()]))
    await journey.reached(id, 'Published')

    expect(sent.status).toBe(200)
    expect(md5(await bytesOf(await journey.download(KARI, id)))).toBe(md5(file))
  })

  test('streams a large file', async () => {
    const mebibyte = randomBytes(2 ** 20)
    const { contentType, body } = multipart([...fields({ DisableVirusScan: 'true' }), filePart('')])
    const split = body.lastIndexOf('\r\n--')
    const form = async function* () {
      yield body.subarray(0, split)
      for (let i = 0; i < 32; i++) yield mebibyte
      yield body.subarray(split)
    }

    const response = await journey.as(OWNER, WRITE, 'filetransfer/upload', {
      method: 'POST',
      body: ReadableStream.from(form()),
      headers: { 'content-type': contentType },
    })

    const { fileTransferId } = await answerIn(response)
    expect(await journey.reached(fileTransferId, 'Published')).toMatchObject({ fileTransferSize: 32 * 2 ** 20 })
  })
})

describe('a form is refused', () => {
  test('as another content type, before the token is looked at', async () => {
    const send = (headers: Record<string, string>) =>
      journey.call('filetransfer/upload', { method: 'POST', body: new Uint8Array(3), headers })

    const answers = [await send({ 'content-type': 'application/octet-stream' }), await send({})]

    expect(await Promise.all(answers.map(async (each) => [each.status, await each.text()]))).toEqual([
      [415, ''],
      [415, ''],
    ])
  })

  test('without a token, and with another scope', async () => {
    const call = { method: 'POST', body: formData(fields(), new Uint8Array(3)) }

    expect((await journey.call('filetransfer/upload', call)).status).toBe(401)
    expect(await refusalOf(send(formData(fields(), new Uint8Array(3)), 'altinn:broker.read'))).toBe('403')
  })

  test('by the name of what is wrong', async () => {
    const file = new Uint8Array(3)
    const bad = fields({ FileName: '', Sender: 'me', 'Recipients[0]': 'x', Checksum: 'ABC', DisableVirusScan: '2' })

    expect(await errorKeys(send(formData(bad, file)))).toEqual([
      400,
      'Metadata.Checksum',
      'Metadata.DisableVirusScan',
      'Metadata.FileName',
      'Metadata.Recipients',
      'Metadata.Sender',
    ])
    expect(await errorKeys(send(formData(fields())))).toEqual([400, 'FileTransfer'])
    expect(await errorKeys(send(formData([], file)))).toEqual([400, 'Metadata'])
    expect(await errorKeys(send(formData([{ name: 'Other', value: 'x' }])))).toEqual([400, 'FileTransfer', 'Metadata'])
  })

  test('with its metadata after a large file, and no transfer is initialized', async () => {
    const late = await answerIn(await stream([filePart(randomBytes(9_000_000)), ...fields()]))

    expect(late).toMatchObject({
      status: 400,
      errors: { Metadata: [expect.any(String), expect.stringMatching(/before/)] },
    })
    expect(late.fileTransferId).toBeUndefined()
  })

  test('by the rules of initialize, and the rest of the file is discarded', async () => {
    const file = filePart(randomBytes(5_000_000))

    expect(await refusalOf(stream([...fields({ ResourceId: 'new-and-unheard-of' }), file]))).toBe('401 BRO-00006')
    expect(await refusalOf(stream([...fields({ Sender: '0192:910000999' }), file]))).toBe('401 BRO-00006')
  })
})

describe('a form whose file is not taken', () => {
  test('because metadata comes after it names the transfer, whose file can be sent again', async () => {
    const late: FormPart = { name: 'Metadata.PropertyList[late]', value: 'x' }

    const answer = await answerIn(await stream([...fields(), filePart(randomBytes(2_000_000)), late]))

    expect(answer).toMatchObject({ status: 400, errors: { Metadata: [expect.any(String)] } })
    expect(answer.detail).toContain(`/broker/api/v1/filetransfer/${answer.fileTransferId}/upload`)
    expect((await journey.upload(answer.fileTransferId, 'again')).status).toBe(200)
  })

  test('because it breaks off is never stored', async () => {
    const answer = await answerIn(await stream([...fields(), filePart(randomBytes(2_000_000))], { end: '' }))

    expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining('/upload') })
    expect(answer.errors).toEqual({ '': [expect.stringContaining('breaks off')] })
    expect((await journey.details(answer.fileTransferId)).fileTransferStatus).toBe('UploadStarted')
    expect(await journey.storedBlobs(answer.fileTransferId)).toEqual([])
    expect((await journey.upload(answer.fileTransferId, 'again')).status).toBe(200)
  })

  test('because a line in it starts like a delimiter is never stored', async () => {
    const file = filePart('one line\r\n--Beta is another\r\n')

    const answer = await answerIn(await stream([...fields(), file], { boundary: 'B' }))

    expect([answer.status, answer.errors]).toEqual([400, { '': [expect.stringContaining('delimiter')] }])
    expect((await journey.details(answer.fileTransferId)).fileTransferStatus).toBe('UploadStarted')
    expect((await journey.upload(answer.fileTransferId, 'again')).status).toBe(200)
  })

  test('because it is too large, or not what was promised, names the transfer', async () => {
    const small = 'new-small-files'
    await journey.configure(small, { maxFileTransferSize: 1000 })

    const large = await answerIn(await stream([...fields({ ResourceId: small }), filePart(randomBytes(3_000_000))]))
    const wrong = await answerIn(await stream([...fields({ Checksum: '0'.repeat(32) }), filePart('x')]))

    expect(large).toMatchObject({ status: 400, code: 'BRO-00016', fileTransferId: expect.any(String) })
    expect(wrong).toMatchObject({ status: 400, code: 'BRO-00009', fileTransferId: expect.any(String) })
    expect((await journey.details(wrong.fileTransferId)).fileTransferStatus).toBe('Failed')
  })

  test('because the client disconnects leaves a transfer to which it can be uploaded again', async () => {
    const resourceId = 'new-goes-away'
    await journey.configure(resourceId, {})
    const { hostname, port } = new URL(journey.stack.urls.app)
    const { contentType, body } = multipart([...fields({ ResourceId: resourceId }), filePart(randomBytes(1_000_000))])
    const token = await journey.token(OWNER, WRITE)
    const found = async () => {
      const response = await journey.as(OWNER, WRITE, `filetransfer?resourceId=${resourceId}&status=UploadStarted`)
      return (await response.json()) as string[]
    }

    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(
      [
        'POST /broker/api/v1/filetransfer/upload HTTP/1.1',
        `Host: ${hostname}`,
        `Authorization: Bearer ${token}`,
        `Content-Type: ${contentType}`,
        `Content-Length: ${body.length}`,
        '\r\n',
      ].join('\r\n'),
    )
    socket.write(body.subarray(0, 600_000))
    const [id = ''] = await vi.waitFor(async () => {
      const ids = await found()
      expect(ids).toHaveLength(1)
      return ids
    }, POLLING)
    socket.destroy()

    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toEqual([]), POLLING)
    expect((await journey.details(id)).fileTransferStatus).toBe('UploadStarted')
    expect((await journey.upload(id, 'again')).status).toBe(200)
    await journey.reached(id, 'Published')
  })
})
