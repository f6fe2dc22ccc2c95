import { describe, expect, test } from 'vitest'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { recordVerdict } from '../../../src/domain/fileTransfer/processing.js'
import { attemptsInUse, type FileTransfer } from '../../../src/domain/fileTransfer/state.js'
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

const scanned = (transfer: FileTransfer, said = verdict()) =>
  evolveAll(transfer, factsOf(recordVerdict(transfer, attempt, said, at)))
const completed = (transfer: FileTransfer) =>
  evolveAll(transfer, factsOf(completeUpload(transfer, unread(), deadlineSettings, at)))

describe('starting an upload', () => {
  test('opens an attempt that must be finished in a day', () => {
    expect(startUpload(initialized(), { id: attempt, vendor }, deadlineSettings, at)).toEqual(
      ok([{ type: 'UploadStarted', attemptId: attempt, vendor, idleAt: inSeconds(200 + 86_400), released: [], at }]),
    )
  })

  test('is possible while another is open, and sets the deadline anew', () => {
    const again = factsOf(startUpload(uploadStarted(), { id: otherAttempt, vendor: undefined }, deadlineSettings, at))

    expect(evolveAll(uploadStarted(), again)).toMatchObject({
      status: 'UploadStarted',
      attempts: [{ id: attempt }, { id: otherAttempt }],
      deadlines: [{ kind: 'expire' }, { kind: 'uploadIdle', at: inSeconds(200 + 86_400), sequence: 3 }],
    })
  })

  test('releases the oldest when sixteen are open', () => {
    const ids = Array.from({ length: 16 }, (_, index) => `attempt-${index}`)

    const facts = factsOf(startUpload(uploadStarted(ids), { id: 'one-more', vendor: undefined }, deadlineSettings, at))

    expect(facts).toMatchObject([{ released: ['attempt-0'] }])
    expect(attemptsInUse(evolveAll(uploadStarted(ids), facts))).toEqual([...ids.slice(1), 'one-more'])
  })

  test.each(uploaded)('is refused in the status $status', (transfer) => {
    expect(startUpload(transfer, { id: otherAttempt, vendor: undefined }, deadlineSettings, at)).toEqual(
      err('FileTransferAlreadyUploaded'),
    )
  })
})

describe('completing an upload', () => {
  test('takes the file, releases all other attempts, and sets the deadlines of processing and scan', () => {
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

  test('sets no deadline of a scan where none is required', () => {
    const transfer = uploadStarted([attempt], unscanned)

    expect(completeUpload(transfer, unread(), deadlineSettings, at)).toMatchObject(
      ok([{ deadlines: [{ kind: 'processingOverdue' }] }]),
    )
  })

  test('sets no deadline of a scan whose verdict came early', () => {
    expect(completeUpload(scanned(uploadStarted()), unread(), deadlineSettings, at)).toMatchObject(
      ok([{ type: 'UploadCompleted', deadlines: [{ kind: 'processingOverdue' }] }]),
    )
  })

  test('checks a file whose MD5 is known', () => {
    const transfer = uploadStarted()
    const facts = factsOf(completeUpload(transfer, file(), deadlineSettings, at))

    expect(facts.map(({ type }) => type)).toEqual(['UploadCompleted', 'UploadChecked'])
    expect(evolveAll(transfer, facts)).toMatchObject({ status: 'UploadProcessing', isChecked: true })
  })

  test.each([
    ['that no scan is required for', uploadStarted([attempt], unscanned)],
    ['that has a clean verdict', scanned(uploadStarted())],
  ])('publishes a file whose MD5 is known, and %s', (_, transfer) => {
    const facts = factsOf(completeUpload(transfer, file(), deadlineSettings, at))

    expect(facts.map(({ type }) => type)).toEqual(['UploadCompleted', 'UploadChecked', 'Published'])
    expect(evolveAll(transfer, facts).deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('fails the transfer immediately after an early bad verdict', () => {
    const transfer = scanned(uploadStarted(), verdict('Malicious'))

    expect(completeUpload(transfer, unread(), deadlineSettings, at)).toMatchObject(
      ok([{ type: 'UploadCompleted' }, { type: 'UploadFailed', released: [attempt] }]),
    )
  })

  test('ignores an early verdict on an earlier blob of the attempt', () => {
    const transfer = scanned(uploadStarted(), verdict('Malicious', 'another-etag'))

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

  test('is refused to an attempt that was abandoned', () => {
    const transfer = evolveAll(uploadStarted(), factsOf(abandonUpload(uploadStarted(), attempt, at)))

    expect(completeUpload(transfer, file(), deadlineSettings, at)).toEqual(err('FileTransferAlreadyUploaded'))
  })
})

describe('abandoning an upload', () => {
  test('releases this attempt and leaves the others open', () => {
    const transfer = uploadStarted([attempt, otherAttempt])

    const decision = abandonUpload(transfer, attempt, at)

    expect(decision).toEqual(ok([{ type: 'UploadAbandoned', released: [attempt], at }]))
    expect(evolveAll(transfer, factsOf(decision))).toMatchObject({
      status: 'UploadStarted',
      attempts: [{ id: otherAttempt }],
    })
  })

  test('does not move the idle deadline', () => {
    const before = uploadStarted()

    expect(evolveAll(before, factsOf(abandonUpload(before, attempt, at))).deadlines).toEqual(before.deadlines)
  })

  test.each([initialized(), ...uploaded])('changes nothing when it is not open: $status', (transfer) => {
    expect(abandonUpload(transfer, attempt, at)).toEqual(ok([]))
  })
})

describe('failing an upload', () => {
  test('ends the transfer and releases every attempt', () => {
    expect(failUpload(uploadStarted([attempt, otherAttempt]), attempt, 'Checksum mismatch', at)).toEqual(
      ok([{ type: 'UploadFailed', reason: 'Checksum mismatch', released: [attempt, otherAttempt], at }]),
    )
  })

  test.each([initialized(), ...uploaded])('is refused when it is not open: $status', (transfer) => {
    expect(failUpload(transfer, attempt, 'Checksum mismatch', at)).toEqual(err('FileTransferAlreadyUploaded'))
  })
})
