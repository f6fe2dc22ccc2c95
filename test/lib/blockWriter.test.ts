import { describe, expect, test } from 'vitest'
import { blockWriter } from '../../src/lib/blockWriter.js'

const MIB = 2 ** 20

/** What a writer has stored. */
async function written(blockBytes: number, head: string, chunks: string[]) {
  const stored: [index: number, text: string][] = []
  const writer = blockWriter(
    () => blockBytes,
    async (bytes, index) => {
      await null
      stored.push([index, Buffer.from(bytes).toString()])
    },
    Buffer.from(head),
  )
  for (const chunk of chunks) await writer.add(Buffer.from(chunk))
  const rest = Buffer.from(writer.rest()).toString()
  writer.storeRest()
  await writer.settled()
  return { stored, rest, count: writer.count() }
}

describe('a block writer', () => {
  test('cuts what comes into blocks, the first of which begins with the head', async () => {
    expect(await written(3, 'a', ['bc', 'defgh', 'i'])).toEqual({
      stored: [
        [0, 'abc'],
        [1, 'def'],
        [2, 'ghi'],
      ],
      rest: 'ghi',
      count: 3,
    })
  })

  test('stores nothing of nothing', async () => {
    expect(await written(3, '', [''])).toEqual({ stored: [], rest: '', count: 0 })
  })

  test('has no more blocks under way than there is memory for, and waits until one is stored', async () => {
    const ends: (() => void)[] = []
    const writer = blockWriter(
      () => 16 * MIB,
      () => new Promise<void>((resolve) => ends.push(resolve)),
    )
    let hasAdded = false
    const adding = writer.add(new Uint8Array(32 * MIB + 1)).then(() => {
      hasAdded = true
    })

    await new Promise(setImmediate)
    expect([ends.length, hasAdded]).toEqual([2, false])
    ends[1]?.()
    await adding

    expect(ends).toHaveLength(2)
  })

  test('cuts blocks whose size grows, and lets go of the buffers that are too short', async () => {
    const stored: [index: number, length: number][] = []
    let [underWay, most] = [0, 0]
    const writer = blockWriter(
      (index) => (index < 4 ? 8 : 24) * MIB,
      async ({ length }, index) => {
        underWay += length
        most = Math.max(most, underWay)
        await new Promise(setImmediate)
        underWay -= length
        stored.push([index, length / MIB])
      },
    )

    for (let added = 0; added < 90; added += 5) await writer.add(new Uint8Array(5 * MIB))
    writer.storeRest()
    await writer.settled()

    expect(stored).toEqual([
      [0, 8],
      [1, 8],
      [2, 8],
      [3, 8],
      [4, 24],
      [5, 24],
      [6, 10],
    ])
    expect(most).toBeLessThanOrEqual(32 * MIB)
  })

  test('stores nothing more after a failure, which the next block meets', async () => {
    const failed = new Error('It is full.')
    let stored = 0
    const writer = blockWriter(
      () => 1,
      async () => {
        stored++
        throw failed
      },
    )
    await writer.add(Buffer.from('a'))
    await writer.add(Buffer.from('b'))
    await writer.settled()

    await expect(writer.add(Buffer.from('c'))).rejects.toBe(failed)
    expect([writer.failure(), stored]).toEqual([{ error: failed }, 2])
  })
})
