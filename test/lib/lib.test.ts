import { describe, expect, test } from 'vitest'
import { backgroundWork } from '../../src/lib/backgroundWork.js'
import { forEachConcurrent } from '../../src/lib/forEachConcurrent.js'
import { retryOnConflict } from '../../src/lib/retryOnConflict.js'
import { serializeByKey } from '../../src/lib/serializeByKey.js'

describe('work in the background', () => {
  test('is drained with all that was added meanwhile', async () => {
    const background = backgroundWork()
    const done: string[] = []
    const last = Promise.withResolvers<void>()
    const first = Promise.resolve().then(() => {
      done.push('first')
      background.add(last.promise.then(() => void done.push('last')))
    })
    background.add(first)

    const drained = background.drained()
    last.resolve()
    await drained

    expect(done).toEqual(['first', 'last'])
  })
})

describe('doing something for each of many', () => {
  test('does so many at a time, and all of them', async () => {
    let running = 0
    let most = 0
    const done: number[] = []

    await forEachConcurrent(
      Array.from({ length: 50 }, (_, i) => i),
      7,
      async (item) => {
        most = Math.max(most, ++running)
        await new Promise(setImmediate)
        running--
        done.push(item)
      },
    )

    expect(most).toBe(7)
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  test('fails with the first failure, when nothing runs any more', async () => {
    let running = 0
    const work = async (item: number) => {
      running++
      await new Promise(setImmediate)
      running--
      if (item === 1) throw new Error('It is down.')
    }

    await expect(forEachConcurrent([0, 1, 2, 3], 4, work)).rejects.toThrow('It is down.')

    expect(running).toBe(0)
  })
})

describe('doing something for each of what comes', () => {
  async function* two() {
    yield 1
    yield 2
    throw new Error('The list broke off.')
  }

  test('does it for what came, and fails when the list breaks off', async () => {
    const done: number[] = []

    await expect(forEachConcurrent(two(), 1, async (item) => void done.push(item))).rejects.toThrow(
      'The list broke off.',
    )

    expect(done).toEqual([1, 2])
  })

  test('throws the first failure as it was thrown', async () => {
    const failures = [new Error('first'), new Error('second')]
    const work = (failure: Error) => Promise.reject(failure)

    await expect(forEachConcurrent(failures, 1, work)).rejects.toBe(failures[0])
  })
})

describe('a retry on a conflict', () => {
  test('is made until the write is not refused', async () => {
    const attempts: number[] = []

    const done = await retryOnConflict(
      async (number) => {
        attempts.push(number)
        return number < 3 ? 'conflict' : 'done'
      },
      () => true,
    )

    expect(done).toBe('done')
    expect(attempts).toEqual([1, 2, 3])
  })

  test('ends with the conflict when no more attempts are wanted', async () => {
    const asked: number[] = []

    const done = await retryOnConflict(
      async () => 'conflict',
      async (attempts) => {
        asked.push(attempts)
        return attempts < 2
      },
    )

    expect(done).toBe('conflict')
    expect(asked).toEqual([1, 2])
  })
})

describe('one at a time', () => {
  test('runs what has the same key in order, and hands on what is left', async () => {
    const inTurn = serializeByKey<number>(5_000)
    const log: string[] = []
    const run = (name: string, leave: number | undefined) =>
      inTurn('key', async (left) => {
        log.push(`${name} begins with ${left}`)
        await new Promise(setImmediate)
        log.push(`${name} ends`)
        return { result: name, leave }
      })

    const results = await Promise.all([run('a', 1), run('b', undefined), run('c', 3)])

    expect(results).toEqual(['a', 'b', 'c'])
    expect(log).toEqual([
      ...['a begins with undefined', 'a ends', 'b begins with 1', 'b ends', 'c begins with undefined', 'c ends'],
    ])
  })

  test('lets what has another key go on', async () => {
    const inTurn = serializeByKey<number>(5_000)
    const first = Promise.withResolvers<{ result: string; leave: undefined }>()
    const waiting = inTurn('one', () => first.promise)

    expect(await inTurn('another', async () => ({ result: 'done', leave: undefined }))).toBe('done')

    first.resolve({ result: 'at last', leave: undefined })
    expect(await waiting).toBe('at last')
  })

  test('waits no longer than it may for one that does not end, and then has nothing of it', async () => {
    const inTurn = serializeByKey<number>(10)
    const endless = Promise.withResolvers<{ result: string; leave: number }>()
    const first = inTurn('key', () => endless.promise)

    expect(await inTurn('key', async (left) => ({ result: left, leave: 2 }))).toBeUndefined()

    endless.resolve({ result: 'at last', leave: 1 })
    expect(await first).toBe('at last')
  })

  test('goes on after a failure, and leaves nothing when nobody waits', async () => {
    const inTurn = serializeByKey<number>(5_000)
    const failing = inTurn('key', async () => {
      throw new Error('It is down.')
    })
    const next = inTurn('key', async (left) => ({ result: left, leave: 7 }))

    await expect(failing).rejects.toThrow('It is down.')
    expect(await next).toBeUndefined()
    await new Promise(setImmediate)
    expect(await inTurn('key', async (left) => ({ result: left, leave: undefined }))).toBeUndefined()
  })
})
