import { describe, expect, test } from 'vitest'
import { evolve, evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { fileOf } from '../../../src/domain/fileTransfer/state.js'
import {
  allConfirmed,
  attempt,
  failed,
  file,
  initialized,
  inSeconds,
  kari,
  ola,
  processing,
  published,
  purged,
  start,
  unread,
  uploadStarted,
  verdict,
} from '../../support/builders.js'

const at = inSeconds(1000)

describe('a fact', () => {
  test('increments the sequence, and is the last', () => {
    expect(evolve(published(), { type: 'DownloadStarted', number: 1, recipient: kari, at })).toMatchObject({
      sequence: published().sequence + 1,
      lastFactAt: at,
    })
  })

  test('that does not set the status leaves the time of the change', () => {
    const downloaded = evolve(published(), { type: 'DownloadStarted', number: 1, recipient: kari, at })

    expect(downloaded.statusChangedAt).toEqual(published().statusChangedAt)
  })

  test.each([
    [uploadStarted(), { type: 'UploadFailed' as const, reason: 'any', released: [], at }],
    [processing(), { type: 'Published' as const, at }],
    [published(), { type: 'AllConfirmedDownloaded' as const, at }],
    [published(), { type: 'FileWithdrawn' as const, reason: 'any', released: [], at }],
    [published(), { type: 'Purged' as const, released: [], at }],
  ])('that sets the status sets the time of the change: $1.type', (before, fact) => {
    expect(evolve(before, fact).statusChangedAt).toEqual(at)
  })

  test('does not change the transfer it is applied to', () => {
    const before = published()
    const copy = structuredClone(before)

    evolve(before, { type: 'DownloadConfirmed', recipient: kari, at })

    expect(before).toEqual(copy)
  })

  test('after another gives the same, together or one by one', () => {
    const facts = [
      { type: 'DownloadStarted' as const, number: 1, recipient: kari, at },
      { type: 'DownloadConfirmed' as const, recipient: kari, at: inSeconds(1001) },
    ]

    expect(evolveAll(published(), facts)).toEqual(facts.reduce(evolve, published()))
  })

  test('that publishes is a bug without a file', () => {
    expect(() => evolve(uploadStarted(), { type: 'Published', at })).toThrow()
  })
})

describe('a transfer', () => {
  test('has in each status its properties, and no others', () => {
    const own = (transfer: object) =>
      Object.keys(transfer).filter((name) => ['attempts', 'file', 'isChecked', 'verdict', 'reason'].includes(name))

    expect(own(initialized())).toEqual([])
    expect(own(uploadStarted())).toEqual(['attempts'])
    expect(own(processing()).sort()).toEqual(['file', 'isChecked'])
    expect(own(published())).toEqual(['file'])
    expect(own(allConfirmed())).toEqual(['file'])
    expect(own(failed())).toEqual(['reason'])
    expect(own(purged())).toEqual(['file'])
  })

  test('keeps the description of its file after the purge or a failure', () => {
    const bad = { type: 'UploadFailed' as const, reason: 'any', released: [attempt], at }

    expect(fileOf(purged())).toEqual(file())
    expect(fileOf(evolve(processing(), bad))).toEqual(unread())
    expect(fileOf(purged(evolve(processing(), bad)))).toEqual(unread())
    expect(fileOf(purged(initialized()))).toBeUndefined()
  })

  test('keeps when it was published, in every later status', () => {
    expect(initialized()).not.toHaveProperty('publishedAt')
    expect(purged(allConfirmed()).publishedAt).toEqual(inSeconds(180))
  })

  test('keeps when it was created', () => {
    expect(purged(allConfirmed()).createdAt).toEqual(start)
  })

  test('has no deadlines when it is purged', () => {
    expect(purged().deadlines).toEqual([])
  })

  test('that has failed has the deadline of its expiry alone', () => {
    expect(failed().deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('with a verdict has no deadline of a scan', () => {
    const scanned = evolve(processing(), { type: 'ScanVerdictRecorded', attemptId: attempt, verdict: verdict(), at })

    expect(scanned.deadlines.map(({ kind }) => kind)).toEqual(['expire', 'processingOverdue'])
  })

  test('with a checked file has no deadline of processing', () => {
    const checked = evolve(processing(), { type: 'UploadChecked', at })

    expect(checked.deadlines.map(({ kind }) => kind)).toEqual(['expire', 'scanWarning', 'scanOverdue'])
  })

  test('moves the status of a recipient forward and never back', () => {
    const confirmed = published({ [kari]: 'DownloadConfirmed', [ola]: 'Initialized' })

    const again = evolve(confirmed, { type: 'DownloadStarted', number: 1, recipient: kari, at })

    expect(again.recipients).toEqual({
      [kari]: { status: 'DownloadConfirmed', changedAt: at, downloads: 1 },
      [ola]: { status: 'Initialized', changedAt: inSeconds(180) },
    })
  })
})
