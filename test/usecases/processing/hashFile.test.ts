import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hashing } from '../../../src/adapters/blobs/hashing.js'
import { checkUploadMessage } from '../../../src/adapters/bus/checkUpload.js'
import type { Ports } from '../../../src/usecases/broker.js'
import { runningDigests } from '../../../src/usecases/digests.js'
import { bytesOf, memoryWorld, type World } from '../../support/memoryBroker.js'

const md5 = createHash('md5').update('hello').digest('hex')
const sha256 = createHash('sha256').update('hello').digest('hex')

/** What the last message says that asks for a look at the file. */
function lastCheck({ stores: { messages } }: World) {
  const checks = messages.sent().filter(({ entity }) => entity === 'uploadProcessing')
  return checkUploadMessage.parse(JSON.parse(checks.at(-1)?.body ?? ''))
}
/** A process whose storage gives these bytes of a file, and so long after each other. */
const givingBytes =
  (world: World, secondsApart: number, ...contents: string[]) =>
  ({ blobs }: Ports): Partial<Ports> => ({
    blobs: {
      ...blobs,
      async read(place, etag, range) {
        const source = await blobs.read(place, etag, range)
        if (!source) return undefined
        async function* bytes() {
          for await (const chunk of bytesOf(...contents)) {
            world.advance(secondsApart)
            yield chunk
          }
        }
        return { ...source, bytes: bytes() }
      },
    },
  })

describe('reading a file for its digests', () => {
  test('is done in one turn of up to two minutes', async () => {
    const world = await memoryWorld()
    const id = await world.unread({ disableVirusScan: true })

    await world.start(givingBytes(world, 60, 'he', 'llo')).processUpload(lastCheck(world))

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Published', file: { md5, sha256 } })
    expect(world.stores.blobs.openSources()).toBe(0)
    expect(world.log).toContainEqual(
      expect.objectContaining({ event: 'upload.hashed', details: expect.objectContaining({ milliseconds: 120_000 }) }),
    )
  })

  test('that takes longer begins again in turns, each of which begins where the one before has ended', async () => {
    const world = await memoryWorld()
    const id = await world.unread({ disableVirusScan: true })
    const slow = world.start(givingBytes(world, 121, 'he', 'llo'))
    await slow.processUpload(lastCheck(world))
    expect(lastCheck(world).read?.bytes).toBe(0)

    await slow.processUpload(lastCheck(world))

    expect(lastCheck(world).read?.bytes).toBe(2)
    expect((await world.read(id)).transfer.status).toBe('UploadProcessing')
    expect(world.stores.blobs.openSources()).toBe(0)
    await world.broker.processUpload(lastCheck(world))
    expect((await world.read(id)).transfer).toMatchObject({ status: 'Published', file: { md5, sha256 } })
  })

  test('that was read to its end already is not read again', async () => {
    const world = await memoryWorld()
    const id = await world.unread({ disableVirusScan: true })
    const unreadable = world.start(({ blobs }) => ({
      blobs: { ...blobs, read: () => Promise.reject(new Error('It is read again.')) },
    }))
    const whole = await runningDigests(hashing, undefined)
    whole.update(Buffer.from('hello'))

    await unreadable.processUpload({ ...lastCheck(world), read: whole.save(5) })

    expect((await world.read(id)).transfer).toMatchObject({ status: 'Published', file: { md5, sha256 } })
  })

  test('that version 0.1.0 had begun ends without a SHA-256', async () => {
    const world = await memoryWorld()
    const id = await world.unread({ disableVirusScan: true })
    const half = await hashing.runningMd5()
    half.update(Buffer.from('he'))
    await world.broker.processUpload({ ...lastCheck(world), read: { bytes: 2, md5State: half.save() } })

    const { transfer } = await world.read(id)

    expect(transfer).toMatchObject({ status: 'Published', file: { md5 } })
    expect(transfer).not.toHaveProperty('file.sha256')
  })

  test('fails the transfer when the file is replaced after it was found', async () => {
    const world = await memoryWorld()
    const id = await world.unread({ disableVirusScan: true })
    const late = world.start(({ blobs }) => ({ blobs: { ...blobs, read: async () => undefined } }))

    await late.processUpload(lastCheck(world))

    expect((await world.read(id)).transfer).toMatchObject({
      status: 'Failed',
      reason: 'The stored file is not the one that was uploaded',
    })
  })

  test.each([
    ['ends too early', ['hell'], 4],
    ['goes on for too long', ['hello', '!'], 6],
  ])('throws to have the message redelivered when the storage %s', async (_, contents, bytes) => {
    const world = await memoryWorld()
    const id = await world.unread({ disableVirusScan: true })

    const answer = world.start(givingBytes(world, 0, ...contents)).processUpload(lastCheck(world))

    await expect(answer).rejects.toThrow(`A file ended after ${bytes} of 5 bytes.`)
    expect((await world.read(id)).transfer.status).toBe('UploadProcessing')
    expect(world.stores.blobs.openSources()).toBe(0)
  })
})
