import { describe, expect, test } from 'vitest'
import type { Entry, Outage, Seen } from '../../../tools/soak/ledger/ledger.js'
import { judgeStatistics, type Totals } from '../../../tools/soak/ledger/statistics.js'
import {
  delivered,
  detailsWith,
  entryWith,
  eventsOf,
  KARI,
  MD5,
  OLA,
  plan,
  SENDER,
  type Status,
  second,
  seenWith,
  verdicts,
} from './judged.js'

describe('judging a transfer', () => {
  test('finds nothing where everything has come as it was told', () => {
    expect(verdicts(entryWith(), seenWith(detailsWith(delivered)))).toEqual([])
  })

  const without = (status: string) => delivered.filter(([name]) => name !== status)
  const unfetched = { confirmedAt: {}, verified: [] }

  test.each<[what: string, Entry, Seen | undefined]>([
    ['lost: Broker does not know the transfer', entryWith(), undefined],
    [
      'lost: acknowledged, and never published: it is Purged',
      entryWith(unfetched),
      seenWith(detailsWith([...delivered.slice(0, 3), ['Purged', 300]], [])),
    ],
    [`lost: not downloaded by ${OLA}`, entryWith({ verified: [KARI] }), seenWith(detailsWith(delivered))],
    [
      `lost: not downloaded by ${OLA}: MD5 x instead of y`,
      entryWith({ verified: [KARI], spoiled: { [OLA]: 'MD5 x instead of y' } }),
      seenWith(detailsWith(delivered)),
    ],
    [
      `lost: another file: MD5 other instead of ${MD5}`,
      entryWith(),
      seenWith({ ...detailsWith(delivered), checksum: 'other' }),
    ],
    [`lost: the confirmation of ${OLA}`, entryWith(), seenWith(detailsWith(delivered, [KARI]))],
    ['lost: AllConfirmedDownloaded', entryWith(), seenWith(detailsWith([...delivered.slice(0, 4), ['Purged', 300]]))],
    ['lost: the purge: it is AllConfirmedDownloaded', entryWith(), seenWith(detailsWith(without('Purged')))],
    ['lost: purged 4 s too early', entryWith(), seenWith(detailsWith([...without('Purged'), ['Purged', 12]]))],
    ['lost: the cancellation', entryWith({ cancelledAt: second(2) }), seenWith(detailsWith(delivered))],
    [
      'lost: published in spite of malware',
      entryWith({}, { scan: 'malware', kind: 'malware' }),
      seenWith(detailsWith(delivered)),
    ],
    [
      `lost: event published > ${OLA} as Recipient: 0 of 1`,
      entryWith(),
      seenWith(
        detailsWith(delivered),
        eventsOf(detailsWith(delivered)).filter(({ name }) => name !== `published > ${OLA} as Recipient`),
      ),
    ],
    [
      `doubled: event filepurged > ${SENDER} as Sender: 2 instead of 1`,
      entryWith(),
      seenWith(detailsWith(delivered), [
        ...eventsOf(detailsWith(delivered)),
        { id: 'another', name: `filepurged > ${SENDER} as Sender`, at: second(20), receivedAt: second(20) },
      ]),
    ],
    [
      `doubled: event uploadfailed > ${SENDER} as Sender: 1 instead of 0`,
      entryWith(),
      seenWith(detailsWith(delivered), [
        ...eventsOf(detailsWith(delivered)),
        { id: 'another', name: `uploadfailed > ${SENDER} as Sender`, at: second(20), receivedAt: second(20) },
      ]),
    ],
    [
      `doubled: the confirmation of ${KARI}, 2 times`,
      entryWith(),
      seenWith(detailsWith(delivered, [KARI, OLA], [KARI, KARI, OLA])),
    ],
    ['late: published after 301 s', entryWith({ acknowledgedAt: second(2 - 300) }), seenWith(detailsWith(delivered))],
    ['late: purged after 604 s', entryWith(), seenWith(detailsWith([...without('Purged'), ['Purged', 620]]))],
    [
      `late: event filepurged > ${SENDER} as Sender after 61 s`,
      entryWith(),
      seenWith(
        detailsWith(delivered),
        eventsOf(detailsWith(delivered)).map((each) =>
          each.name.startsWith('filepurged') ? { ...each, receivedAt: each.at + 61_000 } : each,
        ),
      ),
    ],
  ])('finds %s', (what, entry, seen) => {
    expect(verdicts(entry, seen)).toEqual([what])
  })

  test.each(['Published', 'AllConfirmedDownloaded', 'Purged'])('finds a second %s', (status) => {
    const details = detailsWith(delivered.flatMap((each) => (each[0] === status ? [each, each] : [each])))

    expect(verdicts(entryWith(), seenWith(details))).toContain(`doubled: ${status} 2 times`)
  })

  test('takes an event that came twice under one id for one', () => {
    const events = eventsOf(detailsWith(delivered))

    expect(verdicts(entryWith(), seenWith(detailsWith(delivered), [...events, ...events]))).toEqual([])
  })

  test('does not count the time in which a part was down', () => {
    const seen = seenWith(detailsWith(delivered))
    const entry = entryWith({ acknowledgedAt: second(2 - 400) })
    const outage = (from: number, to: number): Outage => ({
      part: 'storage',
      how: '',
      from: second(from),
      to: second(to),
    })

    expect(verdicts(entry, seen, [outage(-390, -340), outage(-350, -280)])).toEqual([])
    expect(verdicts(entry, seen, [outage(-390, -300)])).toEqual(['late: published after 311 s'])
  })

  test('owes nothing to recipients who came after the expiry, or never meant to come', () => {
    const history: Status[] = [...delivered.slice(0, 4), ['Purged', 300]]
    const receivers = plan.receivers.map((each) =>
      each.organization === OLA ? { ...each, receives: 'never' as const, confirms: 'no' as const } : each,
    )
    const entry = entryWith({ verified: [], confirmedAt: {}, missed: [KARI] }, { receivers })

    expect(verdicts(entry, seenWith(detailsWith(history, [])))).toEqual([])
  })

  test('owes nothing to a transfer that was cancelled, refused, or never acknowledged', () => {
    const ended = (status: string): Seen =>
      seenWith(
        detailsWith(
          [
            ['Initialized', 0],
            [status, 3],
            ['Purged', 300],
          ],
          [],
        ),
      )
    const { acknowledgedAt, ...unacknowledged } = entryWith({ confirmedAt: {}, verified: [] })

    expect(verdicts({ ...unacknowledged, cancelledAt: second(3) }, ended('Cancelled'))).toEqual([])
    expect(verdicts(entryWith({ confirmedAt: {}, verified: [] }, { scan: 'malware' }), ended('Failed'))).toEqual([])
    expect(verdicts(unacknowledged, ended('Failed'))).toEqual([])
    expect(acknowledgedAt).toBeDefined()
  })
})

describe('judging the statistics', () => {
  const totals = (confirmed: number): Totals =>
    new Map([['soak 0192:1', { totalFileTransfers: 3, uploadCount: 2, transfersWithDownloadConfirmed: confirmed }]])

  test.each([
    [2, []],
    [3, ['doubled']],
    [1, ['lost']],
  ])('of two confirmations, %i counted: %s', (counted, expected) => {
    expect(judgeStatistics(totals(2), totals(counted)).map(({ verdict }) => verdict)).toEqual(expected)
  })

  test('takes a row that nobody owes for a doubling', () => {
    expect(judgeStatistics(new Map(), totals(0)).map(({ verdict }) => verdict)).toEqual(['doubled', 'doubled'])
  })
})
