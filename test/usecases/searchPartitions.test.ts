import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cachedResources } from '../../src/adapters/tables/cachedResources.js'
import { newResource } from '../../src/domain/resource.js'
import { searchPartitions } from '../../src/usecases/searchPartitions.js'
import { allFoundBy, callerFor, memoryWorld } from '../support/memoryBroker.js'
import { at, later, request, sender } from '../support/samples.js'
import { good } from '../support/tus.js'

const bilag = (partitions: number) => ({ ...newResource('bilag', sender), searchPartitions: partitions })

describe('a process', () => {
  test('spreads new transfers over twice as many partitions ten seconds after it has seen them', () => {
    const clock = { now: at }
    const known = searchPartitions(() => clock.now)

    expect([known.lastOf('bilag'), known.forNewOf(bilag(1)), known.forNewOf(bilag(2))]).toEqual([1, 1, 1])
    expect([known.lastOf('bilag'), known.of(bilag(2))]).toEqual([2, 2])

    clock.now = later(9.9)
    expect(known.forNewOf(bilag(2))).toBe(1)
    clock.now = later(10)
    expect(known.forNewOf(bilag(2))).toBe(2)
    expect([known.forNewOf(bilag(4)), known.lastOf('bilag')]).toEqual([2, 4])
  })

  test('forgets no partition when it is shown an older resource', () => {
    const known = searchPartitions(() => at)

    known.of(bilag(4))

    expect([known.of(bilag(2)), known.lastOf('bilag')]).toEqual([4, 4])
  })
})

describe('searches while the search partitions grow', () => {
  /** Three processes, each with a cache of resources of its own, over the same stores. */
  async function processes() {
    const world = await memoryWorld()
    const { clock, stores, start } = world
    const brokers = [1, 2, 3].map(() =>
      start(() => ({ resources: cachedResources(stores.resources, () => clock.now) })),
    )
    async function grow() {
      const stored = await stores.resources.read('bilag')
      if (!stored) throw new Error('There is no resource.')
      const { resource, version } = stored
      const searchPartitions = Math.min(8, 2 * (resource.searchPartitions ?? 1))
      await stores.resources.save({ ...resource, searchPartitions }, version)
    }
    return { ...world, brokers, grow }
  }

  type Process = Awaited<ReturnType<typeof processes>>['brokers'][number]

  const begin = async (broker: Process) => {
    const id = good(await broker.initializeFileTransfer(callerFor(sender), request()))
    await broker.settled()
    return id
  }

  test('find each transfer in any process at once, once', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ act: fc.constant('begin' as const), by: fc.nat({ max: 2 }) }) },
      { weight: 3, arbitrary: fc.record({ act: fc.constant('search' as const), by: fc.nat({ max: 2 }) }) },
      { weight: 3, arbitrary: fc.record({ act: fc.constant('wait' as const), by: fc.nat({ max: 12 }) }) },
      { weight: 2, arbitrary: fc.record({ act: fc.constant('grow' as const), by: fc.constant(0) }) },
    )

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const { brokers, clock, grow } = await processes()
        const [first] = brokers as [Process]
        const begun: string[] = []
        // A partition grows only when new transfers have met its limit: they have known of it for ten seconds.
        let grownAt = Number.NEGATIVE_INFINITY
        for (const { act, by } of steps) {
          const broker = brokers[by] ?? first
          if (act === 'wait') clock.now = new Date(clock.now.getTime() + by * 1000)
          if (act === 'grow' && clock.now.getTime() - grownAt >= 10_000) {
            grownAt = clock.now.getTime()
            await grow()
          }
          if (act === 'begin') begun.push(await begin(broker))
          if (act === 'search') expect((await allFoundBy(broker, sender)).toSorted()).toEqual(begun.toSorted())
        }

        for (const broker of brokers) expect((await allFoundBy(broker, sender)).toSorted()).toEqual(begun.toSorted())
      }),
      { numRuns: 150 },
    )
  })

  test('go on page by page, newest first, over all partitions', async () => {
    const { brokers, clock, grow, read } = await processes()
    const [broker, another] = brokers as [Process, Process]
    const begun: string[] = []
    for (let i = 0; i < 240; i++) {
      if (i % 60 === 0 && i > 0) await grow()
      clock.now = new Date(clock.now.getTime() + 1000)
      begun.push(await begin(broker))
    }

    const partitions = await Promise.all(begun.map(async (id) => (await read(id)).transfer.searchPartition ?? 0))
    expect(new Set(partitions)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]))
    expect(await allFoundBy(another, sender)).toEqual(begun.toReversed())
  })
})
