import { randomBytes, randomInt } from 'node:crypto'
import { Upload, type UploadOptions } from 'tus-js-client'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { bytesOf, KARI, md5, OWNER, ownJourney, POLLING } from '../support/journey.js'

// The most used TUS client, as it is.

const MIB = 2 ** 20
const journey = await ownJourney()
const proxy = await startFaultyProxy(journey.stack.ports.app)
afterAll(() => proxy.stop())
const authorization = `Bearer ${await journey.token(OWNER, 'altinn:broker.write')}`

/** Sends bytes until all are there. */
const send = (id: string, bytes: Buffer, options: Partial<UploadOptions> = {}) =>
  new Promise<void>((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: `http://127.0.0.1:${proxy.port}/broker/api/v1/filetransfer/upload/tus/${id}`,
      headers: { authorization },
      chunkSize: 2 * MIB + 11,
      retryDelays: [100, 500, 1000],
      onError: reject,
      onSuccess: () => resolve(),
      ...options,
    })
    upload.start()
  })

/** Waits until the file is there, and compares each byte. */
async function expectFile(id: string, bytes: Buffer): Promise<void> {
  const now = await vi.waitFor(async () => {
    const details = await journey.details(id)
    expect(details.fileTransferStatus).toBe('Published')
    return details
  }, POLLING)
  expect(now).toMatchObject({ fileTransferSize: bytes.length, checksum: md5(bytes) })
  const file = Buffer.from(await bytesOf(await journey.download(KARI, id)))
  expect(file.equals(bytes)).toBe(true)
}

/** Sends a file while the connection breaks at some random bytes, one of them in the first chunk. */
async function sendOverBreaks(options: Partial<UploadOptions>): Promise<void> {
  const id = await journey.initialize()
  const bytes = randomBytes(10 * MIB + 3)
  // The client does not try its last request again, the one that joins the parts: so not at the very end.
  const random = Array.from({ length: 5 }, () => randomInt(Math.floor(0.8 * bytes.length)))
  const breaks = [randomInt(MIB), ...random].toSorted((one, other) => one - other)
  const left = [...breaks]
  const onProgress = (sent: number) => {
    if (left[0] === undefined || sent < left[0]) return
    left.shift()
    proxy.have('refuses')
    proxy.have('none')
  }

  await send(id, bytes, { ...options, onProgress, retryDelays: Array.from({ length: 20 }, () => 300) })

  expect(left.length, `it broke at ${breaks}`).toBeLessThan(breaks.length)
  await expectFile(id, bytes)
}

const ways: [string, Partial<UploadOptions>][] = [
  ['as a whole', {}],
  ['in four parts side by side', { parallelUploads: 4 }],
]

describe.each(ways)('tus-js-client sends a file %s', (_, options) => {
  test('in chunks', async () => {
    const id = await journey.initialize()
    const bytes = randomBytes(10 * MIB + 3)

    await send(id, bytes, options)

    await expectFile(id, bytes)
  })

  test('over a connection that breaks at any byte', async () => {
    await sendOverBreaks(options)
  })
})

const FILE_BYTES = 12 * MIB + 3

test('tus-js-client sends files in both ways while Broker is killed in the middle of them', async () => {
  const files = ways.map(([, options]) => ({ options, bytes: randomBytes(FILE_BYTES), sent: 0 }))
  let restart: Promise<void> | undefined
  const restartInTheMiddle = () => {
    const sent = files.reduce((sum, file) => sum + file.sent, 0)
    if (sent < FILE_BYTES / 2 || files.some((file) => file.sent === 0)) return
    restart ??= journey.stack.killApp().then(() => journey.stack.startApp())
  }

  const sent = await Promise.all(
    files.map(async (file) => {
      const id = await journey.initialize()
      const onProgress = (sent: number) => {
        file.sent = sent
        restartInTheMiddle()
      }
      // Who was writing when it died holds the upload for half a minute.
      await send(id, file.bytes, { ...file.options, onProgress, retryDelays: Array.from({ length: 60 }, () => 1500) })
      return { id, bytes: file.bytes }
    }),
  )
  await restart

  expect(restart).toBeDefined()
  for (const { id, bytes } of sent) await expectFile(id, bytes)
})

describe('tus-js-client sends the first bytes with the creation', () => {
  test('and resumes over a connection that breaks at any byte', async () => {
    await sendOverBreaks({ uploadDataDuringCreation: true })
  })
})
