import { TableClient } from '@azure/data-tables'
import { describe, expect, test, vi } from 'vitest'
import { tables } from '../../src/config.js'
import { ownJourney, POLLING } from '../support/journey.js'

const lines: string[] = []
const linesWith = (code: string) => lines.filter((line) => line.includes(`"code":"${code}"`))

const settings = { 'AzureWebJobs.sweepOrphans.Disabled': 'true' }
const journey = await ownJourney(settings, { log: (line) => void lines.push(line) })
const connection = journey.stack.settings.Tables ?? ''
const nightlyRuns = TableClient.fromConnectionString(connection, tables.nightlyRuns, { allowInsecureConnection: true })

const lastRun = async () => (await nightlyRuns.getEntity<{ doneAt: Date }>('refreshStatistics', 'state')).doneAt

describe('the timer', () => {
  test('runs a nightly task that has not run since its night, once', async () => {
    await journey.runTimer('maintain')
    await vi.waitFor(lastRun, POLLING) // a new environment has nothing to catch up with
    expect(linesWith('maintenance.taskDone')).toEqual([])

    const doneAt = new Date(Date.now() - 48 * 3_600_000)
    await nightlyRuns.upsertEntity({ partitionKey: 'refreshStatistics', rowKey: 'state', doneAt }, 'Replace')
    for (let tick = 0; tick < 3; tick++) await journey.runTimer('maintain')

    await vi.waitFor(async () => {
      expect((await lastRun()).getTime()).toBeGreaterThan(doneAt.getTime())
      expect(linesWith('maintenance.taskDone')).toHaveLength(1)
    }, POLLING)
    expect(linesWith('maintenance.taskFailed')).toEqual([])
  })

  test('leaves a disabled task alone, which says so and is still run by its name', async () => {
    expect(linesWith('maintenance.taskDisabled')).toHaveLength(1)
    expect(linesWith('orphans.swept')).toEqual([])
    const nightly = await Array.fromAsync(nightlyRuns.listEntities())
    expect(nightly.map(({ partitionKey }) => partitionKey)).toEqual(['backUpTables', 'refreshStatistics'])

    await journey.runTimer('sweepOrphans')

    await vi.waitFor(() => expect(linesWith('orphans.swept')).toHaveLength(1), POLLING)
  })
})
