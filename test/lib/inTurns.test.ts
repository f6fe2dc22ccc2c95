import { describe, expect, test } from 'vitest'
import { inTurns } from '../../src/lib/inTurns.js'

/** Work that ends when the test says so, and the pieces that it was given. */
function working(most: number) {
  const pieces: { key: string; items: number[]; end: (error?: Error) => void }[] = []
  const add = inTurns<number, number>(
    most,
    (key, items) =>
      new Promise((resolve, reject) => {
        pieces.push({ key, items, end: (error) => (error ? reject(error) : resolve(pieces.length)) })
      }),
  )
  const end = async (index: number, error?: Error) => {
    pieces[index]?.end(error)
    await new Promise(setImmediate)
  }
  return { pieces, add, end, items: () => pieces.map(({ items }) => items) }
}

describe('work in turns', () => {
  test('does together what comes while it is busy, in its order and as far as there is room', async () => {
    const { add, end, items } = working(3)
    const done = [add('a', [1]), add('a', [2, 3]), add('a', [4, 5]), add('a', [6])]
    await end(0)
    await end(1)
    await end(2)

    expect(items()).toEqual([[1], [2, 3], [4, 5, 6]])
    expect(await Promise.all(done)).toEqual([1, 2, 3, 3])
  })

  test('does the work of several keys at the same time', () => {
    const { add, pieces } = working(3)
    void add('a', [1])
    void add('b', [2])

    expect(pieces.map(({ key }) => key)).toEqual(['a', 'b'])
  })

  test('fails those whose piece has failed, and goes on', async () => {
    const { add, end } = working(3)
    const failed = add('a', [1])
    const next = add('a', [2])
    const refused = expect(failed).rejects.toThrow('no')
    await end(0, new Error('no'))
    await end(1)

    await refused
    expect(await next).toBe(2)
  })

  test('does what has more items than there is room for, by itself', async () => {
    const { add, end, items } = working(1)
    const done = [add('a', [1]), add('a', [2, 3]), add('a', [4])]
    for (const index of [0, 1, 2]) await end(index)
    await Promise.all(done)

    expect(items()).toEqual([[1], [2, 3], [4]])
  })
})
