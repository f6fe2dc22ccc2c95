import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { abortable } from '../../../src/http/input/abortable.js'

const chunk = (text: string) => Buffer.from(text)

/** A body that gives these chunks, and then waits until `goOn`. */
function waiting(...texts: string[]) {
  const { promise, resolve: goOn } = Promise.withResolvers<void>()
  const seen = { isClosed: false }
  async function* chunks() {
    try {
      for (const text of texts) yield chunk(text)
      await promise
      yield chunk('too late')
    } finally {
      seen.isClosed = true
    }
  }
  return { chunks: chunks(), goOn, seen }
}

const textOf = async (chunks: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(chunks)).toString()

describe('a body that is ended by a signal', () => {
  test('is whole when the signal never comes, and nothing listens any more', async () => {
    const { signal } = new AbortController()
    const { chunks, goOn } = waiting('one ', 'two ')
    goOn()

    expect(await textOf(abortable(signal, chunks))).toBe('one two too late')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('ends with an error while it waits for more, and is closed when more comes', async () => {
    const ending = new AbortController()
    const { chunks, goOn, seen } = waiting('one ')
    const body = abortable(ending.signal, chunks)
    expect((await body.next()).value).toEqual(chunk('one '))
    const second = body.next()

    ending.abort()

    await expect(second).rejects.toThrow('stopping')
    expect(seen.isClosed).toBe(false)
    goOn()
    await expect.poll(() => seen.isClosed).toBe(true)
    expect(getEventListeners(ending.signal, 'abort')).toEqual([])
  })

  test('ends with an error at its next read when the signal came while it was not read, or before it began', async () => {
    const ending = new AbortController()
    const begun = abortable(ending.signal, waiting('one ', 'two ').chunks)
    await begun.next()

    ending.abort()

    await expect(begun.next()).rejects.toThrow('stopping')
    await expect(textOf(abortable(ending.signal, waiting('one ').chunks))).rejects.toThrow('stopping')
  })

  test('is closed by a reader that stops early', async () => {
    const { signal } = new AbortController()
    const { chunks, seen } = waiting('one ', 'two ')

    for await (const _ of abortable(signal, chunks)) break

    await expect.poll(() => seen.isClosed).toBe(true)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
