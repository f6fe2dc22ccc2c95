import { describe, expect, test } from 'vitest'
import { applyDeadline, isObsolete } from '../../../src/domain/fileTransfer/deadlines.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { checkUpload } from '../../../src/domain/fileTransfer/processing.js'
import { type FileTransfer, resumableAttempt } from '../../../src/domain/fileTransfer/state.js'
import { completeUpload, failUpload, startResumableUpload } from '../../../src/domain/fileTransfer/upload.js'
import { err, ok } from '../../../src/domain/result.js'
import {
  attempt,
  deadlineSettings,
  factsOf,
  file,
  initialized,
  inSeconds,
  otherAttempt,
  processing,
  published,
  uploadStarted,
} from '../../support/builders.js'

const keepsAll = { searchDays: undefined, metadataDays: undefined }
const asked = (id: string, replaces?: string) => ({ id, vendor: undefined, replaces })
const begin = (transfer: FileTransfer, id: string, replaces?: string, seconds = 60) =>
  startResumableUpload(transfer, asked(id, replaces), deadlineSettings, inSeconds(seconds))
/** A transfer with an upload in several requests, begun a minute after the start. */
const begun = () => evolveAll(initialized(), factsOf(begin(initialized(), attempt)))

describe('an upload that comes in several requests', () => {
  test('begins an attempt that can be resumed', () => {
    expect(factsOf(begin(initialized(), attempt))).toMatchObject([
      { type: 'UploadStarted', attemptId: attempt, isResumable: true, released: [] },
    ])
    expect(resumableAttempt(begun())).toEqual({ id: attempt, startedAt: inSeconds(60), isResumable: true })
  })

  test('goes on where one is under way, which another does not replace', () => {
    expect(begin(begun(), otherAttempt)).toEqual(ok([]))
    expect(begin(begun(), otherAttempt, otherAttempt)).toEqual(ok([]))
  })

  test('takes the place of the one that it replaces, which is released with its bytes', () => {
    const replaced = factsOf(begin(begun(), otherAttempt, attempt, 70))

    expect(replaced).toMatchObject([{ attemptId: otherAttempt, released: [attempt], resumable: attempt }])
    expect(resumableAttempt(evolveAll(begun(), replaced))?.id).toBe(otherAttempt)
  })

  test('begins beside a plain upload, which stays', () => {
    const facts = factsOf(begin(uploadStarted(), otherAttempt, undefined, 70))

    expect(facts).toMatchObject([{ attemptId: otherAttempt, isResumable: true, released: [] }])
    expect(resumableAttempt(uploadStarted())).toBeUndefined()
  })

  test('is refused once the transfer has its file', () => {
    expect(begin(published(), otherAttempt)).toEqual(err('FileTransferAlreadyUploaded'))
  })

  test('is released with its bytes when another upload is complete, or the transfer fails', () => {
    const both = evolveAll(uploadStarted(), factsOf(begin(uploadStarted(), otherAttempt, undefined, 70)))

    expect(factsOf(completeUpload(both, file(), deadlineSettings, inSeconds(90)))[0]).toMatchObject({
      released: [otherAttempt],
      resumable: otherAttempt,
    })
    expect(factsOf(failUpload(begun(), attempt, 'reason', inSeconds(90)))[0]).toMatchObject({ resumable: attempt })
  })
})

describe('the deadline of an idle upload', () => {
  const idle = () =>
    begun().deadlines.find(({ kind }) => kind === 'uploadIdle') ?? { kind: 'expire' as const, sequence: 0 }
  const at = inSeconds(60 + 86_400)

  test('is put off to the time until which the upload is waited for', () => {
    const until = inSeconds(60 + 86_401)
    const { facts } = applyDeadline(begun(), idle(), keepsAll, at, until)

    expect(facts).toEqual([{ type: 'UploadContinued', idleAt: until, at }])
    const after = evolveAll(begun(), facts)
    expect(after.deadlines).toContainEqual({ kind: 'uploadIdle', at: until, sequence: after.sequence })
    expect(after.deadlines.filter(({ kind }) => kind === 'uploadIdle')).toHaveLength(1)
    expect(after).toMatchObject({ status: 'UploadStarted', statusChangedAt: inSeconds(60) })
  })

  test.each([
    ['is not waited for', undefined],
    ['is waited for no longer', at],
    ['was waited for until before', inSeconds(60)],
  ])('fails the transfer whose upload %s', (_, until) => {
    expect(applyDeadline(begun(), idle(), keepsAll, at, until).facts).toMatchObject([{ type: 'UploadFailed' }])
  })

  test('is settled when the fact that set it is there and another has taken its place', () => {
    const transfer = begun()
    const { kind, sequence } = idle()

    expect(isObsolete(transfer, { kind, sequence })).toBe(false)
    expect(isObsolete(transfer, { kind, sequence: sequence - 1 })).toBe(true)
    expect(isObsolete(transfer, { kind: 'purge', sequence })).toBe(true)
    expect(isObsolete(transfer, { kind, sequence: transfer.sequence + 1 })).toBe(false)
  })
})

describe('a file that has been read for its digests', () => {
  const [md5, sha256] = ['a'.repeat(32), 'a'.repeat(64)]

  test('keeps both digests', () => {
    const transfer = processing()
    const facts = factsOf(checkUpload(transfer, attempt, true, inSeconds(130), { md5, sha256 }))

    expect(facts[0]).toMatchObject({ type: 'UploadChecked', md5, sha256 })
    expect(evolveAll(transfer, facts)).toMatchObject({ isChecked: true, file: { md5, sha256 } })
  })

  test('fails the transfer when it is not the one that was promised', () => {
    const facts = factsOf(checkUpload(processing({ checksum: 'b'.repeat(32) }), attempt, true, inSeconds(130), { md5 }))

    expect(facts).toMatchObject([{ type: 'UploadFailed', reason: 'Checksum mismatch' }])
  })
})
