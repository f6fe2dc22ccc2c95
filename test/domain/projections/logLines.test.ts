import { expect, test } from 'vitest'
import { failureReasons } from '../../../src/domain/fileTransfer/failure.js'
import { withDetails } from '../../../src/domain/fileTransfer/scanDetails.js'
import type { Fact } from '../../../src/domain/fileTransfer/state.js'
import { logLinesOf } from '../../../src/domain/projections/logLines.js'
import {
  attempt,
  file,
  fileTransferId,
  inSeconds,
  kari,
  oneFactOfEach,
  otherAttempt,
  published,
  verdict,
} from '../../support/builders.js'

const at = inSeconds(200)

test.each<[Fact['type'], string, Record<string, string | number>]>([
  ['Initialized', 'fileTransfer.initialized', { resourceId: 'letters', recipients: 2 }],
  ['UploadStarted', 'upload.started', { attemptId: attempt }],
  ['UploadContinued', 'upload.continued', { idleAt: at.toISOString() }],
  ['UploadLinkGiven', 'upload.continued', { idleAt: at.toISOString() }],
  ['UploadAbandoned', 'upload.abandoned', { attemptId: attempt }],
  ['UploadCompleted', 'upload.completed', { attemptId: attempt, sizeBytes: file().sizeBytes }],
  ['ScanVerdictRecorded', 'scan.verdictRecorded', { attemptId: attempt, result: 'Clean' }],
  ['UploadChecked', 'upload.checked', {}],
  ['UploadFailed', 'fileTransfer.failed', { reason: 'any' }],
  ['Published', 'fileTransfer.published', {}],
  ['FileWithdrawn', 'fileTransfer.withdrawn', { reason: 'any' }],
  ['DownloadStarted', 'download.started', {}],
  ['DownloadConfirmed', 'download.confirmed', {}],
  ['DownloadReminded', 'fileTransfer.reminded', { recipients: 1 }],
  ['AllConfirmedDownloaded', 'fileTransfer.allConfirmed', {}],
  ['Purged', 'fileTransfer.purged', {}],
  ['Cancelled', 'fileTransfer.cancelled', {}],
  ['ExpiryChanged', 'fileTransfer.expiryChanged', { expirationTime: inSeconds(900).toISOString() }],
  ['Unlisted', 'fileTransfer.unlisted', {}],
])('%s is logged as %s', (type, event, details) => {
  expect(logLinesOf(published(), [oneFactOfEach[type]], 4)).toEqual([
    { event, details: { fileTransferId, sequence: 4, ...details } },
  ])
})

test('each fact of a change has its own number, and its author', () => {
  const by = { organization: kari, clientId: 'archive' }
  const facts: Fact[] = [
    { type: 'DownloadConfirmed', recipient: kari, by, at },
    { type: 'AllConfirmedDownloaded', at },
  ]

  expect(logLinesOf(published(), facts, 7).map(({ details }) => details)).toEqual([
    { fileTransferId, sequence: 7, by: kari, clientId: 'archive' },
    { fileTransferId, sequence: 8 },
  ])
})

test('several attempts that are abandoned at once stand in one line', () => {
  const fact: Fact = { type: 'UploadAbandoned', released: [attempt, otherAttempt], at }

  expect(logLinesOf(published(), [fact], 1)[0]?.details.attemptId).toBe(`${attempt} ${otherAttempt}`)
})

test('what the scanner found is not logged: it may name files', () => {
  const found: Fact = { type: 'ScanVerdictRecorded', attemptId: attempt, verdict: verdict('Malicious'), at }
  const reason = withDetails(failureReasons.malicious, 'EICAR')
  const released = [attempt]
  const failures: Fact[] = [
    { type: 'UploadFailed', reason, released, at },
    { type: 'FileWithdrawn', reason, released, at },
  ]

  expect(logLinesOf(published(), [found, ...failures], 1).map(({ details }) => details)).toMatchObject([
    { result: 'Malicious' },
    { reason: failureReasons.malicious },
    { reason: failureReasons.malicious },
  ])
  expect(JSON.stringify(logLinesOf(published(), [found, ...failures], 1))).not.toContain('EICAR')
})
