import { describe, expect, test } from 'vitest'
import { chunksOf, TOO_LONG, textOf } from '../../../src/http/input/requestBody.js'
import { until } from '../../support/until.js'

/** A body of so many chunks of ten bytes, and how much of it has been taken. */
function bodyOf(chunks: number, failure?: Error) {
  const taken = { chunks: 0, toTheEnd: false, brokeOff: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken.chunks < chunks) {
          taken.chunks++
          return controller.enqueue(Buffer.from('0123456789'))
        }
        if (failure) {
          taken.brokeOff = true
          return controller.error(failure)
        }
        taken.toTheEnd = true
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, taken }
}

describe('the chunks of a request body', () => {
  test('come as they were sent', async () => {
    const { stream } = bodyOf(3)

    expect(await Array.fromAsync(chunksOf(stream))).toHaveLength(3)
  })

  test('are none without a body', async () => {
    expect(await Array.fromAsync(chunksOf(null))).toEqual([])
  })

  test('that nobody wants any more run to waste, since the host waits for their end', async () => {
    const { stream, taken } = bodyOf(100)

    for await (const _ of chunksOf(stream)) break

    await until(() => expect(taken).toMatchObject({ chunks: 100, toTheEnd: true }))
  })

  test('stay where they are while nobody has begun to read', () => {
    const { stream, taken } = bodyOf(100)

    chunksOf(stream)

    expect(taken.chunks).toBe(0)
  })

  test('end with the failure of a client that went away', async () => {
    const { stream } = bodyOf(2, new Error('ECONNRESET'))

    await expect(Array.fromAsync(chunksOf(stream))).rejects.toThrow('ECONNRESET')
  })

  test('that run to waste may break off', async () => {
    const { stream, taken } = bodyOf(2, new Error('ECONNRESET'))

    for await (const _ of chunksOf(stream)) break

    await until(() => expect(taken.brokeOff).toBe(true)) // a rejection that nobody handles would fail the run
  })
})

describe('a request body as text', () => {
  test('is whole', async () => {
    expect(await textOf(bodyOf(2).stream, 20)).toBe('01234567890123456789')
  })

  test('keeps letters whole that lie in two chunks', async () => {
    const [first, second] = [Buffer.from('ø').subarray(0, 1), Buffer.from('ø').subarray(1)]
    const stream = ReadableStream.from<Uint8Array>([first, second])

    expect(await textOf(stream, 20)).toBe('ø')
  })

  test('that is too long is read no further than it takes to know, and the rest runs to waste', async () => {
    const { stream, taken } = bodyOf(100)

    expect(await textOf(stream, 15)).toBe(TOO_LONG)
    await until(() => expect(taken.toTheEnd).toBe(true))
  })
})
