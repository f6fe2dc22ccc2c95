import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { altinnParties } from '../../src/adapters/altinn/register.js'
import { parsers } from '../../src/adapters/bus/messageHandler.js'
import { tableDeliveryLog } from '../../src/adapters/tables/tableDeliveryLog.js'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { tableIdempotencyKeys } from '../../src/adapters/tables/tableIdempotencyKeys.js'
import { tableNightlyRuns } from '../../src/adapters/tables/tableNightlyRuns.js'
import { tablePending } from '../../src/adapters/tables/tablePending.js'
import { tableResourceStore, tableServiceOwnerStore } from '../../src/adapters/tables/tableResourceStore.js'
import { tableSearchIndex } from '../../src/adapters/tables/tableSearchIndex.js'
import { tableStatistics } from '../../src/adapters/tables/tableStatistics.js'
import { tableTusUploads } from '../../src/adapters/tables/tableTusUploads.js'
import { tables } from '../../src/config.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import type { FileTransfer } from '../../src/domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import { azuriteTables, type TestTable } from '../support/azurite.js'
import { all } from '../support/samples.js'
import type { SampleMessage, SampleRow, Samples } from './story.js'

// Rows stay for as long as transfers do, and messages are in flight while one release replaces another
// (docs/decisions/0036).

const folder = import.meta.dirname
const releases = readdirSync(folder).filter((name) => /^\d+\.\d+\.\d+$/.test(name))
const released: string = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8')).version

function samplesOf(release: string): Samples {
  const read = (kind: string) =>
    Object.fromEntries(
      readdirSync(join(folder, release, kind)).map((name) => {
        const lines = readFileSync(join(folder, release, kind, name), 'utf8')
          .trim()
          .split('\n')
        return [name.replace('.jsonl', ''), lines.map((line) => JSON.parse(line))]
      }),
    )
  return { tables: read('tables'), messages: read('messages') }
}

test('the release in package.json has kept samples', () => {
  expect(releases).toContain(released)
})

/** What a later release may add: a property in JSON, or a column. */
const added = <Value extends object>(value: Value): Value => ({ ...value, ofALaterRelease: { some: 'thing' } })
const rowOfLater = (row: SampleRow): SampleRow => {
  const isOneColumn = typeof row.json0 === 'string' && row.json1 === undefined
  return {
    ...row,
    ofALaterRelease: 'thing',
    ...(isOneColumn && { json0: JSON.stringify(added(JSON.parse(String(row.json0)))) }),
  }
}
const messageOfLater = (message: SampleMessage): SampleMessage => ({ ...message, body: added(message.body as object) })

const newTable = azuriteTables()

describe.each(releases)('rows of release %s', (release) => {
  const rows = samplesOf(release).tables

  describe.each([
    ['as they were written', (row: SampleRow) => row],
    ['with properties that a later release has added', rowOfLater],
  ])('%s', (_, changed) => {
    const stored: Record<string, TestTable> = {}
    beforeAll(async () => {
      for (const [name, some] of Object.entries(rows)) {
        const table = await newTable()
        stored[name] = table
        for (const row of some) await table.sdk.createEntity(changed(row) as { partitionKey: string; rowKey: string })
      }
    })
    const tableOf = (name: keyof typeof tables): TestTable => {
      const table = stored[tables[name]]
      if (!table) throw new Error(`There are no rows of ${name}.`)
      return table
    }
    const rowsIn = (name: keyof typeof tables) => rows[tables[name]] ?? []

    test('are file transfers whose facts lead to their states', async () => {
      const store = tableFileTransferStore(tableOf('fileTransfers'))
      const ids = [...new Set(rowsIn('fileTransfers').map(({ partitionKey }) => String(partitionKey)))]
      let facts = 0
      for (const id of ids) {
        const found = await store.readFacts(id, 1)
        if (!found) throw new Error(`${id} is not there.`)
        facts += found.facts.length
        const recorded = found.facts.map(({ fact }) => fact)
        // A later release may store more.
        expect(evolveAll(beforeInitialized(found.transfer), recorded)).toMatchObject(found.transfer)
      }
      const written = rowsIn('fileTransfers').filter(({ rowKey }) => String(rowKey).startsWith('event-'))
      expect(facts).toBe(written.length)
    })

    test('are TUS uploads', async () => {
      const uploads = tableTusUploads(tableOf('fileTransfers'))
      const written = rowsIn('fileTransfers').filter(({ rowKey }) => String(rowKey).startsWith('tus-'))
      for (const { partitionKey, rowKey, offset } of written) {
        const read = await uploads.read(String(partitionKey), String(rowKey).slice('tus-'.length))
        expect(String(read?.upload.offset)).toBe(offset)
      }
    })

    test('are timelines of searches', async () => {
      const table = tableOf('transfersByActor')
      const index = tableSearchIndex(table)
      const heads = rowsIn('transfersByActor').filter(({ rowKey }) => String(rowKey).startsWith('head:'))
      for (const { partitionKey, rowKey, sequence } of heads) {
        const [organization, resourceId = '', partition = 0] = String(partitionKey).split(':')
        const [, role, fileTransferId = ''] = String(rowKey).split(':')
        const named = { organization, resourceId: decodeURIComponent(resourceId), role } as Actor
        const actor = { ...named, partition: Number(partition) }
        const head = await index.readHead({ actor, fileTransferId, sequence: 1, timelines: [] })
        const found = await index.search(
          { ...actor, partitions: 8, roles: [actor.role], order: 'newest' },
          undefined,
          100,
        )

        expect(String(head?.sequence)).toBe((sequence as { value: string }).value)
        for (const key of head?.keys ?? []) await table.getEntity(String(partitionKey), key)
        expect(found.ids).toContain(fileTransferId)
      }
    })

    test('are deadlines and outbox entries', async () => {
      const unread: unknown[] = []
      const log = (...given: unknown[]) => void unread.push(given)
      const pending = tablePending(
        { due: tableOf('due'), before020: tableOf('outboxBefore020') },
        () => new Date(),
        log,
      )
      const due = await all(pending.due.dueBy(new Date('2100-01-01')))
      const outbox = await all(pending.outbox.all())

      expect(unread).toEqual([])
      expect([due.length, outbox.length]).toEqual([rowsIn('due').length, rowsIn('outboxBefore020').length])
    })

    test('are resources and service owners', async () => {
      for (const { partitionKey } of rowsIn('resources')) {
        const id = decodeURIComponent(String(partitionKey))
        expect((await tableResourceStore(tableOf('resources')).read(id))?.resource.id).toBe(id)
      }
      for (const { partitionKey } of rowsIn('serviceOwners')) {
        const owner = await tableServiceOwnerStore(tableOf('serviceOwners')).read(partitionKey as OrganizationNumber)
        expect(owner).toEqual({ organization: partitionKey, name: 'Eier', storageReadyAt: expect.any(Date) })
      }
    })

    test('are cached parties, for which Altinn is not called again', async () => {
      const nobody = () => Promise.reject(new Error('Altinn was asked.'))
      for (const { partitionKey, partyId, unknownAt } of rowsIn('parties')) {
        const at = new Date((unknownAt as { value: string } | undefined)?.value ?? 0)
        const parties = altinnParties(nobody, tableOf('parties'), () => at)
        expect(await parties.partyId(partitionKey as OrganizationNumber)).toBe(partyId)
      }
    })

    test('are idempotency keys that bind', async () => {
      for (const { partitionKey, rowKey, fileTransferId } of rowsIn('idempotencyKeys')) {
        const claim = { fileTransferId: 'another', requestHash: '', at: new Date() }
        const keys = tableIdempotencyKeys(tableOf('idempotencyKeys'))
        const claimed = await keys.claim(
          partitionKey as OrganizationNumber,
          decodeURIComponent(String(rowKey)),
          claim,
          new Date(0),
        )
        expect(claimed.fileTransferId).toBe(fileTransferId)
      }
    })

    test('are statistics, and the months that have changed after their end', async () => {
      const statistics = tableStatistics(tableOf('monthlyStatistics'))
      const late = rowsIn('monthlyStatistics').filter(({ partitionKey }) => partitionKey === 'late')
      const months = await statistics.months()
      const counted = await Promise.all(months.map((month) => all(statistics.ofMonth(month))))

      expect(counted.flat()).toHaveLength(rowsIn('monthlyStatistics').length - late.length)
      for (const { rowKey } of late) expect(await statistics.lastLateChange(String(rowKey))).toBeInstanceOf(Date)
    })

    test('are when nightly tasks ran', async () => {
      const nightlyRuns = tableNightlyRuns(tableOf('nightlyRuns'))

      for (const { partitionKey } of rowsIn('nightlyRuns')) {
        expect((await nightlyRuns.read(String(partitionKey)))?.run.doneAt).toBeInstanceOf(Date)
      }
    })

    test('are attempts to deliver an event', async () => {
      const log = tableDeliveryLog(tableOf('eventDeliveries'))
      const ids = new Set(rowsIn('eventDeliveries').map(({ partitionKey }) => String(partitionKey)))
      const records = await Promise.all([...ids].map((id) => log.ofFileTransfer(id)))

      expect(records.reduce((sum, { size }) => sum + size, 0)).toBe(rowsIn('eventDeliveries').length)
    })
  })
})

type Actor = { organization: OrganizationNumber; resourceId: string; role: 'Sender' | 'Recipient' }

/** The transfer as it was before its first fact. */
function beforeInitialized({ publishedAt, withdrawnAt, ...transfer }: FileTransfer): FileTransfer {
  const { id, resourceId, serviceOwner, sender, vendor, fileName, sendersFileTransferReference } = transfer
  const { propertyList, checksum, useVirusScan, createdAt, expirationTime } = transfer
  const recipients = Object.keys(transfer.recipients).map((each) => [
    each,
    { status: 'Initialized', changedAt: createdAt },
  ])
  return {
    id,
    resourceId,
    serviceOwner,
    sender,
    ...(vendor && { vendor }),
    fileName,
    sendersFileTransferReference,
    propertyList,
    checksum,
    useVirusScan,
    createdAt,
    expirationTime,
    recipients: Object.fromEntries(recipients),
    sequence: 0,
    lastFactAt: createdAt,
    statusChangedAt: createdAt,
    deadlines: [],
    status: 'Initialized',
  }
}

describe.each(releases)('messages of release %s', (release) => {
  const parserOf = new Map<string, (body: unknown) => unknown>(Object.entries(parsers))
  const messages = Object.entries(samplesOf(release).messages)

  test.each(messages)('are parsed from %s, also with properties that a later release has added', (queue, some) => {
    const parse = parserOf.get(queue)
    if (!parse) throw new Error(`Nobody reads ${queue}.`)
    for (const message of some) {
      const read = parse(message.body)
      // What the scanner says is kept as it came.
      if (queue !== 'malwareScanResults') expect(JSON.parse(JSON.stringify(read))).toEqual(message.body)
      else expect(read).toHaveLength(1)
      expect(parse(messageOfLater(message).body)).toEqual(read)
    }
  })
})
