import { beforeEach, describe, expect, test } from 'vitest'
import type { Backup } from '../../src/domain/operating/backup.js'
import { backupsOf, contentsOf, done, loseTables, restored, withoutBackups } from '../support/backups.js'
import { flawsOf, storedIn } from '../support/crashInvariants.js'
import { crashStack, type World } from '../support/crashStack.js'
import { story } from '../support/crashStory.js'
import { FAULTS, injectEach } from '../support/faultyClients.js'
import { all } from '../support/samples.js'

const DAY = 86_400
const makeWorld = crashStack()
let world: World

beforeEach(async () => {
  world = await makeWorld()
  await withoutBackups(world)
  const told = (await story(world, 'published').uploaded()).judgedClean().downloaded(world.kari)
  world.labels.set(await told.store(), 'published')
  world.advance(DAY)
})

async function keysIn(backup: Backup): Promise<string[]> {
  const store = backupsOf(world)
  const manifest = await store.manifestOf(backup)
  const parts = await Promise.all(manifest.parts.map(({ name }) => all(store.read(manifest, name))))
  return parts.flat().map(({ partitionKey, rowKey }) => `${partitionKey} ${rowKey}`)
}

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test('of a backup leaves a complete backup, or none', async () => {
    const spared = await injectEach(FAULTS, async (injector) => {
      await world
        .start(injector)
        .broker.backUpTables()
        .catch(() => {})
      world.advance(DAY)
    })
    await world.recovering.broker.backUpTables()

    const made = await backupsOf(world).list()
    const keys = await Promise.all(made.map(keysIn))
    expect(spared.calls).toBeGreaterThan(36)
    expect(spared.writes).toBeGreaterThan(5)
    for (const each of keys) expect(each).toEqual(keys.at(-1))
    const before = await contentsOf(world)
    await loseTables(world)
    done((await restored(world)).result)
    expect(await contentsOf(world)).toEqual(before)
  })

  test('of a restore leaves what another restore completes', async () => {
    await world.recovering.broker.backUpTables()
    const before = await contentsOf(world)

    const spared = await injectEach(['dies before', 'dies after'], async (injector) => {
      await loseTables(world)
      await restored(world, {}, injector).catch(() => {})
      done((await restored(world, { isIntoExisting: true })).result)
      const after = await contentsOf(world)
      const flaws = await flawsOf(world, await storedIn(world))
      expect({ calls: injector.calls(), flaws, after }).toEqual({ calls: injector.calls(), flaws: [], after: before })
    })

    expect(spared.calls).toBeGreaterThan(20)
    expect(spared.writes).toBeGreaterThan(5)
  })
})
