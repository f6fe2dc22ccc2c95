import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  searchPartitionOf,
  searchPartitionsOf,
  withMorePartitions,
  withPartition,
} from '../../../src/domain/projections/searchPartitions.js'
import { newResource } from '../../../src/domain/resource.js'
import { sender } from '../../support/samples.js'

const resource = (searchPartitions?: number) => ({
  ...newResource('bilag', sender),
  ...(searchPartitions && { searchPartitions }),
})

describe('search partitions', () => {
  test('are one at first', () => {
    expect(searchPartitionsOf(resource())).toBe(1)
  })

  test('take new transfers evenly', () => {
    const manyIds = fc.sample(fc.uuid({ version: 4 }), { numRuns: 4000, seed: 1 })
    for (const partitions of [1, 2, 4, 8]) {
      const sizes = Map.groupBy(manyIds, (id) => searchPartitionOf(id, partitions))

      expect([...sizes.keys()].toSorted()).toEqual(Array.from({ length: partitions }, (_, each) => each))
      const share = manyIds.length / partitions
      for (const { length } of sizes.values()) expect(Math.abs(length - share)).toBeLessThan(0.25 * share)
    }
  })

  test('double up to eight when one of the newer half is busy, and are left as they are when an older one is', () => {
    const grown = (partitions: number, busy: number) => withMorePartitions(resource(partitions), busy)?.searchPartitions

    expect([grown(1, 0), grown(2, 1), grown(4, 2), grown(4, 3)]).toEqual([2, 4, 8, 8])
    expect([grown(2, 0), grown(4, 0), grown(4, 1)]).toEqual([undefined, undefined, undefined])
    expect([0, 3, 4, 7].map((busy) => grown(8, busy))).toEqual(Array(4).fill(undefined))
  })

  test('keep the other settings when they grow', () => {
    const before = { ...resource(), graceSeconds: 60 }

    expect(withMorePartitions(before, 0)).toEqual({ ...before, searchPartitions: 2 })
  })

  test('are as many as a search needs to find the one that is given, and no fewer than before', () => {
    const powers = fc.constantFrom(1, 2, 4, 8)
    fc.assert(
      fc.property(powers, fc.nat({ max: 7 }), (partitions, partition) => {
        const after = searchPartitionsOf(withPartition(resource(partitions), partition) ?? resource(partitions))

        expect(after).toBeGreaterThan(partition)
        expect(after).toBeGreaterThanOrEqual(partitions)
        expect([1, 2, 4, 8]).toContain(after)
        expect(after === partitions || after <= 2 * partition).toBe(true)
      }),
    )
  })
})
