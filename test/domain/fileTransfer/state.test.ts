import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cancel } from '../../../src/domain/fileTransfer/cancel.js'
import { applyDeadline } from '../../../src/domain/fileTransfer/deadlines.js'
import { confirmDownload, startDownload } from '../../../src/domain/fileTransfer/download.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { checkUpload, recordVerdict } from '../../../src/domain/fileTransfer/processing.js'
import { attemptsInUse, type Deadline, type Fact, type FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { abandonUpload, completeUpload, failUpload, startUpload } from '../../../src/domain/fileTransfer/upload.js'
import { eventName, eventsToPublish } from '../../../src/domain/projections/altinnEvents.js'
import { effectsOf, newDeadlines } from '../../../src/domain/projections/effects.js'
import type { Result } from '../../../src/domain/result.js'
import {
  deadlineSettings,
  file,
  initialized,
  kari,
  ola,
  sender,
  start,
  stranger,
  verdict,
} from '../../support/builders.js'

// Whatever is asked of a transfer, in whatever order: each request is decided on the state that the ones before have
// left.

type World = { transfer: FileTransfer; started: string[]; everSet: Deadline[] }
type Ask = (world: World, at: Date) => Result<Fact[], string>

const picked = <Item>(items: Item[], which: number): Item | undefined => items[which % Math.max(1, items.length)]
const anAttempt = ({ started }: World, which: number) => picked(started, which) ?? 'never-started'

const actor = fc.constantFrom(kari, ola, stranger, sender)
const which = fc.nat(20)
const etagged = (attemptId: string, isRight: boolean) => (isRight ? file(attemptId).etag : 'another-etag')

const startOne = fc.constant<Ask>(({ transfer, started }, at) =>
  startUpload(
    transfer,
    { id: `attempt-${started.push(`attempt-${started.length}`) - 1}`, vendor: undefined },
    deadlineSettings,
    at,
  ),
)
const completeOne = which.map<Ask>(
  (n) => (world, at) => completeUpload(world.transfer, file(anAttempt(world, n)), deadlineSettings, at),
)
const abandonOne = which.map<Ask>((n) => (world, at) => abandonUpload(world.transfer, anAttempt(world, n), at))
const failOne = which.map<Ask>((n) => (world, at) => failUpload(world.transfer, anAttempt(world, n), 'any', at))
const cancelIt = fc.constant<Ask>(({ transfer }, at) => cancel(transfer, at))
const checkOne = fc.tuple(which, fc.boolean()).map<Ask>(
  ([n, isIntact]) =>
    (world, at) =>
      checkUpload(world.transfer, anAttempt(world, n), isIntact, at),
)
const judgeOne = fc
  .tuple(
    which,
    fc.constantFrom('Clean' as const, 'Clean' as const, 'Malicious' as const, 'ScanFailed' as const),
    fc.boolean(),
  )
  .map<Ask>(([n, result, isRight]) => (world, at) => {
    const attemptId = anAttempt(world, n)
    return recordVerdict(world.transfer, attemptId, verdict(result, etagged(attemptId, isRight)), at)
  })
const downloadOne = fc.tuple(actor, fc.boolean()).map<Ask>(
  ([recipient, isRanged]) =>
    ({ transfer }, at) =>
      startDownload(transfer, { recipient, vendor: undefined }, isRanged, at),
)
const confirmOne = fc.tuple(actor, fc.option(fc.nat(7200), { nil: undefined })).map<Ask>(
  ([recipient, grace]) =>
    ({ transfer }, at) =>
      confirmDownload(transfer, { recipient, vendor: undefined }, grace, at),
)
const retention = { searchDays: 1, metadataDays: 2 }
const meetOne = which.map<Ask>((n) => ({ transfer, everSet }, at) => {
  const deadline = picked(everSet, n)
  return {
    ok: true,
    value: deadline ? applyDeadline(transfer, deadline, retention, at).facts : [],
  }
})
/** The usual way, so that the late statuses are reached often. */
const proceed = which.map<Ask>((n) => (world, at) => {
  const { transfer } = world
  const [open] = attemptsInUse(transfer)
  const byKari = { recipient: picked([kari, ola], n) ?? kari, vendor: undefined }
  switch (transfer.status) {
    case 'UploadStarted':
      return completeUpload(transfer, file(open ?? 'none'), deadlineSettings, at)
    case 'UploadProcessing':
      return n % 2 === 0
        ? checkUpload(transfer, open ?? 'none', true, at)
        : recordVerdict(transfer, open ?? 'none', verdict('Clean', transfer.file.etag), at)
    case 'Published':
      return n % 3 === 0 ? startDownload(transfer, byKari, false, at) : confirmDownload(transfer, byKari, 60, at)
    case 'Initialized':
    case 'AllConfirmedDownloaded':
    case 'Failed':
    case 'Purged':
    case 'Cancelled':
      return { ok: true, value: [] }
  }
})

const ask = fc.oneof(
  { weight: 3, arbitrary: startOne },
  { weight: 6, arbitrary: proceed },
  { weight: 1, arbitrary: completeOne },
  { weight: 1, arbitrary: abandonOne },
  { weight: 1, arbitrary: failOne },
  { weight: 1, arbitrary: cancelIt },
  { weight: 1, arbitrary: checkOne },
  { weight: 1, arbitrary: judgeOne },
  { weight: 2, arbitrary: downloadOne },
  { weight: 2, arbitrary: confirmOne },
  { weight: 1, arbitrary: meetOne },
)
/** The clock of whoever decides may be behind that of whoever decided last. */
const passes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -5, max: 600 }) },
  { weight: 1, arbitrary: fc.constantFrom(3600, 86_400, 31 * 86_400) },
)
const requests = fc.array(fc.record({ ask, passes }), { maxLength: 60, size: 'max' })

type Step = { before: FileTransfer; facts: Fact[]; after: FileTransfer }

function play(asked: { ask: Ask; passes: number }[], isScanned: boolean) {
  const first = initialized({ disableVirusScan: !isScanned })
  const world: World = { transfer: first, started: [], everSet: [...first.deadlines] }
  const steps: Step[] = []
  let clock = start.getTime()
  for (const { ask, passes } of asked) {
    clock += passes * 1000
    const before = world.transfer
    const at = new Date(Math.max(clock, before.lastFactAt.getTime()))
    const tries = world.started.length
    const decision = ask(world, at)
    if (!decision.ok || decision.value.length === 0) world.started.length = tries
    const facts = decision.ok ? decision.value : []
    world.transfer = evolveAll(before, facts)
    world.everSet.push(...world.transfer.deadlines)
    steps.push({ before, facts, after: world.transfer })
  }
  return { first, steps, last: world.transfer, facts: steps.flatMap((step) => step.facts), started: world.started }
}

/** Checks a property of every play. */
const always = (tell: (played: ReturnType<typeof play>) => void) =>
  fc.assert(
    fc.property(requests, fc.boolean(), (asked, isScanned) => void tell(play(asked, isScanned))),
    { numRuns: 500 },
  )

const count = (facts: Fact[], type: Fact['type']) => facts.filter((fact) => fact.type === type).length

describe('a transfer, after any requests in any order', () => {
  test.each([
    'UploadCompleted',
    'Published',
    'AllConfirmedDownloaded',
    'UploadFailed',
    'Cancelled',
    'Purged',
    'UploadChecked',
  ] as const)('has at most one %s', (type) => {
    always(({ facts }) => expect(count(facts, type)).toBeLessThanOrEqual(1))
  })

  test('has no other verdict after the first on its file', () => {
    always(({ steps }) => {
      const after = steps.filter(({ before }) => 'verdict' in before)
      expect(
        count(
          after.flatMap(({ facts }) => facts),
          'ScanVerdictRecorded',
        ),
      ).toBe(0)
    })
  })

  test('is published only after it was checked and, where a scan is required, found clean', () => {
    always(({ first, facts }) => {
      const published = facts.findIndex(({ type }) => type === 'Published')
      if (published === -1) return
      const before = facts.slice(0, published)
      const cleared = before.some((fact) => fact.type === 'ScanVerdictRecorded' && fact.verdict.result === 'Clean')
      expect(count(before, 'UploadChecked')).toBe(1)
      expect(cleared || !first.useVirusScan).toBe(true)
    })
  })

  test('is purged for good, and when it has failed or was cancelled can only be purged', () => {
    always(({ steps }) => {
      for (const { before, facts, after } of steps) {
        if (before.status === 'Purged') expect(facts.filter(({ type }) => type !== 'Unlisted')).toEqual([])
        if (before.status === 'Failed' || before.status === 'Cancelled') {
          expect([before.status, 'Purged']).toContain(after.status)
        }
      }
    })
  })

  test('never goes back in its status', () => {
    const order = [
      ['Initialized'],
      ['UploadStarted'],
      ['UploadProcessing'],
      ['Published'],
      ['AllConfirmedDownloaded', 'Failed', 'Cancelled'],
      ['Purged'],
    ]
    const rank = ({ status }: FileTransfer) => order.findIndex((each) => each.includes(status))

    always(({ steps }) => {
      for (const { before, after } of steps) expect(rank(after)).toBeGreaterThanOrEqual(rank(before))
    })
  })

  test('counts every fact', () => {
    always(({ first, steps }) => {
      let sequence = first.sequence
      for (const { facts, after } of steps) {
        sequence += facts.length
        expect(after.sequence).toBe(sequence)
      }
    })
  })

  test('has facts whose times never go back', () => {
    always(({ facts, last }) => {
      const times = facts.map(({ at }) => at.getTime())
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      if (times.length > 0) expect(last.lastFactAt.getTime()).toBe(times.at(-1))
    })
  })

  test('has recipients whose status never moves back, and no others than at first', () => {
    const order = ['Initialized', 'DownloadStarted', 'DownloadConfirmed']

    always(({ steps }) => {
      for (const { before, after } of steps) {
        expect(Object.keys(after.recipients).sort()).toEqual(Object.keys(before.recipients).sort())
        for (const [each, { status }] of Object.entries(before.recipients)) {
          const now = Object.entries(after.recipients).find(([other]) => other === each)?.[1].status ?? ''
          expect(order.indexOf(now)).toBeGreaterThanOrEqual(order.indexOf(status))
        }
      }
    })
  })

  test('is closed exactly when every recipient has confirmed', () => {
    always(({ last, facts }) => {
      const haveAll = Object.values(last.recipients).every(({ status }) => status === 'DownloadConfirmed')
      expect(count(facts, 'AllConfirmedDownloaded') === 1).toBe(haveAll)
    })
  })

  test('either uses an attempt or has released it, once and for good', () => {
    always(({ steps, started, last }) => {
      const released = new Set<string>()
      for (const { facts, after } of steps) {
        for (const attempt of facts.flatMap((fact) => ('released' in fact ? fact.released : []))) {
          expect(released).not.toContain(attempt)
          released.add(attempt)
        }
        for (const attempt of attemptsInUse(after)) expect(released).not.toContain(attempt)
      }
      expect([...released, ...attemptsInUse(last)].sort()).toEqual([...started].sort())
    })
  })

  test('completes one of its attempts, whose file is kept', () => {
    always(({ steps, facts }) => {
      const completed = facts.flatMap((fact) => (fact.type === 'UploadCompleted' ? [fact.file] : []))
      for (const { after } of steps) {
        if ('file' in after && after.file) expect(after.file).toEqual(completed[0])
      }
    })
  })

  test('has no event twice', () => {
    always(({ first, facts, last }) => {
      const events = facts.flatMap((fact, index) => eventsToPublish(last, fact, first.sequence + 1 + index))
      const names = events.map(eventName)
      expect(new Set(names).size).toBe(names.length)
    })
  })

  test('has a row for the deadline that comes first, or for an earlier one', () => {
    const key = ({ kind, sequence }: Deadline) => `${kind} ${sequence}`

    always(({ first, steps, last }) => {
      const rows = new Map(newDeadlines(undefined, first).map((deadline) => [key(deadline), deadline.at.getTime()]))
      for (const { before, facts, after } of steps) {
        if (facts.length === 0) continue
        for (const deadline of newDeadlines(before, after)) rows.set(key(deadline), deadline.at.getTime())
        for (const deadline of effectsOf(before, facts, before.sequence + 1, after).obsoleteDeadlines)
          rows.delete(key(deadline))
      }
      const next = Math.min(...rows.values())
      for (const { at } of last.deadlines) expect(next).toBeLessThanOrEqual(at.getTime())
    })
  })

  test('has a deadline for its end until it is purged, and none after', () => {
    always(({ steps }) => {
      for (const { after } of steps) {
        const ends = after.deadlines.filter(({ kind }) => kind === 'expire' || kind === 'purge')
        expect(ends.length).toBe(after.status === 'Purged' ? 0 : 1)
        expect(new Set(after.deadlines.map(({ kind }) => kind)).size).toBe(after.deadlines.length)
      }
    })
  })
})

describe('the histories above', () => {
  test('reach every status', () => {
    const reached = new Set(
      fc
        .sample(requests, { numRuns: 300, seed: 7 })
        .flatMap((asked) => play(asked, true).steps.map(({ after }) => after.status)),
    )

    expect([...reached].sort()).toEqual([
      'AllConfirmedDownloaded',
      'Cancelled',
      'Failed',
      'Initialized',
      'Published',
      'Purged',
      'UploadProcessing',
      'UploadStarted',
    ])
  })
})
