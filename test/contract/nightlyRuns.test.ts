import { describe, expect, test } from 'vitest'
import { tableNightlyRuns } from '../../src/adapters/tables/tableNightlyRuns.js'
import type { NightlyRuns } from '../../src/usecases/ports/operating.js'
import { memoryNightlyRuns } from '../memory/memoryNightlyRuns.js'
import { azuriteTables } from '../support/azurite.js'
import { at, later } from '../support/samples.js'

const TASK = 'sweepOrphans'

function nightlyRunsContract(name: string, makeRuns: () => Promise<NightlyRuns>) {
  describe(`nightly runs in ${name}`, () => {
    test('know nothing of a new task', async () => {
      const runs = await makeRuns()

      expect(await runs.read(TASK)).toBeUndefined()
    })

    test('return what was saved last, for each task its own', async () => {
      const runs = await makeRuns()
      const first = await runs.save(TASK, { doneAt: at, heldUntil: later(60) }, undefined)
      await runs.save('refreshStatistics', { doneAt: later(5) }, undefined)

      expect(await runs.read(TASK)).toEqual({ run: { doneAt: at, heldUntil: later(60) }, version: first })

      const second = await runs.save(TASK, { doneAt: later(1) }, first)

      expect(await runs.read(TASK)).toEqual({ run: { doneAt: later(1) }, version: second })
      expect((await runs.read('refreshStatistics'))?.run).toEqual({ doneAt: later(5) })
    })

    test('are saved by one only of several that have read the same', async () => {
      const runs = await makeRuns()
      const five = Array.from({ length: 5 }, (_, number) => ({ doneAt: later(number) }))

      const added = await Promise.all(five.map((run) => runs.save(TASK, run, undefined)))
      const read = await runs.read(TASK)
      const replaced = await Promise.all(five.map((run) => runs.save(TASK, run, read?.version)))

      expect(added.filter((each) => each === 'conflict')).toHaveLength(4)
      expect(added).toContain(read?.version)
      expect(replaced.filter((each) => each === 'conflict')).toHaveLength(4)
    })
  })
}

nightlyRunsContract('memory', async () => memoryNightlyRuns())

const newTable = azuriteTables()
nightlyRunsContract('a table', async () => tableNightlyRuns(await newTable()))

test('nightly runs without their table are an error, and not those of another instance', async () => {
  const table = await newTable()
  await table.sdk.deleteTable()

  await expect(tableNightlyRuns(table).save(TASK, { doneAt: at }, undefined)).rejects.toMatchObject({ statusCode: 404 })
})
