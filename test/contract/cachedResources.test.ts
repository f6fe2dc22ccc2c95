import { expect, test } from 'vitest'
import { cachedResources } from '../../src/adapters/tables/cachedResources.js'
import { newResource } from '../../src/domain/resource.js'
import { memoryResourceStore } from '../memory/memoryResourceStore.js'
import { at, later, sender } from '../support/samples.js'

/** Resources in a cache over a store whose reads are counted. */
function counted() {
  const store = memoryResourceStore()
  const clock = { now: at }
  let reads = 0
  const read = (id: string) => {
    reads++
    return store.read(id)
  }
  const cache = cachedResources({ ...store, read }, () => clock.now)
  return { store, cache, clock, reads: () => reads }
}

const resource = newResource('bilag', sender)

test('a resource is read once in five seconds', async () => {
  const { store, cache, clock, reads } = counted()
  await store.save(resource, undefined)

  const first = await cache.recent('bilag')
  clock.now = later(4.9)
  expect([first, await cache.recent('bilag')].map((each) => each?.resource)).toEqual(Array(2).fill(resource))
  expect(reads()).toBe(1)

  clock.now = later(5.1)
  await cache.recent('bilag')
  expect(reads()).toBe(2)
})

test('a slow answer is as old as its question', async () => {
  const { store, clock } = counted()
  await store.save(resource, undefined)
  let reads = 0
  const read = async (id: string) => {
    const answer = await store.read(id)
    clock.now = new Date(clock.now.getTime() + (reads++ === 0 ? 4000 : 6000))
    return answer
  }
  const cache = cachedResources({ ...store, read }, () => clock.now)

  await cache.recent('bilag')
  await cache.recent('bilag')
  expect(reads).toBe(1)
  clock.now = later(5.1)
  await cache.recent('bilag')
  await cache.recent('bilag')
  expect(reads).toBe(3)
})

test('a resource is read again once it was saved here, or was found to be another', async () => {
  const { store, cache } = counted()
  await store.save(resource, undefined)
  const first = await cache.recent('bilag')
  const changed = { ...resource, graceSeconds: 60 }

  expect(await cache.save(changed, first?.version)).toBe('saved')
  expect((await cache.recent('bilag'))?.resource).toEqual(changed)

  const elsewhere = { ...resource, graceSeconds: 120 }
  await store.save(elsewhere, (await store.read('bilag'))?.version)
  expect((await cache.recent('bilag'))?.resource).toEqual(changed)
  expect((await cache.read('bilag'))?.resource).toEqual(elsewhere)
  expect(await cache.save(resource, undefined)).toBe('conflict')
  expect((await cache.recent('bilag'))?.resource).toEqual(elsewhere)
})

test('a resource that is missing is looked for each time', async () => {
  const { store, cache } = counted()
  expect(await cache.recent('bilag')).toBeUndefined()

  await store.save(resource, undefined)

  expect(await cache.recent('bilag')).toMatchObject({ resource })
})
