import { describe, expect, test } from 'vitest'
import { cancel } from '../../../src/domain/fileTransfer/cancel.js'
import { applyDeadline } from '../../../src/domain/fileTransfer/deadlines.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { attemptsInUse } from '../../../src/domain/fileTransfer/state.js'
import { err, ok } from '../../../src/domain/result.js'
import {
  allConfirmed,
  attempt,
  cancelled,
  factsOf,
  failed,
  file,
  initialized,
  inSeconds,
  otherAttempt,
  processing,
  published,
  purged,
  uploadStarted,
} from '../../support/builders.js'

const at = inSeconds(200)
const reason = 'The wrong file'

describe('cancelling a transfer', () => {
  test.each([
    [initialized(), []],
    [uploadStarted([attempt, otherAttempt]), [attempt, otherAttempt]],
    [processing(), [attempt]],
  ])('ends it and releases what was uploaded: $0.status', (transfer, released) => {
    expect(cancel(transfer, at)).toEqual(ok([{ type: 'Cancelled', released, at }]))
  })

  test('leaves the deadline of its expiry', () => {
    expect(cancelled(processing()).deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('again changes nothing', () => {
    expect(cancel(cancelled(), at)).toEqual(ok([]))
  })

  test.each([initialized(), uploadStarted(), processing()])('keeps a reason: $status', (transfer) => {
    expect(evolveAll(transfer, factsOf(cancel(transfer, at, reason)))).toMatchObject({ status: 'Cancelled', reason })
  })

  test.each([published(), allConfirmed(), failed(), purged()])(
    'is refused once it is published or has ended: $status',
    (transfer) => {
      expect(cancel(transfer, at)).toEqual(err('FileTransferAlreadyEnded'))
    },
  )
})

describe('withdrawing a published file', () => {
  test('ends it with the reason, and releases the file', () => {
    const transfer = published()
    const facts = factsOf(cancel(transfer, at, reason))

    expect(facts).toEqual([{ type: 'Cancelled', reason, released: [attempt], at }])
    expect(evolveAll(transfer, facts)).toMatchObject({ status: 'Cancelled', reason, withdrawnAt: at, file: file() })
  })

  test('again changes nothing, whatever the reason', () => {
    const withdrawn = evolveAll(published(), factsOf(cancel(published(), at, reason)))

    expect(cancel(withdrawn, inSeconds(300), 'Another reason')).toEqual(ok([]))
  })

  test.each([allConfirmed(), allConfirmed('expiry'), failed(), purged()])(
    'is refused when there is nothing left to withdraw: $status',
    (transfer) => {
      expect(cancel(transfer, at, reason)).toEqual(err('FileTransferAlreadyEnded'))
    },
  )

  test('keeps the file until an upload link ends, whose holder could store another one in its place', () => {
    const until = inSeconds(3600)
    const byLink = { ...published(), file: { ...file(), link: { until } } }
    const facts = factsOf(cancel(byLink, at, reason))
    const withdrawn = evolveAll(byLink, facts)

    expect(facts).toEqual([{ type: 'Cancelled', reason, released: [], purgeAt: until, at }])
    expect(attemptsInUse(withdrawn)).toEqual([attempt])
    expect(withdrawn.deadlines.map(({ kind }) => kind)).toEqual(['expire', 'purge'])
    const purge = { kind: 'purge', sequence: withdrawn.sequence } as const
    const { facts: purged } = applyDeadline(withdrawn, purge, { searchDays: undefined, metadataDays: undefined }, until)
    expect(purged).toEqual([{ type: 'Purged', released: [attempt], at: until }])
  })

  test('releases it at once when the link has ended', () => {
    const byLink = { ...published(), file: { ...file(), link: { until: at } } }

    expect(cancel(byLink, at, reason)).toEqual(ok([{ type: 'Cancelled', reason, released: [attempt], at }]))
  })
})
