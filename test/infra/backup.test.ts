import { describe, expect, test } from 'vitest'
import { BACKUPS_CONTAINER } from '../../src/adapters/blobs/azureBackups.js'
import { tables } from '../../src/config.js'
import { partsToBackUp } from '../../src/domain/operating/backup.js'
import { textOf } from './snapshot.js'

describe('backups', () => {
  test('hold the tables that the decision says, which says so of each', () => {
    const rows = [...textOf('docs/decisions/0034-backup.md').matchAll(/^\| `(\w+)` +\| (yes|no) /gm)]
    const decided = new Map(rows.map(([, name = '', answer]) => [name, answer]))

    expect([...decided.keys()].toSorted()).toEqual(Object.values(tables).toSorted())
    expect(
      Object.values(tables)
        .filter((name) => decided.get(name) === 'yes')
        .toSorted(),
    ).toEqual([...new Set(partsToBackUp(tables).map(({ table }) => table))].toSorted())
  })

  test('go to the container that has a policy', () => {
    const template = textOf('infra/modules/backup.bicep')

    expect(template).toContain(`var container = '${BACKUPS_CONTAINER}'`)
    expect(template).toMatch(/parent: store::blobs::backups\n/)
  })

  test('are kept by it for longer than a full one lasts, and deleted after that', () => {
    const template = textOf('infra/modules/backup.bicep')
    const days = (name: string) => Number(new RegExp(`param ${name} int = (\\d+)`).exec(template)?.[1])

    expect(days('immutableDays')).toBeGreaterThanOrEqual(14)
    expect(days('deletedAfterDays')).toBeGreaterThan(days('immutableDays'))
  })
})
