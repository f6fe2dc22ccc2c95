import { describe, expect, test } from 'vitest'
import { historyOf, recipientLines } from '../../clients/typescript/src/cli/commands/history.js'
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

describe('the recipients', () => {
  const recipients = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      recipient: `${index}`,
      currentRecipientFileTransferStatusCode: (index < 2 ? 'DownloadConfirmed' : 'Initialized') as RecipientStatus,
      currentRecipientFileTransferStatusText: '',
      currentRecipientFileTransferStatusChanged: '',
    }))

  test('are listed by name, and counted when they are many', () => {
    const naming = (party: string) => `Name ${party}`

    expect(recipientLines(recipients(20), naming)).toHaveLength(20)
    expect(recipientLines(recipients(3), naming)[2]).toBe('to Name 2: Initialized')
    expect(recipientLines(recipients(1000), naming)).toEqual([
      'to 1000 recipients: 998 Initialized, 0 DownloadStarted, 2 DownloadConfirmed (all of them with --json)',
    ])
  })
})
