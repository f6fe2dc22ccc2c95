import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cancel } from '../../../src/domain/fileTransfer/cancel.js'
import { changeExpiry, latestExpiration } from '../../../src/domain/fileTransfer/changeExpiry.js'
import { applyDeadline } from '../../../src/domain/fileTransfer/deadlines.js'
import { confirmDownload, startDownload } from '../../../src/domain/fileTransfer/download.js'
import { evolve } from '../../../src/domain/fileTransfer/evolve.js'
import { checkUpload, recordVerdict } from '../../../src/domain/fileTransfer/processing.js'
import {
  attemptsInUse,
  type Deadline,
  type Decision,
  type Fact,
  type FileTransfer,
  type FileTransferStatus,
  type RecipientStatus,
  type Verdict,
} from '../../../src/domain/fileTransfer/state.js'
import { isDecided } from '../../../src/domain/fileTransfer/statusAfter.js'
import { abandonUpload, completeUpload, failUpload, startUpload } from '../../../src/domain/fileTransfer/upload.js'
import type { OrganizationNumber } from '../../../src/domain/organizationNumber.js'
import type { Problem } from '../../../src/domain/problems.js'
import { eventsToPublish } from '../../../src/domain/projections/altinnEvents.js'
import { newResource } from '../../../src/domain/resource.js'
import {
  deadlineSettings,
  initialized,
  inSeconds,
  kari,
  ola,
  owner,
  sender,
  start,
  stranger,
} from '../../support/builders.js'
import { type Model, model, type Request } from '../../support/lifecycleModel.js'

const letters = newResource('letters', owner)
const forEver = { searchDays: undefined, metadataDays: undefined }

// The core against a model without facts, which only has what callers see. Commands come in any order, at any time.

type Real = { transfer: FileTransfer; facts: Fact[]; deadlines: Deadline[]; released: Set<string>; published: string[] }

const LEGAL: Record<FileTransferStatus, FileTransferStatus[]> = {
  Initialized: ['UploadStarted', 'Cancelled', 'Purged'],
  UploadStarted: ['UploadStarted', 'UploadProcessing', 'Failed', 'Cancelled', 'Purged'],
  UploadProcessing: ['UploadProcessing', 'Published', 'Failed', 'Cancelled', 'Purged'],
  Published: ['Published', 'AllConfirmedDownloaded', 'Failed', 'Cancelled', 'Purged'],
  AllConfirmedDownloaded: ['AllConfirmedDownloaded', 'Failed', 'Purged'],
  Failed: ['Purged'],
  Cancelled: ['Purged'],
  Purged: [],
}
const RANK: Record<RecipientStatus, number> = { Initialized: 0, DownloadStarted: 1, DownloadConfirmed: 2 }

/** Applies facts one by one, and checks each step by itself. */
function apply(real: Real, facts: Fact[]) {
  for (const fact of facts) {
    const before = real.transfer
    const after = evolve(before, fact)
    if (real.facts.length > 0) expect(LEGAL[before.status]).toContain(after.status)
    // Nobody who waited for it has left too early.
    if (after.status !== before.status) expect(isDecided(before.status, after.status)).toBe(false)
    expect(after.sequence).toBe(before.sequence + 1)
    expect(fact.at.getTime()).toBeGreaterThanOrEqual(before.lastFactAt.getTime())
    for (const [who, { status }] of Object.entries(after.recipients)) {
      const earlier = before.recipients[who as OrganizationNumber]?.status ?? 'Initialized'
      expect(RANK[status]).toBeGreaterThanOrEqual(RANK[earlier])
    }
    if ('released' in fact) for (const each of fact.released) real.released.add(each)
    real.transfer = after
    real.facts.push(fact)
    real.deadlines.push(...after.deadlines.filter(({ sequence }) => sequence === after.sequence))
    const events = eventsToPublish(after, fact, after.sequence)
    real.published.push(...events.map(({ type, actor }) => `${type} > ${actor.organization} as ${actor.role}`))
  }
}

/** What must hold between any two commands. */
function expectAgreement(expected: Model, { transfer, facts, released, published }: Real) {
  const count = (type: Fact['type']) => facts.filter((fact) => fact.type === type).length
  expect(transfer.status).toBe(expected.status())
  expect(Object.fromEntries(Object.entries(transfer.recipients).map(([who, { status }]) => [who, status]))).toEqual(
    expected.recipients(),
  )
  expect(attemptsInUse(transfer).toSorted()).toEqual(expected.attemptsInUse().toSorted())
  expect(attemptsInUse(transfer).filter((each) => released.has(each))).toEqual([])
  expect(transfer.deadlines.map(({ kind, at }) => `${kind} ${at.toISOString()}`).toSorted()).toEqual(
    expected.deadlines().toSorted(),
  )
  expect(published.toSorted()).toEqual(expected.published().toSorted())
  for (const type of [
    'Initialized',
    'UploadCompleted',
    'UploadChecked',
    'UploadFailed',
    'Published',
    'FileWithdrawn',
    'Cancelled',
    'Purged',
  ] as const) {
    expect(count(type)).toBeLessThanOrEqual(1)
  }
  const haveAllConfirmed = Object.values(transfer.recipients).every(({ status }) => status === 'DownloadConfirmed')
  expect(count('AllConfirmedDownloaded')).toBe(haveAllConfirmed ? 1 : 0)
  expect(transfer.sequence).toBe(facts.length)
}

class Command implements fc.Command<Model, Real> {
  readonly name: string
  readonly request: Request
  readonly decide: (real: Real, at: Date, expected: Model) => Decision<Problem>
  constructor(request: Request, decide: Command['decide']) {
    this.name = JSON.stringify(request)
    this.request = request
    this.decide = decide
  }
  check = () => true
  toString = () => this.name
  run(expected: Model, real: Real) {
    const at = new Date(start.getTime() + expected.tick() * 1000)
    const decision = this.decide(real, at, expected)

    const isAllowed = expected.apply(this.request)

    expect(decision.ok).toBe(isAllowed)
    apply(real, decision.ok ? decision.value : [])
    expectAgreement(expected, real)
  }
}

const settings = deadlineSettings
const attempts = fc.integer({ min: 1, max: 20 }).map((n) => `attempt-${n}`)
const recentAttempts = fc.integer({ min: 1, max: 3 }).map((n) => `attempt-${n}`)
const anyAttempt = fc.oneof({ weight: 4, arbitrary: recentAttempts }, attempts)
const etagOf = (attempt: string) => `etag-of-${attempt}`
const fileOf = (attemptId: string, isToBeRead: boolean) => ({
  attemptId,
  sizeBytes: 0,
  etag: etagOf(attemptId),
  ...(!isToBeRead && { md5: 'd41d8cd98f00b204e9800998ecf8427e' }),
})
const who = fc.constantFrom(kari, ola, sender, stranger)
const grace = fc.constantFrom(undefined, 0, 7200, 400 * 86_400)
const results = fc.constantFrom<Verdict['result']>('Clean', 'Clean', 'Malicious', 'ScanFailed')

const uploads = [
  fc
    .constant(0)
    .map(
      () =>
        new Command({ type: 'start' }, ({ transfer }, at, expected) =>
          startUpload(transfer, { id: expected.nextAttempt(), vendor: undefined }, settings, at),
        ),
    ),
  fc
    .tuple(anyAttempt, fc.boolean())
    .map(
      ([attempt, isToBeRead]) =>
        new Command({ type: 'complete', attempt, isToBeRead }, ({ transfer }, at) =>
          completeUpload(transfer, fileOf(attempt, isToBeRead), settings, at),
        ),
    ),
  anyAttempt.map(
    (attempt) => new Command({ type: 'abandon', attempt }, ({ transfer }, at) => abandonUpload(transfer, attempt, at)),
  ),
  anyAttempt.map(
    (attempt) =>
      new Command({ type: 'wrongChecksum', attempt }, ({ transfer }, at) =>
        failUpload(transfer, attempt, 'Checksum mismatch', at),
      ),
  ),
]
const scans = [
  fc.tuple(anyAttempt, results, fc.boolean()).map(([attempt, result, isOfThisFile]) => {
    const etag = isOfThisFile ? etagOf(attempt) : 'etag-of-another'
    const verdict = { result, etag, detail: '{}' }
    return new Command({ type: 'verdict', attempt, result, isOfThisFile }, ({ transfer }, at) =>
      recordVerdict(transfer, attempt, verdict, at),
    )
  }),
  fc
    .tuple(anyAttempt, fc.boolean())
    .map(
      ([attempt, isIntact]) =>
        new Command({ type: 'check', attempt, isIntact }, ({ transfer }, at) =>
          checkUpload(transfer, attempt, isIntact, at),
        ),
    ),
]
const downloads = [
  fc
    .tuple(who, fc.boolean())
    .map(
      ([recipient, isRanged]) =>
        new Command({ type: 'download', recipient }, ({ transfer }, at) =>
          startDownload(transfer, { recipient, vendor: undefined }, isRanged, at),
        ),
    ),
  fc
    .tuple(who, grace)
    .map(
      ([recipient, seconds]) =>
        new Command({ type: 'confirm', recipient, grace: seconds }, ({ transfer }, at) =>
          confirmDownload(transfer, { recipient, vendor: undefined }, seconds, at),
        ),
    ),
]
const ends = [
  fc
    .constantFrom(undefined, 'The wrong file')
    .map((reason) => new Command({ type: 'cancel', reason }, ({ transfer }, at) => cancel(transfer, at, reason))),
  fc.integer({ min: 0, max: 400 }).map((days) => {
    const request = { type: 'expiry' as const, at: days * 86_400, latest: 90 * 86_400 }
    return new Command(request, ({ transfer }, at) => {
      const latest = latestExpiration(transfer, { ...letters, maxTimeToLiveSeconds: request.latest })
      return changeExpiry(transfer, inSeconds(request.at), latest, at)
    })
  }),
]

/** Any deadline that was ever set, met before, at or after its time; those in force rather than others. */
const deadlines = fc
  .tuple(fc.nat(), fc.constantFrom('early', 'in time', 'late'))
  .map(([pick, when]) => new DeadlineCommand(pick, when))

class DeadlineCommand implements fc.Command<Model, Real> {
  readonly pick: number
  readonly when: string
  constructor(pick: number, when: string) {
    this.pick = pick
    this.when = when
  }
  check = () => true
  toString = () => `deadline ${this.pick} ${this.when}`
  run(expected: Model, real: Real) {
    const choice = this.pick % 3 === 0 ? real.deadlines : real.transfer.deadlines
    const deadline = choice[this.pick % choice.length]
    if (!deadline) return
    const dueAfter = (deadline.at.getTime() - start.getTime()) / 1000
    const seconds = expected.tick(this.when === 'early' ? undefined : dueAfter + (this.when === 'late' ? 86_400 : 0))
    const at = new Date(start.getTime() + seconds * 1000)

    const { facts, action } = applyDeadline(real.transfer, deadline, forEver, at)

    const expectedAction = expected.applyDeadline(deadline.kind, deadline.at)
    expect(action).toBe(expectedAction)
    apply(real, facts)
    expectAgreement(expected, real)
    expect(applyDeadline(real.transfer, deadline, forEver, at).facts).toEqual([])
  }
}

describe('a file transfer, after any requests in any order,', () => {
  test.each([
    ['with a scan', false],
    ['without a scan', true],
  ])('agrees with the model in status, attempts, deadlines and events: %s', (_, disableVirusScan) => {
    const commands = fc.commands(
      [...uploads, ...uploads, ...scans, ...scans, ...downloads, ...downloads, ...ends, deadlines],
      { maxCommands: 40, size: '+1' },
    )

    fc.assert(
      fc.property(commands, (sequence) => {
        const setup = () => {
          const transfer = initialized({ disableVirusScan })
          const real: Real = {
            transfer: { ...transfer, sequence: 0, deadlines: [] },
            facts: [],
            deadlines: [],
            released: new Set<string>(),
            published: [],
          }
          apply(real, [{ type: 'Initialized', at: start }])
          return { model: model({ sender, recipients: [kari, ola], isScanned: !disableVirusScan, settings }), real }
        }
        fc.modelRun(setup, sequence)
      }),
      { numRuns: 500 },
    )
  })
})
