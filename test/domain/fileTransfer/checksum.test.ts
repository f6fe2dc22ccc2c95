import { describe, expect, test } from 'vitest'
import { matchesChecksum, needsHashing } from '../../../src/domain/fileTransfer/checksum.js'
import type { Digests, StoredFile } from '../../../src/domain/fileTransfer/state.js'
import { initialized, unread } from '../../support/builders.js'

describe('the MD5 of an upload', () => {
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e'

  test.each(['', '  ', null])('matches when the sender gave no checksum: %j', (checksum) => {
    expect(matchesChecksum({ ...initialized(), checksum }, { md5 })).toBe(true)
  })

  test('matches the same checksum, whatever its case', () => {
    expect(matchesChecksum(initialized({ checksum: md5.toUpperCase() }), { md5 })).toBe(true)
  })

  test('does not match another checksum', () => {
    expect(matchesChecksum(initialized({ checksum: '0'.repeat(32) }), { md5 })).toBe(false)
  })
})

describe('the SHA-256 of an upload', () => {
  const [sha256, another] = ['a'.repeat(64), 'b'.repeat(64)]
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e'

  test.each<[boolean, string, Digests]>([
    [true, 'is the one that was given', { sha256 }],
    [false, 'is another', { sha256: another }],
    [true, 'is not known yet', { md5 }],
    [false, 'is right, and the MD5 is another', { md5: '0'.repeat(32), sha256 }],
    [false, 'is another, and the MD5 is right', { md5, sha256: another }],
  ])('matches: %s, when it %s', (isMatch, _, digests) => {
    const transfer = initialized({ checksum: md5, checksumSha256: sha256 })

    expect(matchesChecksum(transfer, digests)).toBe(isMatch)
  })

  test.each<[boolean, string, Partial<StoredFile>, string | undefined]>([
    [true, 'there is one to compare, and none is known', { md5 }, sha256],
    [true, 'that is so of a file from a link', { link: { until: new Date(0) } }, sha256],
    [false, 'it is known already', { md5, sha256 }, sha256],
    [false, 'there is none to compare', { md5 }, undefined],
  ])('needs another reading: %s, when %s', (isNeeded, _, known, checksumSha256) => {
    const bare = unread()
    const transfer = initialized(checksumSha256 === undefined ? {} : { checksumSha256 })

    expect(needsHashing(transfer, { ...bare, ...known })).toBe(isNeeded)
  })
})
