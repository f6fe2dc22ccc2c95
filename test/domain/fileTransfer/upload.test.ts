import { describe, expect, test } from 'vitest'
import { cancel } from '../../../src/domain/fileTransfer/cancel.js'
import { isAsPromised } from '../../../src/domain/fileTransfer/checksum.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { checkUpload, recordVerdict } from '../../../src/domain/fileTransfer/processing.js'
import { type FileTransfer, heldAttempts } from '../../../src/domain/fileTransfer/state.js'
import { abandonUpload, completeUpload, failUpload, startUpload } from '../../../src/domain/fileTransfer/upload.js'
import { err, ok } from '../../../src/domain/result.js'
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
  vendor,
  verdict,
} from '../../support/builders.js'

const at = inSeconds(200)
const unscanned = { disableVirusScan: true }
const ended = [failed(), cancelled(), purged()]
const uploaded = [processing(), published(), allConfirmed(), ...ended]

const checked = (transfer: FileTransfer) => evolveAll(transfer, factsOf(checkUpload(transfer, attempt, true, at)))
const judged = (transfer: FileTransfer, said = verdict()) =>
  evolveAll(transfer, factsOf(recordVerdict(transfer, attempt, said, at)))
const completed = (transfer: FileTransfer) =>
  evolveAll(transfer, factsOf(completeUpload(transfer, unread(), deadlineSettings, at)))

describe('starting an upload', () => {
  test('opens an attempt that must be finished in a day', () => {
    expect(startUpload(initialized(), { id: attempt, vendor }, deadlineSettings, at)).toEqual(
      ok([{ type: 'UploadStarted', attemptId: attempt, vendor, idleAt: inSeconds(200 + 86_400), released: [], at }]),
    )
  })

  test('may be tried again while another is under way, and gives the day anew', () => {
    const again = factsOf(startUpload(uploadStarted(), { id: otherAttempt, vendor: undefined }, deadlineSettings, at))

    expect(evolveAll(uploadStarted(), again)).toMatchObject({
      status: 'UploadStarted',
      attempts: [{ id: attempt }, { id: otherAttempt }],
      deadlines: [{ kind: 'expire' }, { kind: 'uploadIdle', at: inSeconds(200 + 86_400), sequence: 3 }],
    })
  })

  test('lets go of the oldest when sixteen are open', () => {
    const ids = Array.from({ length: 16 }, (_, index) => `attempt-${index}`)

    const facts = factsOf(startUpload(uploadStarted(ids), { id: 'one-more', vendor: undefined }, deadlineSettings, at))

    expect(facts).toMatchObject([{ released: ['attempt-0'] }])
    expect(heldAttempts(evolveAll(uploadStarted(ids), facts))).toEqual([...ids.slice(1), 'one-more'])
  })

  test.each(uploaded)('is refused in the status $status', (transfer) => {
    expect(startUpload(transfer, { id: otherAttempt, vendor: undefined }, deadlineSettings, at)).toEqual(
      err('FileTransferAlreadyUploaded'),
    )
  })
})

describe('completing an upload', () => {
  test('takes the file, lets go of all other attempts, and sets when it must have been read and scanned', () => {
    const transfer = uploadStarted([otherAttempt, attempt])

    expect(completeUpload(transfer, unread(), deadlineSettings, at)).toEqual(
      ok([
        {
          type: 'UploadCompleted',
          file: unread(),
          released: [otherAttempt],
          deadlines: [
            { kind: 'processingOverdue', at: inSeconds(200 + 300) },
            { kind: 'scanWarning', at: inSeconds(200 + 900) },
            { kind: 'scanOverdue', at: inSeconds(200 + 3600) },
          ],
          at,
        },
      ]),
    )
  })

  test('waits for no scan where none is asked for', () => {
    const transfer = uploadStarted([attempt], unscanned)

    expect(completeUpload(transfer, unread(), deadlineSettings, at)).toMatchObject(
      ok([{ deadlines: [{ kind: 'processingOverdue' }] }]),
    )
  })

  test('waits for no scan whose verdict came early', () => {
    expect(completeUpload(judged(uploadStarted()), unread(), deadlineSettings, at)).toMatchObject(
      ok([{ type: 'UploadCompleted', deadlines: [{ kind: 'processingOverdue' }] }]),
    )
  })

  test('has a file whose MD5 is known looked at: it has just been stored', () => {
    const transfer = uploadStarted()
    const facts = factsOf(completeUpload(transfer, file(), deadlineSettings, at))

    expect(facts.map(({ type }) => type)).toEqual(['UploadCompleted', 'UploadChecked'])
    expect(evolveAll(transfer, facts)).toMatchObject({ status: 'UploadProcessing', isChecked: true })
  })

  test.each([
    ['that no scan is asked for', uploadStarted([attempt], unscanned)],
    ['that the scanner has already let through', judged(uploadStarted())],
  ])('publishes a file whose MD5 is known, and %s', (_, transfer) => {
    const facts = factsOf(completeUpload(transfer, file(), deadlineSettings, at))

    expect(facts.map(({ type }) => type)).toEqual(['UploadCompleted', 'UploadChecked', 'Published'])
    expect(evolveAll(transfer, facts).deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('fails the transfer at once when an early verdict was bad', () => {
    const transfer = judged(uploadStarted(), verdict('Malicious'))

    expect(completeUpload(transfer, unread(), deadlineSettings, at)).toMatchObject(
      ok([{ type: 'UploadCompleted' }, { type: 'UploadFailed', released: [attempt] }]),
    )
  })

  test('passes over an early verdict about an earlier blob of the attempt', () => {
    const transfer = judged(uploadStarted(), verdict('Malicious', 'another-etag'))

    expect(completed(transfer)).toMatchObject({ status: 'UploadProcessing' })
    expect(completed(transfer)).not.toHaveProperty('verdict')
    expect(completed(transfer).deadlines.map(({ kind }) => kind)).toContain('scanOverdue')
  })

  test('is refused when another attempt was first', () => {
    expect(completeUpload(processing(), file(otherAttempt), deadlineSettings, at)).toEqual(
      err('FileTransferAlreadyUploaded'),
    )
  })

  test.each([initialized(), failed(), cancelled(), purged(uploadStarted())])(
    'is refused when the attempt is not open any more: $status',
    (transfer) => {
      expect(completeUpload(transfer, file(), deadlineSettings, at)).toEqual(err('FileTransferAlreadyUploaded'))
    },
  )

  test.each([processing(), published(), allConfirmed(), purged()])(
    'again by the same attempt changes nothing: $status',
    (transfer) => {
      expect(completeUpload(transfer, file(), deadlineSettings, at)).toEqual(ok([]))
    },
  )

  test('is refused to an attempt that was given up', () => {
    const transfer = evolveAll(uploadStarted(), factsOf(abandonUpload(uploadStarted(), attempt, at)))

    expect(completeUpload(transfer, file(), deadlineSettings, at)).toEqual(err('FileTransferAlreadyUploaded'))
  })
})

describe('abandoning an upload', () => {
  test('lets go of this attempt and leaves the transfer to the others', () => {
    const transfer = uploadStarted([attempt, otherAttempt])

    const decision = abandonUpload(transfer, attempt, at)

    expect(decision).toEqual(ok([{ type: 'UploadAbandoned', released: [attempt], at }]))
    expect(evolveAll(transfer, factsOf(decision))).toMatchObject({
      status: 'UploadStarted',
      attempts: [{ id: otherAttempt }],
    })
  })

  test('does not put off when the upload must be finished', () => {
    const before = uploadStarted()

    expect(evolveAll(before, factsOf(abandonUpload(before, attempt, at))).deadlines).toEqual(before.deadlines)
  })

  test.each([initialized(), ...uploaded])('changes nothing when it is not open: $status', (transfer) => {
    expect(abandonUpload(transfer, attempt, at)).toEqual(ok([]))
  })
})

describe('failing an upload', () => {
  test('ends the transfer and lets go of every attempt', () => {
    expect(failUpload(uploadStarted([attempt, otherAttempt]), attempt, 'Checksum mismatch', at)).toEqual(
      ok([{ type: 'UploadFailed', reason: 'Checksum mismatch', released: [attempt, otherAttempt], at }]),
    )
  })

  test.each([initialized(), ...uploaded])('is refused when it is not open: $status', (transfer) => {
    expect(failUpload(transfer, attempt, 'Checksum mismatch', at)).toEqual(err('FileTransferAlreadyUploaded'))
  })
})

describe('calling a transfer off', () => {
  test.each([
    [initialized(), []],
    [uploadStarted([attempt, otherAttempt]), [attempt, otherAttempt]],
    [processing(), [attempt]],
  ])('ends it and lets go of what was uploaded: $0.status', (transfer, released) => {
    expect(cancel(transfer, at)).toEqual(ok([{ type: 'Cancelled', released, at }]))
  })

  test('leaves it to its expiry', () => {
    expect(cancelled(processing()).deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('again changes nothing', () => {
    expect(cancel(cancelled(), at)).toEqual(ok([]))
  })

  test.each([published(), allConfirmed(), failed(), purged()])(
    'is refused once others were told of the file, or it has ended: $status',
    (transfer) => {
      expect(cancel(transfer, at)).toEqual(err('FileTransferAlreadyEnded'))
    },
  )
})

describe('the bytes of an upload', () => {
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e'

  test.each(['', '  ', null])('are as promised without a promise: %j', (checksum) => {
    expect(isAsPromised({ ...initialized(), checksum }, md5)).toBe(true)
  })

  test('are as promised when the MD5 is the same, whatever its case', () => {
    expect(isAsPromised(initialized({ checksum: md5.toUpperCase() }), md5)).toBe(true)
  })

  test('are not as promised when it is another', () => {
    expect(isAsPromised(initialized({ checksum: '0'.repeat(32) }), md5)).toBe(false)
  })
})

describe('checking an upload', () => {
  test('publishes a file that no scan is asked for', () => {
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

  test('publishes a file that the scanner has already let through', () => {
    expect(checkUpload(judged(processing()), attempt, true, at)).toEqual(
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

  test('publishes a file that has been looked at', () => {
    expect(recordVerdict(checked(processing()), attempt, verdict(), at)).toEqual(
      ok([recorded, { type: 'Published', at }]),
    )
  })

  test('is kept until the file has been looked at', () => {
    expect(recordVerdict(processing(), attempt, verdict(), at)).toEqual(ok([recorded]))
  })

  test('is kept with the attempt when it comes before the upload has ended', () => {
    expect(judged(uploadStarted())).toMatchObject({ attempts: [{ id: attempt, verdict: verdict() }] })
    expect(checked(completed(judged(uploadStarted())))).toMatchObject({ status: 'Published' })
  })

  test.each([
    ['Malicious' as const, 'Malware scan failed: Malicious. Extra details: malware EICAR'],
    ['ScanFailed' as const, 'Malware scan failed: the file could not be scanned. Extra details: malware EICAR'],
  ])('%s fails the transfer with the words of the scanner', (result, reason) => {
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
      const transfer = judged(before, verdict(first))

      expect(recordVerdict(transfer, attempt, verdict(second), at)).toEqual(ok([]))
    }
  })

  test('that it is malware counts after all, where it was clean before', () => {
    const malicious = { ...recorded, verdict: verdict('Malicious') }

    expect(recordVerdict(judged(uploadStarted()), attempt, verdict('Malicious'), at)).toEqual(ok([malicious]))
    expect(recordVerdict(judged(processing()), attempt, verdict('Malicious'), at)).toMatchObject(
      ok([malicious, { type: 'UploadFailed' }]),
    )
  })

  test.each([published(), allConfirmed(), allConfirmed('expiry')])(
    'that it is malware withdraws a file that is $status',
    (transfer) => {
      const reason = 'Malware scan failed: Malicious. Extra details: malware EICAR'
      const withdrawn = { type: 'FileWithdrawn', reason, released: [attempt], at }

      expect(recordVerdict(transfer, attempt, verdict('Malicious'), at)).toEqual(ok([withdrawn]))
      const after = judged(transfer, verdict('Malicious'))
      expect(after).toMatchObject({ status: 'Failed', reason, file: file(), withdrawnAt: at, statusChangedAt: at })
      expect(after).toMatchObject({ publishedAt: transfer.publishedAt, recipients: transfer.recipients })
      expect(after.deadlines).toEqual(transfer.deadlines)
      expect(recordVerdict(after, attempt, verdict('Malicious'), at)).toEqual(ok([]))
    },
  )

  test.each([published(), allConfirmed()])(
    'of another kind, or about another blob, leaves a file $status',
    (transfer) => {
      for (const result of ['Clean', 'ScanFailed'] as const) {
        expect(recordVerdict(transfer, attempt, verdict(result), at)).toEqual(ok([]))
      }
      expect(recordVerdict(transfer, otherAttempt, verdict('Malicious'), at)).toEqual(ok([]))
      expect(recordVerdict(transfer, attempt, verdict('Malicious', 'another-etag'), at)).toEqual(ok([]))
    },
  )

  test('counts for the blob that was uploaded and no other', () => {
    expect(recordVerdict(processing(), otherAttempt, verdict(), at)).toEqual(ok([]))
    expect(recordVerdict(processing(), attempt, verdict('Clean', 'another-etag'), at)).toEqual(ok([]))
    expect(recordVerdict(uploadStarted(), otherAttempt, verdict(), at)).toEqual(ok([]))
  })

  test('of a newer blob takes the place of an early one', () => {
    const transfer = judged(uploadStarted(), verdict('Clean', 'an-earlier-etag'))

    expect(judged(transfer)).toMatchObject({ attempts: [{ verdict: verdict() }] })
  })

  test('changes nothing where no scan is asked for', () => {
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
  const judge = (transfer: FileTransfer) => judged(transfer)

  test.each([
    ['checked, then judged', [completed, check, judge]],
    ['judged, then checked', [completed, judge, check]],
    ['judged before its upload ended', [judge, completed, check]],
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
