import { describe, expect, test } from 'vitest'
import { applyDeadline, isObsolete } from '../../../src/domain/fileTransfer/deadlines.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import type { DeadlineKind, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { effectsOf } from '../../../src/domain/projections/effects.js'
import {
  allConfirmed,
  attempt,
  failed,
  initialized,
  inSeconds,
  kari,
  ola,
  otherAttempt,
  processing,
  published,
  purged,
  sender,
  uploadStarted,
} from '../../support/builders.js'

const forEver = { searchDays: undefined, metadataDays: undefined }
const farAway = inSeconds(10 * 365 * 86_400)

/** The deadline of this kind that is in force. */
function deadline(transfer: FileTransfer, kind: DeadlineKind) {
  const found = transfer.deadlines.find((each) => each.kind === kind)
  if (!found) throw new Error(`There is no deadline ${kind}.`)
  return found
}

describe('a deadline that has come', () => {
  test.each([initialized(), failed()])('purges a transfer that has expired: $status', (transfer) => {
    const { at, ...expire } = deadline(transfer, 'expire')

    expect(applyDeadline(transfer, expire, forEver, at)).toEqual({ facts: [{ type: 'Purged', released: [], at }] })
  })

  test.each([uploadStarted(), processing(), published(), allConfirmed('expiry')])(
    'releases the file of a transfer that has expired: $status',
    (transfer) => {
      const { at, ...expire } = deadline(transfer, 'expire')

      expect(applyDeadline(transfer, expire, forEver, at)).toEqual({
        facts: [{ type: 'Purged', released: [attempt], at }],
      })
    },
  )

  test('purges the file after the grace period that follows the last confirmation', () => {
    const transfer = allConfirmed(inSeconds(500))

    expect(applyDeadline(transfer, deadline(transfer, 'purge'), forEver, inSeconds(500))).toEqual({
      facts: [{ type: 'Purged', released: [attempt], at: inSeconds(500) }],
    })
  })

  test('fails an idle upload, with all its attempts', () => {
    const transfer = uploadStarted([attempt, otherAttempt])
    const { at, ...idle } = deadline(transfer, 'uploadIdle')

    expect(at).toEqual(inSeconds(61 + 86_400))
    expect(applyDeadline(transfer, idle, forEver, at)).toEqual({
      facts: [
        {
          type: 'UploadFailed',
          reason: 'The upload was begun and never finished',
          released: [attempt, otherAttempt],
          at,
        },
      ],
    })
  })

  test('fails a transfer whose scan is overdue', () => {
    const transfer = processing()
    const { at, ...overdue } = deadline(transfer, 'scanOverdue')

    expect(at).toEqual(inSeconds(120 + 3600))
    expect(applyDeadline(transfer, overdue, forEver, at)).toEqual({
      facts: [{ type: 'UploadFailed', reason: 'The malware scan gave no result in time', released: [attempt], at }],
    })
  })

  test('warns of a slow scan and changes nothing', () => {
    const transfer = processing()
    const { at, ...warning } = deadline(transfer, 'scanWarning')

    expect(applyDeadline(transfer, warning, forEver, at)).toEqual({ facts: [], action: 'warn' })
  })

  test('has an upload that was not processed checked again', () => {
    const transfer = processing()
    const { at, ...overdue } = deadline(transfer, 'processingOverdue')

    expect(applyDeadline(transfer, overdue, forEver, at)).toEqual({ facts: [], action: 'checkUploadAgain' })
  })
})

describe('a deadline', () => {
  test('does nothing before its time', () => {
    const transfer = initialized()
    const { at, ...expire } = deadline(transfer, 'expire')

    expect(applyDeadline(transfer, expire, forEver, new Date(at.getTime() - 1))).toEqual({ facts: [] })
  })

  test('does nothing after it was replaced by a later upload', () => {
    const first = deadline(uploadStarted(), 'uploadIdle')

    expect(applyDeadline(uploadStarted([attempt, otherAttempt]), first, forEver, farAway)).toEqual({ facts: [] })
  })

  test.each<[DeadlineKind, FileTransfer, FileTransfer]>([
    ['uploadIdle', uploadStarted(), processing()],
    ['scanOverdue', processing(), published()],
    ['scanWarning', processing(), published()],
    ['processingOverdue', processing(), published()],
    ['expire', published(), allConfirmed()],
    ['expire', published(), purged()],
    ['uploadIdle', uploadStarted(), failed()],
  ])('%s does nothing when the transfer has moved on', (kind, before, later) => {
    expect(applyDeadline(later, deadline(before, kind), forEver, farAway)).toEqual({ facts: [] })
  })

  test('of the expiry does nothing when the grace period has replaced it', () => {
    const graceLaterThanExpiry = allConfirmed(inSeconds(40 * 86_400))

    expect(graceLaterThanExpiry.deadlines.map(({ kind }) => kind)).toEqual(['purge'])
  })

  test('is applied once', () => {
    const transfer = published()
    const { at, ...expire } = deadline(transfer, 'expire')

    const { facts } = applyDeadline(transfer, expire, forEver, at)

    expect(applyDeadline(evolveAll(transfer, facts), expire, forEver, at)).toEqual({ facts: [] })
  })
})

describe('a deadline is obsolete', () => {
  const expire = deadline(initialized(), 'expire')

  test('when it is not in force any more', () => {
    expect(isObsolete(purged(), expire)).toBe(true)
  })

  test('but not while it is in force', () => {
    expect(isObsolete(initialized(), expire)).toBe(false)
  })

  test('but not before the fact that sets it is committed', () => {
    expect(isObsolete(initialized(), { kind: 'uploadIdle', sequence: 2 })).toBe(false)
  })
})

describe('a purged transfer', () => {
  const days = (count: number, from: Date) => new Date(from.getTime() + count * 86_400_000)
  const purge = (searchDays: number | undefined, metadataDays: number | undefined) => {
    const transfer = published()
    const { at, ...expire } = deadline(transfer, 'expire')
    const { facts } = applyDeadline(transfer, expire, { searchDays, metadataDays }, at)
    return { at, after: evolveAll(transfer, facts) }
  }

  test('is found by searches and kept for the configured days', () => {
    const { at, after } = purge(10, 20)

    expect(after.deadlines).toEqual([
      { kind: 'unlist', at: days(10, at), sequence: after.sequence },
      { kind: 'forget', at: days(20, at), sequence: after.sequence },
    ])
  })

  test('is found by searches no longer than it is kept', () => {
    for (const searchDays of [20, 30, undefined]) {
      expect(purge(searchDays, 20).after.deadlines.map(({ kind }) => kind)).toEqual(['forget'])
    }
  })

  test('is kept for ever without settings', () => {
    expect(purge(undefined, undefined).after.deadlines).toEqual([])
  })

  test('leaves the searches once, stays purged, and is deleted later', () => {
    const { after } = purge(10, 20)
    const unlist = deadline(after, 'unlist')
    const forget = deadline(after, 'forget')

    const { facts } = applyDeadline(after, unlist, forEver, unlist.at)
    const unlisted = evolveAll(after, facts)

    expect(facts).toEqual([{ type: 'Unlisted', at: unlist.at }])
    expect(unlisted).toMatchObject({ status: 'Purged', isUnlisted: true, statusChangedAt: after.statusChangedAt })
    expect(unlisted.deadlines).toEqual([forget])
    expect(applyDeadline(unlisted, unlist, forEver, farAway)).toEqual({ facts: [] })
    expect(applyDeadline(unlisted, forget, forEver, new Date(forget.at.getTime() - 1))).toEqual({ facts: [] })
    expect(applyDeadline(unlisted, forget, forEver, forget.at)).toEqual({ facts: [], action: 'forget' })
  })

  test('has no entry in any timeline when it has left the searches', () => {
    const { after } = purge(10, undefined)
    const unlisted = evolveAll(after, [{ type: 'Unlisted', at: farAway }])

    const { projections } = effectsOf(after, [{ type: 'Unlisted', at: farAway }], unlisted.sequence, unlisted)

    expect(projections.map(({ actor, timelines }) => [actor.organization, timelines])).toEqual([
      [sender, []],
      [ola, []],
      [kari, []],
    ])
  })
})
