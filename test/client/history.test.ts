import { describe, expect, test } from 'vitest'
import { historyOf } from '../../clients/typescript/src/cli/commands/history.js'
import type { FileTransferDetails, FileTransferStatus, RecipientStatus } from '../../clients/typescript/src/index.js'
import { KARI, OLA } from '../support/journey.js'

const own = (second: number, fileTransferStatus: FileTransferStatus) => ({
  fileTransferStatus,
  fileTransferStatusText: '',
  fileTransferStatusChanged: `2026-11-28T14:00:0${second}.000+00:00`,
})
const by = (second: number, recipient: string, recipientFileTransferStatusCode: RecipientStatus) => ({
  recipient,
  recipientFileTransferStatusCode,
  recipientFileTransferStatusText: '',
  recipientFileTransferStatusChanged: `2026-11-28T14:00:0${second}.000+00:00`,
})

describe('the history of a file transfer', () => {
  test('is in the order of the events, also where several happened at the same moment', () => {
    const details = {
      fileTransferStatusHistory: [
        own(0, 'Initialized'),
        own(0, 'UploadStarted'),
        own(1, 'UploadProcessing'),
        own(1, 'Published'),
        own(5, 'AllConfirmedDownloaded'),
        own(5, 'Purged'),
      ],
      recipientFileTransferStatusHistory: [
        by(0, KARI, 'Initialized'),
        by(0, OLA, 'Initialized'),
        by(1, KARI, 'DownloadStarted'),
        by(3, OLA, 'DownloadConfirmed'),
        by(2, OLA, 'DownloadStarted'),
        by(5, KARI, 'DownloadConfirmed'),
      ],
    } as FileTransferDetails

    expect(historyOf(details).map(({ status, by }) => [status, by].filter(Boolean).join(' '))).toEqual([
      'Initialized',
      'UploadStarted',
      'UploadProcessing',
      'Published',
      `DownloadStarted ${KARI}`,
      `DownloadStarted ${OLA}`,
      `DownloadConfirmed ${OLA}`,
      `DownloadConfirmed ${KARI}`,
      'AllConfirmedDownloaded',
      'Purged',
    ])
  })
})
