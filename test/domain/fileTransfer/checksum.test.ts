import { describe, expect, test } from 'vitest'
import { matchesChecksum } from '../../../src/domain/fileTransfer/checksum.js'
import { initialized } from '../../support/builders.js'

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
