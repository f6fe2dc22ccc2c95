import { randomBytes } from 'node:crypto'
import { Upload, type UploadOptions } from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Journey, KARI, OWNER, PATIENCE, startJourney } from '../support/journey.js'

// The most used TUS client, as it is.

const MIB = 2 ** 20
let journey: Journey
let authorization: string
beforeAll(async () => {
  journey = await startJourney()
  authorization = `Bearer ${await journey.token(OWNER, 'altinn:broker.write')}`
})
afterAll(() => journey?.end())

const endpointOf = (id: string) => `${journey.stack.urls.app}/broker/api/v1/filetransfer/upload/tus/${id}`

/** Sends bytes until all are there. */
const send = (id: string, bytes: Buffer, options: Partial<UploadOptions> = {}) =>
  new Promise<Upload>((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint: endpointOf(id),
      headers: { authorization },
      chunkSize: 3 * MIB + 11,
      retryDelays: [100, 500, 1000],
      onError: reject,
      onSuccess: () => resolve(upload),
      ...options,
    })
    upload.start()
  })

const published = (id: string) =>
  vi.waitFor(async () => expect((await journey.details(id)).fileTransferStatus).toBe('Published'), PATIENCE)

describe('tus-js-client', () => {
  test('sends a file in chunks', async () => {
    const id = await journey.initialize()
    const bytes = randomBytes(20 * MIB + 7)

    await send(id, bytes)

    await published(id)
    const file = Buffer.from(await (await journey.download(KARI, id)).arrayBuffer())
    expect(file.equals(bytes)).toBe(true)
  })

  test('sends a file in four parts side by side', async () => {
    const id = await journey.initialize()
    const bytes = randomBytes(30 * MIB + 3)

    await send(id, bytes, { parallelUploads: 4 })

    await published(id)
    const file = Buffer.from(await (await journey.download(KARI, id)).arrayBuffer())
    expect(file.equals(bytes)).toBe(true)
  })
})
