import { judge } from '../../../tools/soak/ledger/judge.js'
import { type Entry, newEntry, type Outage, type ReceivedEvent, type Seen } from '../../../tools/soak/ledger/ledger.js'
import type { Plan } from '../../../tools/soak/mix.js'
import { eventsFor } from '../../../tools/transfers/details.js'

export const SENDER = '991825827'
export const KARI = '986252932'
export const OLA = '910753614'
export const MD5 = '900150983cd24fb0d6963f7d28e17f72'
export const SHA256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const times = { grace: 10, reminder: 60 }
const calm: Outage[] = []
const start = Date.parse('2026-11-28T10:00:00Z')
export const second = (count: number) => start + count * 1000
export const iso = (count: number) => new Date(second(count)).toISOString()

export const plan: Plan = {
  number: 5,
  kind: 'ordinary',
  contentSeed: 1,
  size: 3,
  resource: 'graced',
  receivers: [KARI, OLA].map((organization) => ({ organization, receives: 'steady', confirms: 'once' })),
  way: 'plain',
  habit: 'steady',
  scan: 'none',
  checksum: 'none',
  cancels: 'no',
  isAbandoned: false,
  awaits: 'polls',
  moves: [],
  hasReceipts: false,
}

export type Status = [name: string, second: number, text?: string]
export const delivered: Status[] = [
  ['Initialized', 0],
  ['UploadStarted', 1],
  ['UploadProcessing', 2],
  ['Published', 3],
  ['AllConfirmedDownloaded', 6],
  ['Purged', 20],
]

/** What Broker says of a transfer with this history. */
export function detailsWith(history: Status[], confirmed = [KARI, OLA], confirmations = confirmed): Seen['details'] {
  return {
    fileTransferId: 'id',
    resourceId: 'new-soak-graced',
    fileTransferStatus: history.at(-1)?.[0] ?? '',
    checksum: MD5,
    fileTransferSize: 3,
    expirationTime: iso(300),
    fileTransferStatusHistory: history.map(([fileTransferStatus, at, fileTransferStatusText = '']) => ({
      fileTransferStatus,
      fileTransferStatusText,
      fileTransferStatusChanged: iso(at),
    })),
    recipients: [KARI, OLA].map((each) => ({
      recipient: `0192:${each}`,
      currentRecipientFileTransferStatusCode: confirmed.includes(each) ? 'DownloadConfirmed' : 'DownloadStarted',
    })),
    recipientFileTransferStatusHistory: confirmations.map((each) => ({
      recipient: `0192:${each}`,
      recipientFileTransferStatusCode: 'DownloadConfirmed',
      recipientFileTransferStatusChanged: iso(5),
    })),
  }
}

export const eventsOf = (details: Seen['details']): ReceivedEvent[] =>
  eventsFor(SENDER, details).map((name, index) => ({ id: `${index}`, name, at: second(5), receivedAt: second(6) }))

/** What Broker and Altinn say, with each event of this history. */
export const seenWith = (
  details: Seen['details'],
  events = eventsOf(details),
  inbox = inboxOf(eventsOf(details)),
): Seen => ({
  details,
  events,
  inbox,
})
export const inboxOf = (events: ReceivedEvent[]) => events.filter(({ name }) => name.endsWith(' as Recipient'))

export const entryWith = (changes: Partial<Entry> = {}, planned: Partial<Plan> = {}): Entry => ({
  ...newEntry({ ...plan, ...planned }, { md5: MD5, sha256: SHA256 }),
  id: 'id',
  acknowledgedAt: second(2),
  verified: [KARI, OLA],
  confirmedAt: { [KARI]: second(5), [OLA]: second(6) },
  isOver: true,
  ...changes,
})

export const verdicts = (entry: Entry, seen: Seen | undefined, outages = calm) =>
  judge(entry, seen, outages, times).map(({ verdict, what }) => `${verdict}: ${what}`)
