import { describe, expect, test } from 'vitest'
import type { FileTransferStatus } from '../../../src/domain/fileTransfer/state.js'
import { isDecided } from '../../../src/domain/fileTransfer/statusAfter.js'

const at = (...statuses: FileTransferStatus[]) => statuses

describe('whether a status can still be waited for', () => {
  test.each(at('Published', 'AllConfirmedDownloaded', 'Failed', 'Cancelled', 'Purged'))(
    'Published cannot, of one that is %s',
    (status) => expect(isDecided(status, 'Published')).toBe(true),
  )

  test.each(at('Initialized', 'UploadStarted', 'UploadProcessing'))('Published can, of one that is %s', (status) =>
    expect(isDecided(status, 'Published')).toBe(false),
  )

  // A file may be withdrawn as malware, or by its sender, after all have confirmed.
  test.each(at('Published', 'AllConfirmedDownloaded'))('Failed and Cancelled can, of one that is %s', (status) => {
    expect(isDecided(status, 'Failed')).toBe(false)
    expect(isDecided(status, 'Cancelled')).toBe(false)
  })

  test('Failed and Cancelled exclude each other, and Purged is the end of all', () => {
    expect(isDecided('Failed', 'Cancelled')).toBe(true)
    expect(isDecided('Cancelled', 'Failed')).toBe(true)
    expect(isDecided('Failed', 'Purged')).toBe(false)
    expect(isDecided('Purged', 'Failed')).toBe(true)
  })
})
