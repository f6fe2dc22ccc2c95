import { describe, expect, test } from 'vitest'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import type { Fact, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { abandonUpload, completeUpload, failUpload } from '../../../src/domain/fileTransfer/upload.js'
import { effectsOf, newDeadlines } from '../../../src/domain/projections/effects.js'
import { isCounted, statisticsOf } from '../../../src/domain/projections/statistics.js'
import {
  attempt,
  deadlineSettings,
  factsOf,
  file,
  initialized,
  inSeconds,
  kari,
  ola,
  oneFactOfEach,
  otherAttempt,
  processing,
  published,
  sender,
  unread,
  uploadStarted,
  vendor,
  verdict,
} from '../../support/builders.js'

const at = inSeconds(200)

function effects(before: FileTransfer, facts: Fact[]) {
  const later = evolveAll(before, facts)
  return effectsOf(before, facts, before.sequence + 1, later)
}
const actors = ({ projections }: ReturnType<typeof effects>) =>
  projections.map(({ actor }) => [actor.role, actor.organization])
const everyone = [
  ['Sender', sender],
  ['Recipient', ola],
  ['Recipient', kari],
]

describe('the side effects of a change', () => {
  test('are the events of every fact, and the numbers of the facts that are counted', () => {
    const before = published({ [kari]: 'DownloadStarted', [ola]: 'DownloadConfirmed' })
    const facts: Fact[] = [
      { type: 'DownloadConfirmed', recipient: kari, at },
      { type: 'AllConfirmedDownloaded', at },
    ]

    const [confirmed, allConfirmed] = [before.sequence + 1, before.sequence + 2]
    const { events, counted } = effects(before, facts)
    expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
      ['downloadconfirmed', confirmed],
      ['downloadconfirmed', confirmed],
      ['allconfirmeddownloaded', allConfirmed],
    ])
    expect(counted).toEqual([confirmed, allConfirmed])
  })

  test.each(Object.values(oneFactOfEach))('$type is counted if there are rows for it', (fact) => {
    expect(isCounted(fact)).toBe(statisticsOf(published(), fact, 1).length > 0)
  })

  test('check an upload that needs hashing, and release other attempts', () => {
    const before = uploadStarted([attempt, otherAttempt])
    const facts = factsOf(completeUpload(before, unread(), deadlineSettings, at))

    expect(effects(before, facts)).toMatchObject({
      uploadToCheck: { attemptId: attempt, sequence: before.sequence + 1 },
      released: [otherAttempt],
    })
  })

  test('check nothing else', () => {
    const before = uploadStarted()

    expect(effects(processing(), [{ type: 'Published', at }])).not.toHaveProperty('uploadToCheck')
    expect(effects(before, factsOf(completeUpload(before, file(), deadlineSettings, at)))).not.toHaveProperty(
      'uploadToCheck',
    )
  })

  test('release attempts that are not in use any more', () => {
    const before = uploadStarted([attempt, otherAttempt])

    expect(effects(before, factsOf(abandonUpload(before, attempt, at))).released).toEqual([attempt])
    expect(effects(before, factsOf(failUpload(before, attempt, 'any', at))).released).toEqual([attempt, otherAttempt])
  })

  test('name the resumable one among the released attempts', () => {
    const before = uploadStarted([attempt])
    const resumable: Fact = { type: 'UploadAbandoned', released: [attempt], resumable: attempt, at }

    expect(effects(before, [resumable])).toMatchObject({ released: [attempt], resumable: [attempt] })
    expect(effects(before, factsOf(abandonUpload(before, attempt, at))).resumable).toEqual([])
    expect(effects(published(), [{ type: 'DownloadConfirmed', recipient: kari, at }])).toMatchObject({
      released: [],
      resumable: [],
    })
  })

  test('of a reminder are its events alone: no search and no count changes', () => {
    const before = { ...published(), reminders: [3600] }

    expect(effects(before, [{ type: 'DownloadReminded', recipients: [kari], at }])).toMatchObject({
      projections: [],
      counted: [],
      statistics: [],
      events: [{ type: 'downloadreminder', actor: { organization: kari, role: 'Recipient' } }],
    })
  })

  test('count each fact under its own number', () => {
    const facts: Fact[] = [
      { type: 'AllConfirmedDownloaded', at },
      { type: 'DownloadConfirmed', recipient: kari, vendor, at },
    ]

    const { counted, statistics } = effectsOf(undefined, facts, 7, published())
    expect(counted).toEqual([7, 8])
    expect(statistics).toMatchObject([{ recipient: kari, recipientVendor: { organization: vendor, sequence: 8 } }])
  })

  test('are in the view of the service owner, as far as it shows them', () => {
    const confirmed: Fact = { type: 'DownloadConfirmed', recipient: kari, at }

    expect(effects(published(), [confirmed]).activity).toBeUndefined()
    expect(effects(published(), [confirmed, { type: 'AllConfirmedDownloaded', at }]).activity).toMatchObject({
      allConfirmedAt: at,
    })
  })

  test('name the deadlines that the change ended', () => {
    const before = uploadStarted()
    const facts = factsOf(completeUpload(before, file(), deadlineSettings, at))

    expect(effects(before, facts).obsoleteDeadlines).toEqual([
      { kind: 'uploadIdle', at: inSeconds(60 + 86_400), sequence: 2 },
    ])
  })

  test('name no obsolete deadline when a change is resumed, since the state before it is unknown', () => {
    const facts: Fact[] = [{ type: 'Purged', released: [], at }]

    expect(effectsOf(undefined, facts, 7, evolveAll(published(), facts)).obsoleteDeadlines).toEqual([])
  })
})

describe('the search rows of a change', () => {
  test.each<[Fact, FileTransfer]>([
    [{ type: 'UploadStarted', attemptId: attempt, idleAt: at, released: [], at }, initialized()],
    [{ type: 'UploadCompleted', file: file(), released: [], deadlines: [], at }, uploadStarted()],
    [{ type: 'UploadFailed', reason: 'any', released: [], at }, uploadStarted()],
    [{ type: 'Published', at }, processing()],
    [{ type: 'AllConfirmedDownloaded', at }, published()],
    [{ type: 'FileWithdrawn', reason: 'any', released: [attempt], at }, published()],
    [{ type: 'Cancelled', released: [attempt], at }, processing()],
    [{ type: 'Purged', released: [], at }, published()],
  ])('are those of all actors for a change of status: $0.type', (fact, before) => {
    expect(actors(effects(before, [fact]))).toEqual(everyone)
  })

  test('are those of all actors for a new transfer', () => {
    const facts: Fact[] = [{ type: 'Initialized', at }]

    expect(actors(effectsOf(undefined, facts, 1, initialized()))).toEqual(everyone)
  })

  test.each<Fact>([
    { type: 'DownloadStarted', number: 1, recipient: kari, at },
    { type: 'DownloadConfirmed', recipient: kari, at },
  ])('are those of the recipient alone for its own $type', (fact) => {
    expect(actors(effects(published(), [fact]))).toEqual([['Recipient', kari]])
  })

  test.each<[Fact, FileTransfer]>([
    [{ type: 'UploadAbandoned', released: [attempt], at }, uploadStarted()],
    [{ type: 'ScanVerdictRecorded', attemptId: attempt, verdict: verdict(), at }, processing()],
    [{ type: 'UploadChecked', at }, processing()],
  ])('are none for what is not searched by: $0.type', (fact, before) => {
    expect(actors(effects(before, [fact]))).toEqual([])
  })
})

describe('the deadlines that a change sets', () => {
  test('are those of a new transfer', () => {
    expect(newDeadlines(undefined, initialized())).toEqual([
      { kind: 'expire', at: inSeconds(30 * 86_400), sequence: 1 },
    ])
  })

  test('are the one that comes first, unless it did before', () => {
    expect(newDeadlines(uploadStarted(), processing()).map(({ kind }) => kind)).toEqual(['processingOverdue'])
    expect(newDeadlines(uploadStarted(), uploadStarted())).toEqual([])
  })

  test('include those of the same kind that are replaced', () => {
    const later = uploadStarted([attempt, otherAttempt])

    expect(newDeadlines(uploadStarted(), later)).toEqual([
      { kind: 'uploadIdle', at: inSeconds(61 + 86_400), sequence: 3 },
    ])
  })
})
