import { beforeEach, describe, expect, test } from 'vitest'
import type { Backup } from '../../src/domain/operating/backup.js'
import { backupsOf, contentsOf, done, loseTables, restored, withoutBackups } from '../support/backups.js'
import { flawsOf, storedIn } from '../support/crashInvariants.js'
import { crashStack, type World } from '../support/crashStack.js'
import { story } from '../support/crashStory.js'
import { FAULTS, type Fate, fate } from '../support/faultyClients.js'
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

/** Has a process meet its fate at every call in turn; tells how often one did. */
async function everyFate(faults: readonly (typeof FAULTS)[number][], act: (met: Fate) => Promise<unknown>) {
  let tries = 0
  for (const fault of faults) {
    for (let nth = 1; ; nth++) {
      const met = fate(fault, nth)
      await act(met)
      if (!met.hasStruck()) break
      tries++
    }
  }
  return tries
}

async function keysIn(backup: Backup): Promise<string[]> {
  const store = backupsOf(world)
  const manifest = await store.manifestOf(backup)
  const parts = await Promise.all(manifest.parts.map(({ name }) => all(store.read(manifest, name))))
  return parts.flat().map(({ partitionKey, rowKey }) => `${partitionKey} ${rowKey}`)
}

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test('of a backup leaves a complete backup, or none', async () => {
    const tries = await everyFate(FAULTS, async (met) => {
      await world
        .start(met)
        .broker.backUpTables()
        .catch(() => {})
      world.advance(DAY)
    })
    await world.recovering.broker.backUpTables()

    const made = await backupsOf(world).list()
    const keys = await Promise.all(made.map(keysIn))
    expect(tries).toBeGreaterThan(4 * 36)
    for (const each of keys) expect(each).toEqual(keys.at(-1))
    const before = await contentsOf(world)
    await loseTables(world)
    done((await restored(world)).result)
    expect(await contentsOf(world)).toEqual(before)
  })

  test('of a restore leaves what another restore completes', async () => {
    await world.recovering.broker.backUpTables()
    const before = await contentsOf(world)

    const tries = await everyFate(['dies before', 'dies after'], async (met) => {
      await loseTables(world)
      await restored(world, {}, met).catch(() => {})
      done((await restored(world, { isIntoExisting: true })).result)
      const after = await contentsOf(world)
      const flaws = await flawsOf(world, await storedIn(world))
      expect({ calls: met.calls(), flaws, after }).toEqual({ calls: met.calls(), flaws: [], after: before })
    })

    expect(tries).toBeGreaterThan(2 * 20)
  })
})
