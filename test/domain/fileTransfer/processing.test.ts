import { describe, expect, test } from 'vitest'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { checkUpload, recordVerdict } from '../../../src/domain/fileTransfer/processing.js'
import type { FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { completeUpload } from '../../../src/domain/fileTransfer/upload.js'
import { ok } from '../../../src/domain/result.js'
import {
  allConfirmed,
  attempt,
  cancelled,
  deadlineSettings,
  factsOf,
  failed,
  file,
  initialized,
  inSeconds,
  otherAttempt,
  processing,
  published,
  purged,
  unread,
  uploadStarted,
  verdict,
} from '../../support/builders.js'

const at = inSeconds(200)
const unscanned = { disableVirusScan: true }
const ended = [failed(), cancelled(), purged()]
const checked = (transfer: FileTransfer) => evolveAll(transfer, factsOf(checkUpload(transfer, attempt, true, at)))
const scanned = (transfer: FileTransfer, said = verdict()) =>
  evolveAll(transfer, factsOf(recordVerdict(transfer, attempt, said, at)))
const completed = (transfer: FileTransfer) =>
  evolveAll(transfer, factsOf(completeUpload(transfer, unread(), deadlineSettings, at)))

describe('checking an upload', () => {
  test('publishes a file that needs no scan', () => {
    expect(checkUpload(processing(unscanned), attempt, true, at)).toEqual(
      ok([
        { type: 'UploadChecked', at },
        { type: 'Published', at },
      ]),
    )
  })

  test('waits for the scanner', () => {
    expect(checkUpload(processing(), attempt, true, at)).toEqual(ok([{ type: 'UploadChecked', at }]))
  })

  test('publishes a file that has a clean verdict', () => {
    expect(checkUpload(scanned(processing()), attempt, true, at)).toEqual(
      ok([
        { type: 'UploadChecked', at },
        { type: 'Published', at },
      ]),
    )
  })

  test('fails a transfer whose stored file is another', () => {
    expect(checkUpload(processing(), attempt, false, at)).toEqual(
      ok([
        {
          type: 'UploadFailed',
          reason: 'The stored file is not the one that was uploaded',
          released: [attempt],
          at,
        },
      ]),
    )
  })

  test('twice changes nothing', () => {
    expect(checkUpload(checked(processing()), attempt, true, at)).toEqual(ok([]))
    expect(checkUpload(checked(processing()), attempt, false, at)).toEqual(ok([]))
  })

  test('changes nothing for another attempt', () => {
    expect(checkUpload(processing(), otherAttempt, true, at)).toEqual(ok([]))
  })

  test.each([initialized(), uploadStarted(), published(), allConfirmed(), ...ended])(
    'changes nothing in the status $status',
    (transfer) => {
      expect(checkUpload(transfer, attempt, true, at)).toEqual(ok([]))
    },
  )
})

describe('the verdict of the scanner', () => {
  const recorded = { type: 'ScanVerdictRecorded', attemptId: attempt, verdict: verdict(), at }

  test('publishes a checked file', () => {
    expect(recordVerdict(checked(processing()), attempt, verdict(), at)).toEqual(
      ok([recorded, { type: 'Published', at }]),
    )
  })

  test('is kept until the file is checked', () => {
    expect(recordVerdict(processing(), attempt, verdict(), at)).toEqual(ok([recorded]))
  })

  test('is kept with the attempt when it comes before the upload has ended', () => {
    expect(scanned(uploadStarted())).toMatchObject({ attempts: [{ id: attempt, verdict: verdict() }] })
    expect(checked(completed(scanned(uploadStarted())))).toMatchObject({ status: 'Published' })
  })

  test.each([
    ['Malicious' as const, 'Malware scan failed: Malicious. Extra details: malware EICAR'],
    ['ScanFailed' as const, 'Malware scan failed: the file could not be scanned. Extra details: malware EICAR'],
  ])('%s fails the transfer with the details of the scanner', (result, reason) => {
    expect(recordVerdict(processing(), attempt, verdict(result), at)).toEqual(
      ok([
        { ...recorded, verdict: verdict(result) },
        { type: 'UploadFailed', reason, released: [attempt], at },
      ]),
    )
  })

  test.each([
    ['Clean', 'Clean'],
    ['Clean', 'ScanFailed'],
    ['Malicious', 'Clean'],
    ['Malicious', 'Malicious'],
    ['ScanFailed', 'Clean'],
    ['ScanFailed', 'Malicious'],
  ] as const)('counts once: %s, then %s', (first, second) => {
    for (const before of [processing(), uploadStarted()]) {
      const transfer = scanned(before, verdict(first))

      expect(recordVerdict(transfer, attempt, verdict(second), at)).toEqual(ok([]))
    }
  })

  test('Malicious counts after Clean', () => {
    const malicious = { ...recorded, verdict: verdict('Malicious') }

    expect(recordVerdict(scanned(uploadStarted()), attempt, verdict('Malicious'), at)).toEqual(ok([malicious]))
    expect(recordVerdict(scanned(processing()), attempt, verdict('Malicious'), at)).toMatchObject(
      ok([malicious, { type: 'UploadFailed' }]),
    )
  })

  test.each([published(), allConfirmed(), allConfirmed('expiry')])(
    'Malicious withdraws a file that is $status',
    (transfer) => {
      const reason = 'Malware scan failed: Malicious. Extra details: malware EICAR'
      const withdrawn = { type: 'FileWithdrawn', reason, released: [attempt], at }

      expect(recordVerdict(transfer, attempt, verdict('Malicious'), at)).toEqual(ok([withdrawn]))
      const after = scanned(transfer, verdict('Malicious'))
      expect(after).toMatchObject({ status: 'Failed', reason, file: file(), withdrawnAt: at, statusChangedAt: at })
      expect(after).toMatchObject({ publishedAt: transfer.publishedAt, recipients: transfer.recipients })
      expect(after.deadlines).toEqual(transfer.deadlines)
      expect(recordVerdict(after, attempt, verdict('Malicious'), at)).toEqual(ok([]))
    },
  )

  test.each([published(), allConfirmed()])('of another kind, or on another blob, leaves a file $status', (transfer) => {
    for (const result of ['Clean', 'ScanFailed'] as const) {
      expect(recordVerdict(transfer, attempt, verdict(result), at)).toEqual(ok([]))
    }
    expect(recordVerdict(transfer, otherAttempt, verdict('Malicious'), at)).toEqual(ok([]))
    expect(recordVerdict(transfer, attempt, verdict('Malicious', 'another-etag'), at)).toEqual(ok([]))
  })

  test('counts for the blob that was uploaded and no other', () => {
    expect(recordVerdict(processing(), otherAttempt, verdict(), at)).toEqual(ok([]))
    expect(recordVerdict(processing(), attempt, verdict('Clean', 'another-etag'), at)).toEqual(ok([]))
    expect(recordVerdict(uploadStarted(), otherAttempt, verdict(), at)).toEqual(ok([]))
  })

  test('on a newer blob replaces an early one', () => {
    const transfer = scanned(uploadStarted(), verdict('Clean', 'an-earlier-etag'))

    expect(scanned(transfer)).toMatchObject({ attempts: [{ verdict: verdict() }] })
  })

  test('changes nothing where no scan is required', () => {
    expect(recordVerdict(processing(unscanned), attempt, verdict('Malicious'), at)).toEqual(ok([]))
    expect(recordVerdict(uploadStarted([attempt], unscanned), attempt, verdict('Malicious'), at)).toEqual(ok([]))
    const withoutScan = { ...published(), useVirusScan: false }
    expect(recordVerdict(withoutScan, attempt, verdict('Malicious'), at)).toEqual(ok([]))
  })

  test.each([initialized(), ...ended])('changes nothing in the status $status', (transfer) => {
    expect(recordVerdict(transfer, attempt, verdict('Malicious'), at)).toEqual(ok([]))
  })
})

describe('an uploaded file is published the same way', () => {
  const check = (transfer: FileTransfer) => checked(transfer)
  const judge = (transfer: FileTransfer) => scanned(transfer)

  test.each([
    ['checked, then scanned', [completed, check, judge]],
    ['scanned, then checked', [completed, judge, check]],
    ['scanned before its upload ended', [judge, completed, check]],
  ])('when it is %s', (_, steps) => {
    const transfer = steps.reduce((before, step) => step(before), uploadStarted())

    expect(transfer).toMatchObject({
      status: 'Published',
      publishedAt: at,
      file: unread(),
      deadlines: [{ kind: 'expire' }],
    })
  })
})
