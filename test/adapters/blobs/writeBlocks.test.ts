import { describe, expect, test } from 'vitest'
import { blockBytesAt } from '../../../src/adapters/blobs/writeBlocks.js'
import { MAX_BYTES } from '../../../src/domain/resource.js'

const MIB = 2 ** 20

describe('the blocks of a file', () => {
  test.each([0, 100e9, 500e9, MAX_BYTES])('are never too many when it has at most %i bytes', (mostBytes) => {
    const sizes = Array.from({ length: 50_000 }, (_, index) => blockBytesAt(index, mostBytes))

    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(mostBytes)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(34 * MIB)
  })

  test('are small at first, whatever the resource allows', () => {
    const sizes = [0, 2047, 2048].map((index) => Math.floor(blockBytesAt(index, MAX_BYTES) / MIB))

    expect(sizes).toEqual([8, 8, 33])
  })
})
