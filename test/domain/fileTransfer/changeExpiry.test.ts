import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeExpiry, latestExpiration } from '../../../src/domain/fileTransfer/changeExpiry.js'
import { applyDeadline } from '../../../src/domain/fileTransfer/deadlines.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import type { FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { eventsToPublish } from '../../../src/domain/projections/altinnEvents.js'
import { newResource } from '../../../src/domain/resource.js'
import { err, ok } from '../../../src/domain/result.js'
import {
  allConfirmed,
  cancelled,
  factsOf,
  failed,
  file,
  initialized,
  inSeconds,
  kari,
  ola,
  owner,
  processing,
  published,
  purged,
  uploadStarted,
} from '../../support/builders.js'

const DAY = 86_400
const at = inSeconds(200)
const day = (days: number) => inSeconds(days * DAY)
const latest = day(90)
const moved = (transfer: FileTransfer, to: Date, now = at) =>
  evolveAll(transfer, factsOf(changeExpiry(transfer, to, latest, now)))
const resource = newResource('letters', owner)
const forEver = { searchDays: undefined, metadataDays: undefined }

describe('changing the expiry', () => {
  test.each([
    ['shortens', day(2)],
    ['lengthens', day(90)],
  ])('%s the time of a published file, and moves its deadline', (_, to) => {
    const transfer = published()
    const facts = factsOf(changeExpiry(transfer, to, latest, at))
    const { expirationTime, deadlines, ...rest } = evolveAll(transfer, facts)

    expect(facts).toEqual([{ type: 'ExpiryChanged', expirationTime: to, previousExpirationTime: day(30), at }])
    expect({ expirationTime, deadlines }).toEqual({
      expirationTime: to,
      deadlines: [{ kind: 'expire', at: to, sequence: transfer.sequence + 1 }],
    })
    expect(rest).toMatchObject({ status: 'Published', statusChangedAt: transfer.statusChangedAt, file: file() })
  })

  test('to the time that it has changes nothing, even when that has come', () => {
    expect(changeExpiry(published(), day(30), latest, at)).toEqual(ok([]))
    expect(changeExpiry(published(), day(30), latest, day(31))).toEqual(ok([]))
  })

  test('is possible until the file is purged', () => {
    expect(moved(published(), day(40), day(30)).status).toBe('Published')
  })

  test('is possible after the last confirmation, where the file stays until it expires', () => {
    expect(moved(allConfirmed('expiry'), day(40), inSeconds(300))).toMatchObject({ status: 'AllConfirmedDownloaded' })
  })

  test.each([initialized(), uploadStarted(), processing(), failed(), cancelled(), purged(), allConfirmed()])(
    'is refused unless the file is published and still expires: $status',
    (transfer) => {
      expect(changeExpiry(transfer, day(40), latest, inSeconds(300))).toEqual(err('ExpirationTimeCannotBeChanged'))
    },
  )

  test.each([at, inSeconds(199), new Date(0)])('is refused for a time that is not in the future: %s', (to) => {
    expect(changeExpiry(published(), to, latest, at)).toEqual(err('ExpirationTimeNotInFuture'))
  })

  test('is refused for a time after the latest', () => {
    expect(changeExpiry(published(), new Date(latest.getTime() + 1), latest, at)).toEqual(err('ExpirationTimeTooLate'))
  })

  test('does not have a file purged before an upload link ends, whose holder could store another one', () => {
    const byLink = { ...published(), file: { ...file(), link: { until: inSeconds(3600) } } }

    expect(moved(byLink, inSeconds(600))).toMatchObject({
      expirationTime: inSeconds(600),
      deadlines: [{ kind: 'expire', at: inSeconds(3600) }],
    })
  })

  test('leaves the deadline that was, wherever it still waits, without effect', () => {
    const transfer = published()
    const old = { kind: 'expire', sequence: 1 } as const

    expect(applyDeadline(transfer, old, forEver, day(30)).facts).toMatchObject([{ type: 'Purged' }])
    expect(applyDeadline(moved(transfer, day(60)), old, forEver, day(60)).facts).toEqual([])
    expect(applyDeadline(moved(transfer, day(2)), old, forEver, day(30)).facts).toEqual([])
  })

  test('has one deadline after any changes, that of the last, and it alone purges', () => {
    const changes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 })

    fc.assert(
      fc.property(changes, (days) => {
        const states: FileTransfer[] = [published()]
        for (const to of days) states.push(moved(states.at(-1) ?? published(), day(to)))
        const last = states.at(-1) ?? published()
        expect(last.deadlines).toMatchObject([{ kind: 'expire', at: day(days.at(-1) ?? 30) }])
        for (const { deadlines } of states) {
          for (const deadline of deadlines) {
            const { facts } = applyDeadline(last, deadline, forEver, day(365))
            expect(facts).toHaveLength(deadline.sequence === last.deadlines[0]?.sequence ? 1 : 0)
          }
        }
      }),
    )
  })
})

describe('the latest expiry', () => {
  test.each([
    ['the time to live', {}, day(30)],
    ['the longest time to live', { maxTimeToLiveSeconds: 90 * DAY }, day(90)],
    ['the time to live, if that is longer', { timeToLiveSeconds: 60 * DAY, maxTimeToLiveSeconds: 45 * DAY }, day(60)],
    ['never before the expiry there is', { timeToLiveSeconds: DAY }, day(30)],
  ])('is after %s of the resource', (_, settings, expected) => {
    expect(latestExpiration(published(), { ...resource, ...settings })).toEqual(expected)
  })

  test('is the expiry there is, when the resource is not known', () => {
    expect(latestExpiration(moved(published(), day(2)), undefined)).toEqual(day(2))
  })

  test('lets a shortened time be lengthened again', () => {
    expect(latestExpiration(moved(published(), day(2)), resource)).toEqual(day(30))
  })
})

describe('the events of a changed expiry', () => {
  test('notify the recipients that had not confirmed then, also when they have confirmed since', () => {
    const both = published({ [kari]: 'DownloadConfirmed', [ola]: 'DownloadStarted' })
    const facts = factsOf(changeExpiry(both, day(2), latest, at))
    const [fact] = facts
    if (!fact) throw new Error('There is no fact.')
    const after = evolveAll(both, facts)
    const later = evolveAll(after, [{ type: 'DownloadConfirmed', recipient: ola, at: inSeconds(300) }])
    const told = (transfer: FileTransfer) =>
      eventsToPublish(transfer, fact, after.sequence).map(({ type, actor }) => [type, actor.role, actor.organization])

    expect(told(after)).toEqual([['expirychanged', 'Recipient', ola]])
    expect(told(later)).toEqual(told(after))
  })
})
