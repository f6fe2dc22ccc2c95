import { describe, expect, test } from 'vitest'
import type { SearchProjection } from '../../../src/domain/projections/search.js'
import { newResource } from '../../../src/domain/resource.js'
import { growingSearchIndex } from '../../../src/usecases/commit/growingSearchIndex.js'
import type { ResourceStore } from '../../../src/usecases/ports/resources.js'
import { memoryResourceStore } from '../../memory/memoryResourceStore.js'
import { memorySearchIndex } from '../../memory/memorySearchIndex.js'
import { at, kari, later, ola, sender } from '../../support/samples.js'

const rowsOf = (organization: typeof kari, partition = 0): SearchProjection => ({
  actor: { organization, resourceId: 'bilag', role: 'Recipient', partition },
  fileTransferId: 'one',
  sequence: 1,
  timelines: [{ at }],
})

/** An index of which some partitions refuse, and the number of search partitions of the resource. */
async function scene(change: (store: ResourceStore) => Partial<ResourceStore> = () => ({}), searchPartitions?: number) {
  const store = memoryResourceStore()
  await store.save({ ...newResource('bilag', sender), ...(searchPartitions && { searchPartitions }) }, undefined)
  const clock = { now: at }
  const log: unknown[] = []
  const background: Promise<unknown>[] = []
  const refused = new Map<string, number>()
  const rows = memorySearchIndex()
  const failing = {
    ...rows,
    async project(projection: SearchProjection) {
      const statusCode = refused.get(projection.actor.organization)
      if (statusCode !== undefined) throw Object.assign(new Error('The table refuses.'), { statusCode })
      return rows.project(projection)
    },
  }
  const index = growingSearchIndex(failing, {
    resources: { ...store, ...change(store) },
    log: (event, details) => void log.push({ event, ...details }),
    now: () => clock.now,
    inBackground: (work) => void background.push(work),
  })
  /** The writes of one party after the other. */
  async function write(...projections: SearchProjection[]) {
    for (const each of projections) await index.project(each).catch(() => {})
    await Promise.all(background.splice(0))
  }
  return {
    ...{ store, clock, log, refused, index, write },
    partitions: async () => (await store.read('bilag'))?.resource.searchPartitions,
  }
}

describe('search partitions of a resource', () => {
  test('are doubled when a partition refuses three writes while others are served', async () => {
    const { refused, write, partitions, log } = await scene()
    refused.set(kari, 503)

    await write(rowsOf(kari), rowsOf(ola), rowsOf(kari), rowsOf(ola))
    expect(await partitions()).toBeUndefined()
    await write(rowsOf(kari))

    expect(await partitions()).toBe(2)
    expect(log).toEqual([{ event: 'resource.searchPartitionsDoubled', resourceId: 'bilag', searchPartitions: 2 }])
  })

  test('stay when all partitions refuse, however often, and when the storage fails otherwise', async () => {
    const { refused, write, partitions } = await scene()
    await write(rowsOf(ola))
    refused.set(kari, 503)
    refused.set(ola, 503)
    for (let i = 0; i < 10; i++) await write(rowsOf(kari), rowsOf(ola))

    refused.delete(ola)
    refused.set(kari, 500)
    for (let i = 0; i < 10; i++) await write(rowsOf(kari), rowsOf(ola))

    expect(await partitions()).toBeUndefined()
  })

  test('stay when the refusals are seldom', async () => {
    const { refused, write, partitions, clock } = await scene()
    refused.set(kari, 429)

    for (let i = 0; i < 10; i++) {
      clock.now = later(i * 6)
      await write(rowsOf(kari), rowsOf(ola))
    }

    expect(await partitions()).toBeUndefined()
  })

  test('stay when the busy partition has been relieved already', async () => {
    const { refused, write, partitions } = await scene(undefined, 4)
    refused.set(kari, 503)

    for (let i = 0; i < 9; i++) await write(rowsOf(kari, 1), rowsOf(ola))
    expect(await partitions()).toBe(4)

    for (let i = 0; i < 9; i++) await write(rowsOf(kari, 2), rowsOf(ola))
    expect(await partitions()).toBe(8)
  })

  test('are doubled once when two processes find it at the same moment, and nobody fails', async () => {
    const { refused, write, partitions, store, log } = await scene((own) => ({
      async save(resource, version) {
        const other = await own.read('bilag')
        if (other) await own.save({ ...other.resource, searchPartitions: 2 }, other.version)
        return own.save(resource, version)
      },
    }))
    refused.set(kari, 503)

    await write(rowsOf(kari), rowsOf(ola), rowsOf(kari), rowsOf(ola), rowsOf(kari))

    expect(await partitions()).toBe(2)
    expect(log).toEqual([])
    expect(await store.read('bilag')).toBeDefined()
  })

  test.each(['read', 'save'] as const)('are doubled later when the %s of the resource fails', async (name) => {
    let isDown = true
    const { refused, write, partitions } = await scene((own) => ({
      [name]: async (...given: never[]) => {
        if (isDown) throw new Error('The table does not answer.')
        return (own[name] as (...given: never[]) => unknown)(...given)
      },
    }))
    refused.set(kari, 503)
    const busy = [rowsOf(kari), rowsOf(ola), rowsOf(kari), rowsOf(ola), rowsOf(kari), rowsOf(ola)]

    await write(...busy)
    expect(await partitions()).toBeUndefined()
    isDown = false
    await write(...busy)

    expect(await partitions()).toBe(2)
  })

  test('leave the refusal to the one who writes', async () => {
    const { refused, index } = await scene()
    refused.set(kari, 503)

    await expect(index.project(rowsOf(kari))).rejects.toThrow('refuses')
    await expect(index.project(rowsOf(ola))).resolves.toBeUndefined()
  })
})
