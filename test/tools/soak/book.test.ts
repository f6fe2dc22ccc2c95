import { expect, test } from 'vitest'
import { book } from '../../../tools/soak/ledger/book.js'
import { newEntry, type ReceivedEvent, type Seen } from '../../../tools/soak/ledger/ledger.js'
import { planFrom } from '../../../tools/soak/mix.js'
import { randomFrom } from '../../../tools/transfers/random.js'

const EVENTS = ['filetransferinitialized', 'filepurged'].map((type) => `${type} > 991825827 as Sender`)
const event = (id: string, name = EVENTS[0] ?? ''): ReceivedEvent => ({ id, name, at: 0, receivedAt: 0 })

/** A book with one transfer, `a`, that was begun and never sent; `isPurged` of an hour ago. */
function bookWith(isPurged: boolean, isKnown = true) {
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString()
  const statuses = isPurged ? ['Initialized', 'Purged'] : ['Initialized']
  const details: Seen['details'] = {
    fileTransferId: 'a',
    resourceId: 'r',
    fileTransferStatus: statuses.at(-1) ?? '',
    checksum: null,
    fileTransferSize: 0,
    expirationTime: anHourAgo,
    fileTransferStatusHistory: statuses.map((fileTransferStatus) => ({
      fileTransferStatus,
      fileTransferStatusText: '',
      fileTransferStatusChanged: anHourAgo,
    })),
    recipients: [{ recipient: '0192:986252932', currentRecipientFileTransferStatusCode: 'Initialized' }],
    recipientFileTransferStatusHistory: [],
  }
  const kept = book({
    outages: [],
    times: { grace: 1, reminder: 1 },
    detailsOf: async () => (isKnown ? details : undefined),
  })
  const entry = { ...newEntry(planFrom(randomFrom(1), 1), { md5: '', sha256: '' }), id: 'a', isOver: true }
  return { kept, begin: () => kept.begin(entry) }
}

test('a transfer that has ended well is closed; an event of it under another id is a doubling', async () => {
  const { kept, begin } = bookWith(true)
  kept.takeEvent('a', event('1')) // before its sender was answered
  begin()
  kept.takeEvent('a', event('2', EVENTS[1]))

  const bad = await kept.settle(false)
  kept.takeEvent('a', event('1'))
  const repeated = [...kept.findings]
  kept.takeEvent('a', event('3'))

  expect([bad, kept.openCount(), repeated]).toEqual([0, 0, []])
  expect(kept.findings.map(({ verdict, id }) => [verdict, id])).toEqual([['doubled', 'a']])
  expect(kept.ids()).toEqual(['a'])
})

test('a missing event is waited for, and lost in the end', async () => {
  const { kept, begin } = bookWith(true)
  begin()
  kept.takeEvent('a', event('1'))

  expect(await kept.settle(false)).toBe(1)
  expect([kept.openCount(), kept.findings]).toEqual([1, []])
  await kept.settle(true)

  expect(kept.findings.map(({ verdict, what }) => `${verdict}: ${what}`)).toEqual([`lost: event ${EVENTS[1]}: 0 of 1`])
})

test.each([
  [true, 'the purge: it is Initialized'],
  [false, 'Broker does not know the transfer'],
])('a transfer that is never purged is lost in the end; known: %s', async (isKnown, what) => {
  const { kept, begin } = bookWith(false, isKnown)
  begin()
  kept.takeEvent('a', event('1'))

  expect(await kept.settle(false)).toBe(0)
  await kept.settle(true)

  expect(kept.findings.map((each) => `${each.verdict}: ${each.what}`)).toEqual([`lost: ${what}`])
})

test('two looks at once count a transfer once', async () => {
  const { kept, begin } = bookWith(true)
  begin()
  for (const [index, name] of EVENTS.entries()) kept.takeEvent('a', event(`${index}`, name))

  await Promise.all([kept.settle(false), kept.settle(false), kept.settle(true)])

  expect(kept.findings).toEqual([])
  expect([...kept.totals.values()].map(({ totalFileTransfers }) => totalFileTransfers)).toEqual([1])
})

test('a change in an inbox may come again, also after its transfer is closed, and is counted; another one is a doubling', async () => {
  const { kept, begin } = bookWith(true)
  kept.takeChange('a', event('1')) // before its sender was answered
  begin()
  kept.takeChange('a', event('1'))
  kept.takeEvent('a', event('1'))
  kept.takeEvent('a', event('2', EVENTS[1]))

  // No recipient is owed anything of a file that was never published.
  await kept.settle(true)
  expect(kept.findings.map(({ verdict, what }) => `${verdict}: ${what}`)).toEqual([
    `doubled: in the inbox ${EVENTS[0]}: 1 instead of 0`,
  ])
  kept.takeChange('a', event('1'))
  expect([kept.counts.inbox, kept.counts.repeated, kept.findings.length]).toEqual([3, 2, 1])
  kept.takeChange('a', event('3'))

  expect(kept.findings.at(-1)?.what).toBe(`in the inbox ${EVENTS[0]} once more`)
})
