import { describe, expect, test } from 'vitest'
import { needsHashing } from '../../../src/domain/fileTransfer/checksum.js'
import { confirmDownload } from '../../../src/domain/fileTransfer/download.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import {
  issueUploadLink,
  linkExpiresAt,
  linkedAttempt,
  mayStillChange,
} from '../../../src/domain/fileTransfer/links.js'
import { attemptsInUse, type FileTransfer, fileOf, type UploadLink } from '../../../src/domain/fileTransfer/state.js'
import { completeUpload } from '../../../src/domain/fileTransfer/upload.js'
import { err } from '../../../src/domain/result.js'
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
  kari,
  otherAttempt,
  processing,
  published,
  purged,
  uploadStarted,
  vendor,
} from '../../support/builders.js'

const at = inSeconds(100)
const HOUR = 3600
const link = (seconds = HOUR, mayReplace?: true): UploadLink => ({
  until: inSeconds(seconds),
  ...(mayReplace && { mayReplace }),
})

/** The decision when `current` was the open attempt with a link. */
const issue = (
  transfer: FileTransfer,
  { id = attempt, current = undefined as string | undefined, given = link() } = {},
) => issueUploadLink(transfer, { id, current, vendor: undefined }, given, deadlineSettings, at)
const withLink = (transfer: FileTransfer, asked: Parameters<typeof issue>[1] = {}) =>
  evolveAll(transfer, factsOf(issue(transfer, asked)))
const linked = (given = link()) => withLink(initialized(), { given })

describe('issuing an upload link', () => {
  test('starts an attempt, by the vendor who acts for the sender, with the expiry of the link', () => {
    const asked = { id: attempt, current: undefined, vendor }

    expect(factsOf(issueUploadLink(initialized(), asked, link(), deadlineSettings, at))).toEqual([
      { type: 'UploadStarted', attemptId: attempt, vendor, idleAt: inSeconds(100 + 86_400), released: [], at },
      { type: 'UploadLinkGiven', attemptId: attempt, link: link(), idleAt: inSeconds(100 + 86_400), at },
    ])
    expect(linkedAttempt(linked())).toEqual({ id: attempt, startedAt: at, link: link() })
  })

  test('again continues the attempt and moves its idle deadline', () => {
    const before = linked()

    const facts = factsOf(
      issueUploadLink(
        before,
        { id: attempt, current: attempt, vendor: undefined },
        link(2 * HOUR),
        deadlineSettings,
        inSeconds(HOUR),
      ),
    )
    const transfer = evolveAll(before, facts)

    expect(facts.map(({ type }) => type)).toEqual(['UploadLinkGiven'])
    expect(linkedAttempt(transfer)?.link).toEqual(link(2 * HOUR))
    expect(transfer.deadlines).toContainEqual({ kind: 'uploadIdle', at: inSeconds(HOUR + 86_400), sequence: 4 })
    expect(transfer.statusChangedAt).toEqual(before.statusChangedAt)
  })

  test('leaves earlier links of the attempt valid', () => {
    const shorter = withLink(linked(link(2 * HOUR, true)), { current: attempt, given: link(HOUR) })

    expect(linkedAttempt(shorter)?.link).toEqual(link(2 * HOUR, true))
  })

  test('for a new attempt releases the one that it replaces, and no other', () => {
    const both = withLink(uploadStarted(['another']))

    const transfer = withLink(both, { id: otherAttempt, current: attempt })

    expect(attemptsInUse(transfer)).toEqual(['another', otherAttempt])
    expect(linkedAttempt(transfer)?.id).toBe(otherAttempt)
  })

  test.each([
    ['was begun meanwhile', linked(), { id: otherAttempt }],
    ['has taken the place of the one that was read', linked(), { id: 'third', current: otherAttempt }],
    ['was to go on and has ended', uploadStarted([otherAttempt]), { id: attempt, current: attempt }],
  ])('is refused as busy when an attempt with links %s', (_, transfer, asked) => {
    expect(issue(transfer, asked)).toEqual(err('FileTransferBusy'))
  })

  test.each([processing(), published(), allConfirmed(), failed(), purged(), cancelled()])(
    'is refused when the file is uploaded or the transfer has ended: $status',
    (transfer) => {
      expect(issue(transfer)).toEqual(err('FileTransferAlreadyUploaded'))
    },
  )
})

describe('a link', () => {
  test('is valid for the configured minutes, in whole seconds', () => {
    expect(linkExpiresAt(initialized(), 10, new Date(at.getTime() + 999))).toEqual(inSeconds(100 + 600))
  })

  test('expires at the latest when the file is purged', () => {
    const { expirationTime } = initialized()
    const shortlyBefore = new Date(expirationTime.getTime() - 60_000)

    expect(linkExpiresAt(published(), 10, shortlyBefore)).toEqual(expirationTime)
    expect(linkExpiresAt(published(), 10, expirationTime)).toBeUndefined()
    expect(linkExpiresAt(allConfirmed(inSeconds(300)), 10, inSeconds(240))).toEqual(inSeconds(300))
  })

  test('that may replace the file leaves it changeable until it expires', () => {
    const stored = { ...file(), link: link(HOUR, true) }

    expect([mayStillChange(stored, inSeconds(HOUR - 1)), mayStillChange(stored, inSeconds(HOUR))]).toEqual([
      true,
      false,
    ])
    expect(mayStillChange({ ...file(), link: link() }, at)).toBe(false)
    expect(mayStillChange(file(), at)).toBe(false)
  })
})

describe('a file that was uploaded by a link', () => {
  const { md5, ...unread } = file()
  const byLink = { ...unread, link: link() }
  const checksum = md5 ?? ''

  test('is read before it is published if its sender gave a checksum, and only then', () => {
    expect(needsHashing(initialized({ checksum }), byLink)).toBe(true)
    expect(needsHashing(initialized(), byLink)).toBe(false)
    expect(needsHashing(initialized({ checksum: ' ' }), byLink)).toBe(false)
  })

  test('has time for reading only if it is read', () => {
    const large = { ...byLink, sizeBytes: 20e6 * 1000 }
    const overdue = (asked: object) => {
      const transfer = withLink(initialized(asked))
      const facts = factsOf(completeUpload(transfer, large, deadlineSettings, at))
      return evolveAll(transfer, facts).deadlines.find(({ kind }) => kind === 'processingOverdue')?.at
    }

    expect(overdue({ checksum })).toEqual(inSeconds(100 + 300 + 1000))
    expect(overdue({})).toBeUndefined()
  })

  test('is not purged before its link has expired, so that no other file replaces it', () => {
    const { file: stored, ...transfer } = published({ [kari]: 'DownloadStarted' })
    const purgeAt = (grace: number | undefined) => {
      const downloader = { recipient: kari, vendor: undefined }
      const decided = confirmDownload({ ...transfer, file: { ...stored, link: link() } }, downloader, grace, at)
      return factsOf(decided).find((fact) => fact.type === 'AllConfirmedDownloaded')?.purgeAt
    }

    expect([purgeAt(0), purgeAt(2 * HOUR), purgeAt(undefined)]).toEqual([
      inSeconds(HOUR),
      inSeconds(100 + 2 * HOUR),
      undefined,
    ])
  })

  test('keeps its links', () => {
    const transfer = linked()

    const complete = evolveAll(transfer, factsOf(completeUpload(transfer, byLink, deadlineSettings, at)))

    expect(fileOf(complete)).toEqual(byLink)
  })
})
