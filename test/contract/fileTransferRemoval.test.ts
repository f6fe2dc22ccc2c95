import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableFileTransferRemoval } from '../../src/adapters/tables/tableFileTransferRemoval.js'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import type { Fact } from '../../src/domain/fileTransfer/state.js'
import type { FileTransferRemoval, FileTransferStore } from '../../src/usecases/ports/fileTransfers.js'
import { memoryFileTransferStore } from '../memory/memoryFileTransferStore.js'
import { azuriteTables } from '../support/azurite.js'
import { all, at, initialized, kari, later } from '../support/samples.js'

type Made = { transfers: FileTransferStore; removal: FileTransferRemoval }

const downloads = (count: number): Fact[] =>
  Array.from({ length: count }, (_, i) => ({ type: 'DownloadStarted', number: 1, recipient: kari, at: later(i + 1) }))

async function stored({ transfers }: Made, resourceId = 'bilag', facts: Fact[] = []) {
  const begun = initialized({ resourceId })
  const first = await transfers.commit(begun.transfer, begun.facts, 'first', undefined)
  if (facts.length === 0) return { transfer: begun.transfer, version: first }
  let [transfer, version] = [begun.transfer, first]
  for (let i = 0; i < facts.length; i += 90) {
    const some = facts.slice(i, i + 90)
    transfer = evolveAll(transfer, some)
    version = await transfers.commit(transfer, some, `change-${i}`, version)
  }
  return { transfer, version }
}

function fileTransferRemovalContract(name: string, make: () => Promise<Made>) {
  describe(`removing file transfers from ${name}`, () => {
    test('finds those of one resource that were created before a time', async () => {
      const made = await make()
      const mine = [await stored(made), await stored(made, 'bilag', downloads(3))].map(({ transfer }) => transfer.id)
      await stored(made, 'another')

      expect((await all(made.removal.ofResource('bilag', later(0.001)))).toSorted()).toEqual(mine.toSorted())
      expect(await all(made.removal.ofResource('bilag', at))).toEqual([])
      expect(await all(made.removal.ofResource("it's", later(1)))).toEqual([])
    })

    test('takes away the state and every fact, and nothing of others', async () => {
      const made = await make()
      const { transfer, version } = await stored(made, 'bilag', downloads(250))
      const other = await stored(made)

      expect(await made.removal.remove(transfer.id, version)).toBe('removed')

      expect(await made.transfers.read(transfer.id)).toBeUndefined()
      expect(await made.transfers.readFacts(transfer.id, 1)).toBeUndefined()
      for (const sequence of [1, 2, 251]) expect(await made.transfers.changeIdAt(transfer.id, sequence)).toBeUndefined()
      expect(await made.transfers.read(other.transfer.id)).toStrictEqual(other)
      expect(await all(made.removal.ofResource('bilag', later(1)))).toEqual([other.transfer.id])
    })

    test('takes away nothing when the transfer has changed since it was read', async () => {
      const made = await make()
      const { transfer, version } = await stored(made)
      const facts = downloads(1)
      await made.transfers.commit(evolveAll(transfer, facts), facts, 'second', version)

      expect(await made.removal.remove(transfer.id, version)).toBe('conflict')
      expect(await made.removal.remove(transfer.id, undefined)).toBe('conflict')

      expect((await made.transfers.readFacts(transfer.id, 1))?.facts).toHaveLength(2)
    })

    test('may be repeated', async () => {
      const made = await make()
      const { transfer, version } = await stored(made)

      const answers = [version, version, undefined].map((each) => () => made.removal.remove(transfer.id, each))
      for (const ask of answers) expect(await ask()).toBe('removed')

      expect(await made.removal.remove(randomUUID(), undefined)).toBe('removed')
    })

    test('leaves a change that was under way without a transfer to change', async () => {
      const made = await make()
      const { transfer, version } = await stored(made)
      await made.removal.remove(transfer.id, version)
      const facts = downloads(1)

      expect(await made.transfers.commit(evolveAll(transfer, facts), facts, 'late', version)).toBe('conflict')
      expect(await made.transfers.read(transfer.id)).toBeUndefined()
    })
  })
}

const makeTable = azuriteTables()
fileTransferRemovalContract('memory', async () => {
  const transfers = memoryFileTransferStore()
  return { transfers, removal: transfers }
})
fileTransferRemovalContract('an Azure table', async () => {
  const table = await makeTable()
  return { transfers: tableFileTransferStore(table), removal: tableFileTransferRemoval(table) }
})

describe('a removal in an Azure table', () => {
  test('that was cut off after the state is finished when it is begun again', async () => {
    const table = await makeTable()
    const made = { transfers: tableFileTransferStore(table), removal: tableFileTransferRemoval(table) }
    const { transfer } = await stored(made, 'bilag', downloads(5))
    await table.deleteEntity(transfer.id, 'state')

    expect(await made.removal.remove(transfer.id, undefined)).toBe('removed')

    expect(await all(table.sdk.listEntities())).toEqual([])
  })
})
