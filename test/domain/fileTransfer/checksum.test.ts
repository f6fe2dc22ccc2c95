import { describe, expect, test } from 'vitest'
import { matchesChecksum } from '../../../src/domain/fileTransfer/checksum.js'
import { initialized } from '../../support/builders.js'

describe('the bytes of an upload', () => {
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e'

  test.each(['', '  ', null])('are as promised without a promise: %j', (checksum) => {
    expect(matchesChecksum({ ...initialized(), checksum }, md5)).toBe(true)
  })

  test('are as promised when the MD5 is the same, whatever its case', () => {
    expect(matchesChecksum(initialized({ checksum: md5.toUpperCase() }), md5)).toBe(true)
  })

  test('are not as promised when it is another', () => {
    expect(matchesChecksum(initialized({ checksum: '0'.repeat(32) }), md5)).toBe(false)
  })
})
