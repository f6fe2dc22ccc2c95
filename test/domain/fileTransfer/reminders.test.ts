import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeExpiry } from '../../../src/domain/fileTransfer/changeExpiry.js'
import { applyDeadline } from '../../../src/domain/fileTransfer/deadlines.js'
import { confirmDownload, startDownload } from '../../../src/domain/fileTransfer/download.js'
import { evolve, evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { initialize } from '../../../src/domain/fileTransfer/initialize.js'
import { plannedReminders } from '../../../src/domain/fileTransfer/reminders.js'
import type { Fact, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { sortedReminders } from '../../../src/domain/reminders.js'
import {
  allIsWell,
  fileTransferId,
  inSeconds,
  kari,
  ola,
  oneFactOfEach,
  published,
  request,
} from '../../support/builders.js'

/** Every transfer of the builders is published then. */
const PUBLISHED = 180
const EXPIRES = 30 * 86_400
const forEver = { searchDays: undefined, metadataDays: undefined }

/** A published transfer to Kari and Ola that began with these reminders. */
function withReminders(reminders: number[], expires = EXPIRES): FileTransfer {
  const { publishedAt, ...before } = published()
  const begun = { ...before, expirationTime: inSeconds(expires), reminders: sortedReminders(reminders) }
  return evolve(begun, { type: 'Published', at: inSeconds(PUBLISHED) })
}

const secondsOf = (at: Date) => (at.getTime() - inSeconds(0).getTime()) / 1000
const deadlineOf = (transfer: FileTransfer) => transfer.deadlines.find(({ kind }) => kind === 'remind')
const dueIn = (transfer: FileTransfer) => {
  const deadline = deadlineOf(transfer)
  return deadline && secondsOf(deadline.at) - PUBLISHED
}

/** The timer: the reminder that is due, if one is. */
function timer(transfer: FileTransfer, seconds: number): { after: FileTransfer; facts: Fact[] } {
  const deadline = deadlineOf(transfer)
  const facts = deadline ? applyDeadline(transfer, deadline, forEver, inSeconds(seconds)).facts : []
  return { after: evolveAll(transfer, facts), facts }
}

const confirm = (transfer: FileTransfer, recipient: typeof kari, seconds: number) =>
  [startDownload, confirmDownload].reduce((now, act) => {
    const by = { recipient, vendor: undefined }
    const at = inSeconds(seconds)
    const decided = act === startDownload ? startDownload(now, by, false, at) : confirmDownload(now, by, 7200, at)
    return decided.ok ? evolveAll(now, decided.value) : now
  }, transfer)

/** The sender moves the expiry; nothing follows where it cannot. */
function moveExpiry(transfer: FileTransfer, expires: number, seconds: number): FileTransfer {
  const decided = changeExpiry(transfer, inSeconds(expires), inSeconds(1e6), inSeconds(seconds))
  return decided.ok ? evolveAll(transfer, decided.value) : transfer
}

describe('the reminders of a new transfer', () => {
  const resource = { ...allIsWell.resource, reminders: [604_800, -172_800] }
  const begun = (reminders?: number[]) =>
    initialize(
      { ...request, reminders },
      { ...allIsWell, resource },
      { id: fileTransferId, at: inSeconds(0), vendor: undefined },
    )

  test('are those of the resource', () => {
    expect(begun()).toMatchObject({ value: { transfer: { reminders: [604_800, -172_800] } } })
  })

  test('are those that its sender chose', () => {
    expect(begun([-172_800])).toMatchObject({ value: { transfer: { reminders: [-172_800] } } })
  })

  test('are none, where the sender wants none', () => {
    const made = begun([])

    expect(made.ok && 'reminders' in made.value.transfer).toBe(false)
  })

  test('are refused where the resource does not offer one, with those that it offers', () => {
    expect(begun([604_800, 60])).toEqual({
      ok: false,
      reason: { problem: 'ReminderNotOffered', detail: 'It offers P7D, -P2D.' },
    })
  })

  test('set no deadline before the publication', () => {
    const made = begun()

    expect(made.ok && made.value.transfer.deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })
})

describe('the next reminder', () => {
  test('is the earliest, counted from the publication or before the expiry', () => {
    expect(dueIn(withReminders([20_000, 10_000]))).toBe(10_000)
    expect(dueIn(withReminders([50_000, -20_000], PUBLISHED + 60_000))).toBe(40_000)
  })

  test.each([
    ['at the expiry', [60_000]],
    ['after it', [60_001]],
    ['before the publication', [-60_001]],
    ['at the publication', [-60_000]],
  ])('does not fall %s', (_, reminders) => {
    expect(dueIn(withReminders(reminders, PUBLISHED + 60_000))).toBeUndefined()
  })

  test('follows on the one that was sent', () => {
    const { after, facts } = timer(withReminders([100, 300]), PUBLISHED + 100)

    expect(facts).toEqual([{ type: 'DownloadReminded', recipients: [ola, kari], at: inSeconds(PUBLISHED + 100) }])
    expect(dueIn(after)).toBe(300)
  })

  test('is one with another at the same time, and with those that are overdue', () => {
    const same = withReminders([100, -200], PUBLISHED + 300)
    const overdue = withReminders([100, 200, 300])

    expect(timer(same, PUBLISHED + 100).after).not.toHaveProperty('reminders')
    expect(dueIn(timer(overdue, PUBLISHED + 250).after)).toBe(300)
  })

  test('is due at once when the expiry is moved so that its time has passed', () => {
    const moved = moveExpiry(withReminders([-1000]), PUBLISHED + 1500, PUBLISHED + 800)

    expect(dueIn(moved)).toBe(800)
    expect(timer(moved, PUBLISHED + 800).facts).toHaveLength(1)
  })

  test('moves with the expiry, and does not come again once it was sent', () => {
    const transfer = withReminders([-1000], PUBLISHED + 5000)
    const { after } = timer(transfer, PUBLISHED + 4000)

    expect(dueIn(moveExpiry(transfer, PUBLISHED + 9000, PUBLISHED + 10))).toBe(8000)
    expect(dueIn(moveExpiry(after, PUBLISHED + 9000, PUBLISHED + 4100))).toBeUndefined()
  })

  test('that falls after the expiry comes when the expiry is moved later', () => {
    const transfer = withReminders([2000], PUBLISHED + 1000)

    expect(plannedReminders(transfer)).toEqual([])
    expect(dueIn(moveExpiry(transfer, PUBLISHED + 3000, PUBLISHED + 10))).toBe(2000)
  })

  test('goes to those alone who have not confirmed', () => {
    const transfer = confirm(withReminders([100]), ola, PUBLISHED + 50)

    expect(timer(transfer, PUBLISHED + 100).facts).toMatchObject([{ recipients: [kari] }])
  })

  test('is not sent once the transfer has expired: the timer is late, and purges it next', () => {
    expect(timer(withReminders([100], PUBLISHED + 200), PUBLISHED + 200).facts).toEqual([])
  })

  test.each(['AllConfirmedDownloaded', 'FileWithdrawn', 'Cancelled', 'Purged', 'UploadFailed'] as const)(
    'is none after %s',
    (type) => {
      const after = evolve(withReminders([100, -100]), oneFactOfEach[type])

      expect(after).not.toHaveProperty('reminders')
      expect(deadlineOf(after)).toBeUndefined()
    },
  )
})

const reminder = fc.integer({ min: -1000, max: 1000 }).filter((seconds) => seconds !== 0)
const reminders = fc.uniqueArray(reminder, { minLength: 1, maxLength: 10 })

describe('reminders', () => {
  test('come each at its time, once, where the timer is punctual', () => {
    fc.assert(
      fc.property(reminders, fc.integer({ min: 1, max: 1500 }), (all, life) => {
        const times = all.map((each) => (each > 0 ? each : life + each)).filter((time) => time > 0 && time < life)
        let transfer = withReminders(all, PUBLISHED + life)

        const sent: number[] = []
        for (let second = 0; second < life; second++) {
          const { after, facts } = timer(transfer, PUBLISHED + second)
          if (facts.length > 0) sent.push(second)
          transfer = after
        }

        expect(sent).toEqual([...new Set(times)].toSorted((one, other) => one - other))
        expect(plannedReminders(transfer)).toEqual([])
      }),
    )
  })

  const step = fc.oneof(
    fc.record({ does: fc.constant('timer' as const) }),
    fc.record({ does: fc.constant('confirm' as const), who: fc.constantFrom(kari, ola) }),
    fc.record({ does: fc.constant('move' as const), by: fc.integer({ min: -500, max: 500 }) }),
    fc.record({ does: fc.constantFrom('Cancelled', 'FileWithdrawn', 'Purged', 'UploadFailed') }),
  )
  const steps = fc.array(fc.tuple(fc.nat(200), step), { maxLength: 30 })

  test('come at most once each, to nobody who has confirmed, and never after the end, whatever happens', () => {
    fc.assert(
      fc.property(reminders, steps, (all, story) => {
        let transfer = withReminders(all, PUBLISHED + 1000)
        let left = transfer.reminders?.length ?? 0
        let second = PUBLISHED
        const confirmed = new Set<string>()
        for (const [passed, { does, ...what }] of story) {
          second += passed
          const expires = secondsOf(transfer.expirationTime)
          if (does === 'confirm' && 'who' in what) {
            const wasOpen = transfer.status === 'Published'
            transfer = confirm(transfer, what.who, second)
            if (wasOpen) confirmed.add(what.who)
          } else if (does === 'move' && 'by' in what) {
            transfer = moveExpiry(transfer, Math.max(second + 1, expires + what.by), second)
          } else if (does === 'timer') {
            const { status } = transfer
            const { after, facts } = timer(transfer, second)
            const now = after.reminders?.length ?? 0
            // Each reminder that was sent is used up.
            if (facts.length > 0) expect(now).toBeLessThan(left)
            for (const fact of facts) {
              expect(status).toBe('Published')
              expect(second).toBeLessThan(expires)
              expect(fact).toMatchObject({ recipients: [ola, kari].filter((each) => !confirmed.has(each)) })
            }
            left = now
            transfer = after
            // Nothing that is due is left over.
            const due = deadlineOf(transfer)
            if (second < expires) expect(due === undefined || due.at > inSeconds(second)).toBe(true)
          } else {
            transfer = evolve(transfer, oneFactOfEach[does as 'Cancelled'])
          }
          if (transfer.status !== 'Published') expect(transfer).not.toHaveProperty('reminders')
        }
      }),
    )
  })

  test('before the expiry come exactly once, however the expiry is moved, if the timer runs before it', () => {
    const moves = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: -400, max: 400 })), { maxLength: 8 })

    fc.assert(
      fc.property(fc.integer({ min: -900, max: -1 }), moves, (before, story) => {
        let transfer = withReminders([before], PUBLISHED + 1000)
        let second = PUBLISHED
        let sent = 0
        const runTimer = () => {
          const { after, facts } = timer(transfer, second)
          sent += facts.length
          transfer = after
        }
        for (const [passed, by] of story) {
          const expires = secondsOf(transfer.expirationTime)
          second = Math.min(second + passed, expires - 1)
          runTimer()
          transfer = moveExpiry(transfer, Math.max(second + 2, expires + by), second)
          runTimer()
        }
        second = secondsOf(transfer.expirationTime) - 1
        runTimer()

        expect(sent).toBe(1)
      }),
    )
  })
})
