import { expect, test } from 'vitest'
import { timelineOf } from '../../clients/console/src/format/timeline.js'
import type { FileTransferDetails } from '../../clients/typescript/src/wire/types.js'

const at = (second: number) => `2026-11-26T08:00:0${second}+00:00`
const status = (fileTransferStatus: FileTransferDetails['fileTransferStatus'], second: number) => ({
  fileTransferStatus,
  fileTransferStatusText: '',
  fileTransferStatusChanged: at(second),
})
const recipientStatus = (code: 'Initialized' | 'DownloadStarted' | 'DownloadConfirmed', second: number) => ({
  recipient: '0192:986252932',
  recipientFileTransferStatusCode: code,
  recipientFileTransferStatusText: '',
  recipientFileTransferStatusChanged: at(second),
})

test('a timeline has all that happened, in the order of time, and a cause before what follows from it', () => {
  const histories = {
    fileTransferStatusHistory: [status('Initialized', 0), status('Published', 1), status('AllConfirmedDownloaded', 3)],
    recipientFileTransferStatusHistory: [
      recipientStatus('Initialized', 0),
      recipientStatus('DownloadStarted', 2),
      recipientStatus('DownloadConfirmed', 3),
    ],
    reminderHistory: [{ reminded: at(2), recipients: ['0192:986252932'] }],
  }

  const happened = timelineOf(histories as FileTransferDetails)

  expect(happened.map((each) => each.status)).toEqual([
    'Initialized',
    'Published',
    'Reminded',
    'DownloadStarted',
    'DownloadConfirmed',
    'AllConfirmedDownloaded',
  ])
})

test('a timeline has the changes of the expiry', () => {
  const change = { previousExpirationTime: at(8), expirationTime: at(9), expirationTimeChanged: at(2) }
  const histories = {
    fileTransferStatusHistory: [status('Published', 1), status('Purged', 9)],
    recipientFileTransferStatusHistory: [],
    expiryHistory: [change],
  }

  expect(timelineOf(histories as unknown as FileTransferDetails)[1]).toEqual({
    at: at(2),
    status: 'ExpiryChanged',
    until: at(9),
  })
})
