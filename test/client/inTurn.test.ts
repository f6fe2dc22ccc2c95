import { describe, expect, test, vi } from 'vitest'
import { BrokerProblem } from '../../clients/typescript/src/index.js'
import { sendInTurn } from '../../clients/typescript/src/upload/inTurn.js'

type Item = { path: string }

/** Sends so many files; a test uploads, publishes and fails each by its number. */
function sending(count: number, { signal, atATime }: { signal?: AbortSignal; atATime?: number } = {}) {
  const files = Array.from({ length: count }, (_, index): Item => ({ path: `${index}` }))
  const begun: string[] = []
  const sent: string[] = []
  const acts = new Map<string, { upload(): void; publish(): void; fail(error: unknown): void }>()
  const send = ({ path }: Item, upload: () => void) => {
    begun.push(path)
    return new Promise<{ path: string }>((resolve, reject) => {
      acts.set(path, { upload, publish: () => resolve({ path }), fail: reject })
    })
  }
  const outcome = sendInTurn(files, { signal, ...(atATime && { atATime }) }, send, ({ path }) => sent.push(path))
  const hasBegun = async (number: number) => {
    await vi.waitFor(() => expect(begun).toContain(`${number}`))
    const act = acts.get(`${number}`)
    if (!act) throw new Error(`${number} has not begun`)
    return act
  }
  return { begun, sent, outcome, hasBegun }
}

describe('sending files in turn', () => {
  test('begins one when the one before is uploaded, and reports them in their order', async () => {
    const { begun, sent, outcome, hasBegun } = sending(3)
    const first = await hasBegun(0)
    expect(begun).toEqual(['0'])

    first.upload()
    const second = await hasBegun(1)
    second.publish()
    const third = await hasBegun(2)
    third.publish()
    await new Promise(setImmediate)
    expect(sent).toEqual([])
    first.publish()

    expect(await outcome).toEqual({ failures: [], notTried: 0 })
    expect(sent).toEqual(['0', '1', '2'])
  })

  test('uploads as many side by side as it may', async () => {
    const { begun, outcome, hasBegun } = sending(4, { atATime: 2 })
    const second = await hasBegun(1)
    await new Promise(setImmediate)
    expect(begun).toEqual(['0', '1'])

    second.upload()
    const third = await hasBegun(2)
    expect(begun).toEqual(['0', '1', '2'])
    for (const act of [second, third, await hasBegun(0)]) act.publish()
    ;(await hasBegun(3)).publish()

    expect(await outcome).toEqual({ failures: [], notTried: 0 })
  })

  test('goes on after a failure, and reports it', async () => {
    const { sent, outcome, hasBegun } = sending(3)
    const error = new Error('malware')
    ;(await hasBegun(0)).publish()
    ;(await hasBegun(1)).fail(error)
    ;(await hasBegun(2)).publish()

    expect(await outcome).toEqual({ failures: [{ file: { path: '1' }, error }], notTried: 0 })
    expect(sent).toEqual(['0', '2'])
  })

  test('ends when the sender is refused', async () => {
    const { begun, outcome, hasBegun } = sending(3)
    ;(await hasBegun(0)).fail(new BrokerProblem(403, {}))

    expect(await outcome).toMatchObject({ failures: [{ file: { path: '0' } }], notTried: 2 })
    expect(begun).toEqual(['0'])
  })

  test('ends with its signal, when those that have begun are ended', async () => {
    const stop = new AbortController()
    const { begun, sent, outcome, hasBegun } = sending(3, { signal: stop.signal })
    const first = await hasBegun(0)
    first.upload()
    const second = await hasBegun(1)
    stop.abort()
    second.fail(stop.signal.reason)
    first.publish()

    expect(await outcome).toMatchObject({ failures: [{ file: { path: '1' } }], notTried: 1 })
    expect([begun, sent]).toEqual([['0', '1'], ['0']])
  })

  test('is no success when its signal comes between two files', async () => {
    const stop = new AbortController()
    const { sent, outcome, hasBegun } = sending(2, { signal: stop.signal })
    const first = await hasBegun(0)
    stop.abort(new Error('Interrupted'))
    first.publish()

    await expect(outcome).rejects.toThrow('Interrupted')
    expect(sent).toEqual(['0'])
  })

  test('has no more than twenty checked at a time', async () => {
    const { begun, outcome, hasBegun } = sending(22)
    for (let number = 0; number < 20; number += 1) (await hasBegun(number)).upload()
    await new Promise(setImmediate)
    expect(begun).toHaveLength(20)

    ;(await hasBegun(7)).publish()
    ;(await hasBegun(20)).publish()
    ;(await hasBegun(21)).publish()
    for (let number = 0; number < 20; number += 1) (await hasBegun(number)).publish()

    expect(await outcome).toEqual({ failures: [], notTried: 0 })
  })
})
