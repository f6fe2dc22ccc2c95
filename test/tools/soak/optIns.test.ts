import { CompactSign, exportJWK, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { whyRefused } from '../../../tools/soak/clients/receipt.js'
import { wrongDigest } from '../../../tools/soak/clients/receive.js'
import type { Entry, Seen } from '../../../tools/soak/ledger/ledger.js'
import { REASON } from '../../../tools/soak/mix.js'
import {
  delivered,
  detailsWith,
  entryWith,
  eventsOf,
  inboxOf,
  iso,
  KARI,
  MD5,
  OLA,
  plan,
  SENDER,
  SHA256,
  type Status,
  second,
  seenWith,
  verdicts,
} from './judged.js'

type Details = Seen['details']
const party = (organization: string) => `0192:${organization}`
const published = delivered.slice(0, 4)

describe('judging reminders: 60 seconds after the publication, and 60 before the expiry', () => {
  // Kari confirms after five seconds, Ola never.
  const details = (sent: [at: number, ...to: string[]][]): Details => ({
    ...detailsWith([...published, ['Purged', 300]], [KARI]),
    reminderHistory: sent.map(([at, ...to]) => ({ reminded: iso(at), recipients: to.map(party) })),
  })
  const entry = entryWith({ confirmedAt: { [KARI]: second(5) } }, { resource: 'reminding' })

  test('finds nothing where each came once, at its time, to those who had not confirmed', () => {
    const seen = seenWith(
      details([
        [63, OLA],
        [240, OLA],
      ]),
    )
    expect(verdicts(entry, seen)).toEqual([])
    expect(eventsOf(seen.details).filter(({ name }) => name.startsWith('downloadreminder'))).toHaveLength(2)
  })

  test('takes two that are due for one, and owes none to those who have all confirmed', () => {
    expect(verdicts(entry, seenWith(details([[250, OLA]])))).toEqual([])
    const all = entryWith({}, { resource: 'reminding' })
    expect(verdicts(all, seenWith(detailsWith(delivered)))).toEqual([])
  })

  test.each<[what: string, sent: [number, ...string[]][]]>([
    [`lost: the reminder of ${iso(240)}`, [[63, OLA]]],
    [`lost: the reminder of ${iso(63)}`, []],
    [`lost: the reminder of ${OLA} at ${iso(63)}`, [[63], [240, OLA]]],
    [
      `doubled: ${KARI} is reminded, and had confirmed`,
      [
        [63, OLA, KARI],
        [240, OLA],
      ],
    ],
    [
      `doubled: a reminder at ${iso(70)}`,
      [
        [63, OLA],
        [70, OLA],
        [240, OLA],
      ],
    ],
    [
      `doubled: a reminder at ${iso(50)}`,
      [
        [50, OLA],
        [63, OLA],
        [240, OLA],
      ],
    ],
    [
      `doubled: a recipient in the reminder at ${iso(63)}`,
      [
        [63, OLA, OLA],
        [240, OLA],
      ],
    ],
  ])('finds %s', (what, sent) => {
    expect(verdicts(entry, seenWith(details(sent)))).toContain(what)
  })

  test('finds one that is late, and one that nobody has asked for', () => {
    const long = {
      ...details([
        [664, OLA],
        [940, OLA],
      ]),
      expirationTime: iso(1000),
    }
    const history = { ...detailsWith([...published, ['Purged', 1000]], [KARI]) }
    const seen = seenWith({ ...history, ...long, fileTransferStatusHistory: history.fileTransferStatusHistory })
    expect(verdicts(entry, seen)).toEqual(['late: reminded after 601 s'])
    const other = entryWith({ confirmedAt: { [KARI]: second(5) } }, { resource: 'unfetched' })
    expect(verdicts(other, seenWith(details([[63, OLA]])))).toEqual([`doubled: a reminder at ${iso(63)}`])
  })

  test('owes none where each run of the timer before the expiry was disturbed', () => {
    const outage = (at: number) => ({ part: 'storage', how: '', from: second(at - 1), to: second(at + 1) })
    const runs = [90, 120, 150, 180, 210, 240, 270].map(outage)
    const seen = seenWith(details([]))

    expect(verdicts(entry, seen, runs)).toEqual([])
    // The one at 270 seconds serves both.
    expect(verdicts(entry, seen, runs.slice(0, -1))).toEqual([
      `lost: the reminder of ${iso(63)}`,
      `lost: the reminder of ${iso(240)}`,
    ])
  })

  test('finds an event of a reminder that is missing, and one too many', () => {
    const told = details([
      [63, OLA],
      [240, OLA],
    ])
    const name = `downloadreminder > ${OLA} as Recipient`
    const [one, ...others] = eventsOf(told).toSorted((a, b) => Number(b.name === name) - Number(a.name === name))
    const more = { id: 'more', name, at: second(63), receivedAt: second(63) }
    expect(verdicts(entry, seenWith(told, others))).toContain(`lost: event ${name}: 1 of 2`)
    expect(verdicts(entry, seenWith(told, [...others, ...(one ? [one] : []), more]))).toEqual([
      `doubled: event ${name}: 3 instead of 2`,
    ])
  })
})

describe('judging a withdrawal', () => {
  const history = (reason = REASON): Status[] => [...published, ['Cancelled', 8, reason], ['Purged', 300]]
  /** Kari has downloaded, Ola has not come. */
  const details = (reason?: string, ola = 'Initialized', kari = 'DownloadStarted'): Details => ({
    ...detailsWith(history(reason), []),
    recipients: [
      { recipient: party(KARI), currentRecipientFileTransferStatusCode: kari },
      { recipient: party(OLA), currentRecipientFileTransferStatusCode: ola },
    ],
  })
  const receivers = plan.receivers.map((each) =>
    each.organization === OLA ? { ...each, receives: 'never' as const, confirms: 'no' as const } : each,
  )
  const withdrawn = { withdrawnAt: second(8), confirmedAt: {}, verified: [KARI] }
  const entry = entryWith(withdrawn, { kind: 'withdrawn', receivers })

  test('finds nothing where those without the file are told, and nobody is told that it was never confirmed', () => {
    expect(verdicts(entry, seenWith(details()))).toEqual([])
    expect(eventsOf(details()).map(({ name }) => name)).toEqual([
      `cancelled > ${OLA} as Recipient`,
      `cancelled > ${SENDER} as Sender`,
      `filepurged > ${SENDER} as Sender`,
      `filetransferinitialized > ${SENDER} as Sender`,
      `published > ${OLA} as Recipient`,
      `published > ${KARI} as Recipient`,
      `published > ${SENDER} as Sender`,
      `uploadprocessing > ${SENDER} as Sender`,
    ])
  })

  test.each<[what: string, entry: Entry, details: Details]>([
    ['lost: the withdrawal: another', entry, details('another')],
    ['lost: the withdrawal: undefined', entry, detailsWith([...published, ['Purged', 300]], [])],
    [`lost: the download of ${party(KARI)}`, entry, details(REASON, 'Initialized', 'Initialized')],
    [
      `lost: not downloaded by ${OLA}: 200 after the withdrawal`,
      { ...entry, spoiled: { [OLA]: '200 after the withdrawal' } },
      details(),
    ],
  ])('finds %s', (what, told, seen) => {
    expect(verdicts(told, seenWith(seen))).toEqual([what])
  })

  test('finds an event that it owes, and events that it does not', () => {
    const extra = (type: string, organization: string) => {
      const event = { id: 'x', name: `${type} > ${organization} as Recipient`, at: second(8), receivedAt: second(8) }
      return verdicts(entry, seenWith(details(), [...eventsOf(details()), event]))
    }
    const lost = eventsOf(details()).filter(({ name }) => name !== `cancelled > ${OLA} as Recipient`)

    expect(verdicts(entry, seenWith(details(), lost))).toEqual([`lost: event cancelled > ${OLA} as Recipient: 0 of 1`])
    for (const [type, organization] of [
      ['cancelled', KARI],
      ['fileneverconfirmeddownloaded', OLA],
    ] as const)
      expect(extra(type, organization)).toEqual([
        `doubled: event ${type} > ${organization} as Recipient: 1 instead of 0`,
      ])
  })
})

describe('judging an expiry that was moved', () => {
  const details = (purgedAt: number, expiry = 400, moved = [400]): Details => ({
    ...detailsWith([...published, ['Purged', purgedAt]], [KARI]),
    expirationTime: iso(expiry),
    expiryHistory: moved.map((at) => ({
      previousExpirationTime: iso(300),
      expirationTime: iso(at),
      expirationTimeChanged: iso(7),
    })),
  })
  const confirmedAt = { [KARI]: second(5) }
  const entry = entryWith({ confirmedAt, expiresAt: second(400) }, { resource: 'expiring' })

  test('finds nothing where it is purged at the new time; those who had not confirmed are told', () => {
    expect(verdicts(entry, seenWith(details(400)))).toEqual([])
    const moved = eventsOf(details(400)).filter(({ name }) => name.startsWith('expirychanged'))
    expect(moved.map(({ name }) => name)).toEqual([`expirychanged > ${OLA} as Recipient`])
  })

  test.each<[what: string, details: Details]>([
    ['lost: purged 100 s too early', details(300)],
    ['late: purged after 601 s', details(1001)],
    [`lost: the expiry at ${iso(400)}`, details(300, 300, [])],
    [`lost: the last change of the expiry, to ${iso(400)}`, details(300, 300)],
  ])('finds %s', (what, seen) => {
    expect(verdicts(entry, seenWith(seen))).toEqual([what])
  })
})

describe('judging what recipients find in their inboxes', () => {
  const details = detailsWith(delivered)
  const inbox = inboxOf(eventsOf(details))
  const name = `published > ${OLA} as Recipient`

  test.each<[what: string, change: (each: (typeof inbox)[number]) => typeof inbox]>([
    [`lost: in the inbox ${name}: 0 of 1`, (each) => (each.name === name ? [] : [each])],
    [
      `doubled: in the inbox ${name}: 2 instead of 1`,
      (each) => [each, ...(each.name === name ? [{ ...each, id: '0' }] : [])],
    ],
    [`doubled: ${name}: in the inbox with another id, x`, (each) => [each.name === name ? { ...each, id: 'x' } : each]],
    [
      `late: in the inbox ${name} after 61 s`,
      (each) => [each.name === name ? { ...each, receivedAt: each.at + 61_000 } : each],
    ],
  ])('finds %s', (what, change) => {
    expect(verdicts(entryWith(), seenWith(details, eventsOf(details), inbox.flatMap(change)))).toEqual([what])
  })

  test('takes a change that came again, and late then, for one', () => {
    const again = inbox.map((each) => ({ ...each, receivedAt: each.at + 3_600_000 }))
    expect(verdicts(entryWith(), seenWith(details, eventsOf(details), [...inbox, ...again]))).toEqual([])
  })
})

test('finds a wait that was answered late', () => {
  const seen = seenWith(detailsWith(delivered))
  expect(verdicts(entryWith({ awaited: { from: second(1), to: second(13) } }), seen)).toEqual([])
  expect(verdicts(entryWith({ awaited: { from: second(6), to: second(17) } }), seen)).toEqual([
    'late: its publication answered after 11 s',
  ])
})

test('finds a file that was published in spite of a wrong SHA-256, and a receipt that is wrong', () => {
  const wrong = entryWith({}, { kind: 'wrong SHA-256', checksum: 'wrong SHA-256' })
  expect(verdicts(wrong, seenWith(detailsWith(delivered)))).toEqual(['lost: published in spite of wrong SHA-256'])
  const bad = entryWith({ badReceipts: { [OLA]: 'why' } })
  expect(verdicts(bad, seenWith(detailsWith(delivered)))).toEqual([`lost: the receipt of ${OLA}: why`])
})

test('compares Repr-Digest, and misses it where Broker has compared the SHA-256 itself', () => {
  const digest = 'sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:' // of abc, by RFC 9530's form
  const told = entryWith({}, { checksum: 'right SHA-256' })
  expect(wrongDigest(digest, told)).toBeUndefined()
  expect(wrongDigest(undefined, entryWith())).toBeUndefined()
  expect(wrongDigest(undefined, told)).toBe('no Repr-Digest')
  expect(wrongDigest('sha-256=:AAAA:', entryWith())).toMatch(/^Repr-Digest sha-256=:AAAA: instead of /)
})

describe('a receipt', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const another = await generateKeyPair('ES256')
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }
  const right = {
    sub: 'id',
    sender: party(SENDER),
    file: { sizeBytes: 3, md5: MD5, sha256: SHA256 as string | null },
    recipients: [KARI, OLA].map((each) => ({
      organization: party(each),
      downloadStarted: iso(4) as string | null,
      confirmed: iso(5) as string | null,
    })),
    statuses: [{ status: 'Published' }],
  }
  const typ = 'altinn-broker-receipt+jwt'
  const signed = (statement: object, header: object = { typ }, key = privateKey) =>
    new CompactSign(Buffer.from(JSON.stringify(statement)))
      .setProtectedHeader({ alg: 'ES256', kid: 'k', ...header })
      .sign(key)
  const refused = async (receipt: Promise<string>) =>
    whyRefused(await receipt, keys, entryWith({}, { checksum: 'right SHA-256' }), [KARI, OLA])
  const [kari] = right.recipients

  test('is accepted where it states what the clients know', async () => {
    expect(await refused(signed(right))).toBeUndefined()
  })

  test.each<[what: RegExp, receipt: Promise<string>]>([
    [/signature/, signed(right, { typ }, another.privateKey)],
    [/of the type JWT/, signed(right, { typ: 'JWT' })],
    [/it is of other/, signed({ ...right, sub: 'other' })],
    [/4 bytes/, signed({ ...right, file: { ...right.file, sizeBytes: 4 } })],
    [/MD5 x/, signed({ ...right, file: { ...right.file, md5: 'x' } })],
    [/SHA-256 null/, signed({ ...right, file: { ...right.file, sha256: null } })],
    [/not published/, signed({ ...right, statuses: [] })],
    [/is no recipient/, signed({ ...right, recipients: [kari] })],
    [
      /has not confirmed/,
      signed({ ...right, recipients: right.recipients.map((each) => ({ ...each, confirmed: null })) }),
    ],
    [
      /has not downloaded/,
      signed({ ...right, recipients: right.recipients.map((each) => ({ ...each, downloadStarted: null })) }),
    ],
    [/3 recipients/, signed({ ...right, recipients: [...right.recipients, { ...kari, organization: '0192:1' }] })],
  ])('is refused: %s', async (what, receipt) => {
    expect(await refused(receipt)).toMatch(what)
  })
})
