import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, chunked, KARI, OWNER, ownJourney } from '../support/journey.js'
import { outcomeOf, tusCalls } from '../support/tusCalls.js'

// The memory of the app, on a stack that does nothing else.

const MIB = 2 ** 20
const journey = await ownJourney()
const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))

/** What `VmHWM` has from here on is the most that the test itself needs. */
beforeEach(() => writeFile(`/proc/${journey.stack.appPid}/clear_refs`, '5'))

describe('a download', () => {
  test('by a client that stalls and goes away costs no memory', async () => {
    const id = await journey.sent(chunked(Buffer.alloc(64 * MIB)), 'Published', { disableVirusScan: true })
    const token = await journey.token(KARI, 'altinn:broker.read')
    const url = `${journey.stack.urls.app}/broker/api/v1/filetransfer/${id}/download`

    const before = await journey.memory('VmRSS')
    const stalled = await Promise.all(
      Array.from(
        { length: 8 },
        () =>
          new Promise<{ destroy(): void }>((resolve) => {
            get(url, { headers: { authorization: `Bearer ${token}` } }, (response) => resolve(response.pause()))
          }),
      ),
    )
    const after = await journey.memory('VmRSS')
    for (const response of stalled) response.destroy()

    expect(after - before).toBeLessThan(8 * 16)
    expect((await bytesOf(await journey.download(KARI, id))).length).toBe(64 * MIB)
  })
})

describe('a file transfer', () => {
  test('streams a large file without keeping it in memory', async () => {
    const mebibyte = randomBytes(MIB)
    const large = async function* () {
      for (let i = 0; i < 160; i++) yield mebibyte
    }
    const before = await journey.memory('VmHWM')

    const id = await journey.sent(ReadableStream.from(large()), 'Published', { disableVirusScan: true })
    let received = 0
    for await (const chunk of (await journey.download(KARI, id)).body ?? []) received += chunk.length

    expect(received).toBe(160 * MIB)
    expect((await journey.memory('VmHWM')) - before).toBeLessThan(100)
  })
})

describe('PATCH', () => {
  test('of a large file is not kept in memory', async () => {
    const mebibyte = randomBytes(MIB)
    const digest = createHash('md5')
    async function* large() {
      for (let i = 0; i < 160; i++) {
        digest.update(mebibyte)
        yield mebibyte
      }
    }
    const { id, path } = await tus.initializeWithUpload(160 * MIB)
    const before = await journey.memory('VmHWM')

    expect(await outcomeOf(tus.patch(path, 0, ReadableStream.from(large())))).toBe(`204 ${160 * MIB}`)

    expect(await journey.reached(id, 'Published')).toMatchObject({ checksum: digest.digest('hex') })
    expect((await journey.memory('VmHWM')) - before).toBeLessThan(64 + 32)
  })
})
