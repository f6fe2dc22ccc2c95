import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashing } from '../../src/adapters/blobs/hashing.js'
import { CHECKSUMS } from '../../src/usecases/ports/tus.js'

const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')

describe.each([
  ['md5', hashing.runningMd5],
  ['sha256', hashing.runningSha256],
] as const)('a running %s', (algorithm, runningDigest) => {
  test('is that of all bytes, however often it is laid aside and taken up again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.boolean())), async (pieces) => {
        let running = await runningDigest()
        for (const [bytes, isLaidAside] of pieces) {
          running.update(bytes)
          if (isLaidAside) running = await runningDigest(running.save())
        }

        expect(running.digest()).toBe(digest(algorithm, Buffer.concat(pieces.map(([bytes]) => bytes))))
      }),
    )
  })

  test('is not taken up from what is no state of it', async () => {
    await expect(runningDigest('bm8gc3RhdGU=')).rejects.toThrow()
  })

  test('runs beside others', async () => {
    const [one, other] = await Promise.all([runningDigest(), runningDigest()])
    one.update(Buffer.from('one'))
    other.update(Buffer.from('other'))

    expect([one.digest(), other.digest()]).toEqual([
      digest(algorithm, Buffer.from('one')),
      digest(algorithm, Buffer.from('other')),
    ])
  })
})

test.each(['md5', 'sha256'] as const)('the %s that is not saved is that of all bytes', (algorithm) => {
  const whole = hashing[algorithm]()
  for (const part of ['he', 'llo']) whole.update(Buffer.from(part))

  expect(whole.digest()).toBe(digest(algorithm, Buffer.from('hello')))
})

describe.each(CHECKSUMS)('a checksum by %s', (algorithm) => {
  const digest = createHash(algorithm).update('hello').digest('base64')

  test('is met by the bytes that it was made of, and by no others', () => {
    const [good, bad] = [hashing.checksum({ algorithm, digest }), hashing.checksum({ algorithm, digest })]
    for (const part of ['he', 'llo']) good.update(Buffer.from(part))
    bad.update(Buffer.from('hullo'))

    expect([good.isMet(), bad.isMet()]).toEqual([true, false])
  })

  test('is not met when it is too short', () => {
    const checksum = hashing.checksum({ algorithm, digest: 'YQ==' })

    expect(checksum.isMet()).toBe(false)
  })
})
