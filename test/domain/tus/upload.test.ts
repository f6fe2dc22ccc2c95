import { describe, expect, test } from 'vitest'
import { MAX_BYTES } from '../../../src/domain/resource.js'
import {
  blockBytesOfPart,
  blockBytesOfWhole,
  blockIds,
  expiresAt,
  isComplete,
  isLeased,
  MAX_BLOCKS,
  nextPosition,
  partsInOrder,
  releaseLease,
  renewLease,
  type Stored,
  type TusUpload,
  WHOLE,
  withLease,
  withStored,
} from '../../../src/domain/tus/upload.js'
import { at, later } from '../../support/samples.js'

const upload = (more: Partial<TusUpload> = {}): TusUpload => ({
  id: WHOLE,
  attemptId: 'one',
  lengthBytes: 100,
  metadata: undefined,
  lastByteAt: at,
  blockBytes: 10,
  offset: 0,
  uploader: { organization: undefined, subject: undefined },
  blocks: [],
  lease: 0,
  ...more,
})

describe('a writer', () => {
  test('leases the upload for 30 seconds, renews the lease while it writes, and releases it', () => {
    const taken = withLease(upload(), at)

    expect(taken.lease).toBe(1)
    expect([isLeased(taken, later(29)), isLeased(taken, later(30))]).toEqual([true, false])
    expect(isLeased(renewLease(taken, later(20)), later(49))).toBe(true)
    expect(isLeased(withStored(taken, { blocks: 1, bytes: 10 }, later(20)), later(49))).toBe(true)
    expect(isLeased(releaseLease(taken), at)).toBe(false)
    expect(isLeased(upload(), at)).toBe(false)
  })

  test('adds full blocks, and a tail after them', () => {
    const taken = withLease(upload(), at)

    const after = withStored(taken, { blocks: 2, bytes: 23, tail: { name: 't1', sizeBytes: 3 } }, later(5))

    expect(after).toMatchObject({ offset: 23, blocks: [{ lease: 1, count: 2 }], tail: { name: 't1', sizeBytes: 3 } })
    expect(after.lastByteAt).toEqual(later(5))
  })

  test('continues from the tail, whose bytes count once', () => {
    const before = upload({
      offset: 23,
      blocks: [{ lease: 1, count: 2 }],
      tail: { name: 't1', sizeBytes: 3 },
      lease: 1,
    })

    const after = withStored(withLease(before, at), { blocks: 1, bytes: 10 }, later(5))

    expect(after).toMatchObject({
      offset: 30,
      lease: 2,
      blocks: [
        { lease: 1, count: 2 },
        { lease: 2, count: 1 },
      ],
    })
    expect(after.tail).toBeUndefined()
    expect(nextPosition(after)).toBe(3)
  })

  test('that adds nothing does not extend the upload', () => {
    const before = upload({ offset: 3, tail: { name: 't1', sizeBytes: 3 } })

    const after = withStored(withLease(before, later(5)), { blocks: 0, bytes: 3, tail: before.tail }, later(5))

    expect([after.offset, after.lastByteAt, expiresAt(after, 60)]).toEqual([3, at, later(60)])
  })
})

describe('the MD5 of an upload', () => {
  const half = upload({ offset: 10, blocks: [{ lease: 1, count: 1 }], md5State: 'of one block', lease: 1 })

  test.each<[string, Stored, Partial<TusUpload>]>([
    ['goes on with the blocks', { blocks: 1, bytes: 10, md5State: 'of two blocks' }, { md5State: 'of two blocks' }],
    ['stays where only a tail is added', { blocks: 0, bytes: 3, md5State: 'of a tail' }, { md5State: 'of one block' }],
    ['is kept with the last bytes', { blocks: 1, bytes: 10, md5: 'of all' }, { md5: 'of all' }],
    ['is not computed where none is given', { blocks: 1, bytes: 10 }, {}],
  ])('%s', (_, stored, expected) => {
    const { md5State, md5 } = withStored(withLease(half, at), stored, later(5))

    expect({ md5State, md5 }).toEqual({ md5State: undefined, md5: undefined, ...expected })
  })

  test('is no property of an upload without one', () => {
    const after = withStored(withLease(upload(), at), { blocks: 0, bytes: 3 }, later(5))

    expect(Object.keys(after)).not.toEqual(expect.arrayContaining(['md5State']))
    expect(Object.keys(after)).not.toEqual(expect.arrayContaining(['md5']))
    expect(after.blocks).toEqual([])
  })
})

describe('blocks', () => {
  test('have ids of one length that are unique by lease, partial upload and position', () => {
    const blocks = [
      { lease: 1, count: 2 },
      { lease: 123_456, count: 2 },
    ]

    const ids = [
      ...blockIds(upload({ blocks })),
      ...blockIds(upload({ blocks: [{ lease: 3, count: 4 }] })),
      ...blockIds(upload({ id: 'a'.repeat(32), blocks })),
    ]

    expect(new Set(ids).size).toBe(12)
    expect(new Set(ids.map(({ length }) => length)).size).toBe(1)
    expect(atob(ids[3] ?? '')).toBe(`${WHOLE}000012345600000003`)
    expect(Math.max(...ids.map((id) => Buffer.from(id, 'base64').length))).toBeLessThanOrEqual(64)
  })

  test.each([0, 1, 50e9, 100 * 2 ** 30, 2 ** 40, MAX_BYTES])('are never too many for a file of %i bytes', (length) => {
    const short = Math.min(length, 16 * 2 ** 30)
    const blocksOfParts =
      Math.ceil(short / blockBytesOfPart(length, short)) +
      Math.ceil((length - short) / blockBytesOfPart(length, length))

    expect(Math.ceil(length / blockBytesOfWhole(length))).toBeLessThanOrEqual(MAX_BLOCKS)
    expect(blocksOfParts + 5000).toBeLessThanOrEqual(MAX_BLOCKS)
  })

  test.each([0, 1, 4 * 2 ** 20 * 40_904])('have 4 MiB each up to %i bytes', (length) => {
    expect([blockBytesOfWhole(length), blockBytesOfPart(length, length)]).toEqual([4 * 2 ** 20, 4 * 2 ** 20])
  })

  test('of partial uploads have 4 MiB as long as these have 16 GiB together, whatever the resource allows', () => {
    expect(blockBytesOfPart(MAX_BYTES, 16 * 2 ** 30)).toBe(4 * 2 ** 20)
    expect(blockBytesOfPart(MAX_BYTES, 16 * 2 ** 30 + 1)).toBe(Math.ceil(MAX_BYTES / 40_904))
  })
})

describe('partial uploads', () => {
  const part = (letter: string, more: Partial<TusUpload> = {}) =>
    upload({ id: letter.repeat(32), lengthBytes: 10, offset: 10, blocks: [{ lease: 1, count: 1 }], ...more })
  const [a, b, whole] = [part('a'), part('b'), upload({ lengthBytes: 5, offset: 5 })]

  test('are concatenated up to the most blocks of a blob', () => {
    const large = part('b', { blocks: [{ lease: 1, count: MAX_BLOCKS - 1 }] })

    expect(partsInOrder([a, large], [a.id, large.id])).toEqual([a, large])
  })

  test('are concatenated in the order of the request', () => {
    expect(isComplete(a)).toBe(true)
    expect(partsInOrder([a, b, whole], [b.id, a.id])).toEqual([b, a])
  })

  test.each<[string, TusUpload[], string[]]>([
    ['PartTwice', [a, b], [a.id, a.id]],
    ['PartMissing', [a, b], [a.id, 'c'.repeat(32)]],
    ['PartMissing', [a, whole], [WHOLE]],
    ['PartMissing', [a], []],
    ['PartUnfinished', [a, part('b', { offset: 9 })], [a.id, b.id]],
    ['PartsOfSeveralUploads', [a, part('b', { attemptId: 'two' })], [a.id, b.id]],
    ['TooManyBlocks', [a, part('b', { blocks: [{ lease: 1, count: MAX_BLOCKS }] })], [a.id, b.id]],
  ])('are not concatenated: %s', (why, uploads, order) => {
    expect(partsInOrder(uploads, order)).toBe(why)
  })

  test('of no bytes are complete immediately', () => {
    expect(isComplete(part('a', { lengthBytes: 0, offset: 0 }))).toBe(true)
  })
})
