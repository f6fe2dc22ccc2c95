import { OBJECTIVES } from '../../../src/domain/operating/objectives.js'
import { eventsFor } from '../../transfers/details.js'
import { OWNER, type Plan, REASON } from '../mix.js'
import type { Times } from '../options.js'
import { type Entry, type Outage, type ReceivedEvent, type Seen, undisturbedMs } from './ledger.js'
import { judgeReminders } from './reminders.js'

/** One thing that is wrong with a transfer. */
export type Finding = { verdict: 'lost' | 'doubled' | 'late'; what: string; id: string; number: number }

/** The clock of Broker and that of its clients is one; a time in an answer is cut to milliseconds. */
const CLOCK_MS = 1000
/** A file that is acknowledged this shortly before it expires need not be published any more. */
const NO_TIME_LEFT_MS = 30_000

type Owed = Pick<Times, 'grace' | 'reminder'>

/**
 * Holds what clients were told against what Broker and Altinn say now. The transfer must have come to its end.
 * Definitions: docs/performance/soak.md.
 */
export function judge(entry: Entry, seen: Seen | undefined, outages: readonly Outage[], times: Owed): Finding[] {
  const { plan, id } = entry
  const findings: Finding[] = []
  const find = (verdict: Finding['verdict'], what: string) => findings.push({ verdict, what, id, number: plan.number })
  if (!seen) {
    find('lost', 'Broker does not know the transfer')
    return findings
  }
  const { details, events, inbox } = seen
  const at = (status: string) => timesOfStatus(seen, status)[0]

  for (const status of ONCE) {
    const count = timesOfStatus(seen, status).length
    if (count > 1) find('doubled', `${status} ${count} times`)
  }
  const late = (what: string, limit: keyof typeof LIMIT_MS, from: number, to: number) => {
    const ms = undisturbedMs(from, to, outages)
    if (ms > LIMIT_MS[limit]) find('late', `${what} after ${Math.round(ms / 1000)} s`)
  }

  // The upload.
  const published = at('Published')
  if (entry.acknowledgedAt !== undefined && isDeliverable(entry)) {
    const purged = at('Purged') ?? Number.POSITIVE_INFINITY
    if (published !== undefined) late('published', 'publication', entry.acknowledgedAt, published)
    else if (at('Cancelled') === undefined && undisturbedMs(entry.acknowledgedAt, purged, outages) > NO_TIME_LEFT_MS)
      find('lost', `acknowledged, and never published: it is ${details.fileTransferStatus}`)
    if (published !== undefined && details.checksum && details.checksum !== entry.md5)
      find('lost', `another file: MD5 ${details.checksum} instead of ${entry.md5}`)
  }
  if (published !== undefined && !isPublishable(plan)) find('lost', `published in spite of ${plan.kind}`)
  for (const [organization, why] of Object.entries(entry.spoiled))
    find('lost', `not downloaded by ${organization}: ${why}`)
  for (const { organization, receives } of published === undefined ? [] : plan.receivers) {
    const isOwed = receives !== 'never' && !entry.missed.includes(organization) && !(organization in entry.spoiled)
    if (isOwed && !entry.verified.includes(organization)) find('lost', `not downloaded by ${organization}`)
  }

  for (const [organization, why] of Object.entries(entry.badReceipts))
    find('lost', `the receipt of ${organization}: ${why}`)
  const { awaited } = entry
  if (awaited && published !== undefined)
    late('its publication answered', 'waits', Math.max(awaited.from, published), awaited.to)

  // Cancellation, withdrawal, a new expiry, and confirmations.
  if (entry.cancelledAt !== undefined && at('Cancelled') === undefined) find('lost', 'the cancellation')
  if (entry.withdrawnAt !== undefined) judgeWithdrawal(entry, seen, find)
  const { expiryHistory = [] } = details
  const isKept = expiryHistory.some(({ expirationTime }) => Date.parse(expirationTime) === entry.expiresAt)
  if (entry.expiresAt !== undefined && !isKept) find('lost', `the expiry at ${new Date(entry.expiresAt).toISOString()}`)
  const last = expiryHistory.at(-1)?.expirationTime
  if (last !== undefined && last !== details.expirationTime) find('lost', `the last change of the expiry, to ${last}`)
  for (const organization of Object.keys(entry.confirmedAt)) {
    const own = details.recipientFileTransferStatusHistory.filter(
      (each) =>
        each.recipient === `0192:${organization}` && each.recipientFileTransferStatusCode === 'DownloadConfirmed',
    )
    if (own.length === 0) find('lost', `the confirmation of ${organization}`)
    if (own.length > 1) find('doubled', `the confirmation of ${organization}, ${own.length} times`)
  }
  const haveAllConfirmed = plan.receivers.every(({ organization }) => organization in entry.confirmedAt)
  if (haveAllConfirmed && at('AllConfirmedDownloaded') === undefined) find('lost', 'AllConfirmedDownloaded')

  // The purge.
  const due = purgeDueAt(entry, seen, times)
  const purged = at('Purged')
  if (purged === undefined) find('lost', `the purge: it is ${details.fileTransferStatus}`)
  else if (purged < due - CLOCK_MS) find('lost', `purged ${Math.round((due - purged) / 1000)} s too early`)
  else late('purged', 'deadlines', due, purged)

  const { reminder } = times
  judgeReminders(entry, seen, {
    find,
    late: (what, from, to) => late(what, 'deadlines', from, to),
    reminder,
    outages,
  })
  const owed = eventsFor(OWNER, details)
  compareEvents('event', owed, events, find)
  for (const event of events) late(`event ${event.name}`, 'events', event.at, event.receivedAt)
  compareEvents(
    'in the inbox',
    owed.filter((name) => name.endsWith(' as Recipient')),
    inbox,
    find,
  )
  const firstInInbox = new Map(inbox.toReversed().map((each) => [each.id, each]))
  for (const { name, at, receivedAt } of firstInInbox.values()) late(`in the inbox ${name}`, 'events', at, receivedAt)
  const [ids, names] = [new Set(events.map(({ id }) => id)), new Set(events.map(({ name }) => name))]
  for (const { id: eventId, name } of firstInInbox.values())
    if (names.has(name) && !ids.has(eventId)) find('doubled', `${name}: in the inbox with another id, ${eventId}`)
  return findings
}

/** What can happen only once to a transfer. */
const ONCE = ['Initialized', 'Published', 'Cancelled', 'Failed', 'AllConfirmedDownloaded', 'Purged']

const LIMIT_MS = {
  publication: OBJECTIVES.publication.withinSeconds * 1000,
  events: OBJECTIVES.events.withinSeconds * 1000,
  deadlines: OBJECTIVES.deadlines.withinSeconds * 1000,
  // No objective: whoever waits is answered within a second or so, or asks again after Retry-After.
  waits: 10_000,
}

const timesOfStatus = ({ details }: Seen, status: string): number[] =>
  details.fileTransferStatusHistory
    .filter(({ fileTransferStatus }) => fileTransferStatus === status)
    .map(({ fileTransferStatusChanged }) => Date.parse(fileTransferStatusChanged))

/** Whether the file may be published at all. */
const isPublishable = ({ checksum, scan }: Plan) =>
  !checksum.startsWith('wrong') && scan !== 'malware' && scan !== 'silent'

const isDeliverable = ({ plan, cancelledAt }: Entry) => isPublishable(plan) && cancelledAt === undefined

/** When the file is to be purged (processing 9). */
function purgeDueAt({ plan }: Entry, seen: Seen, { grace }: Owed): number {
  const [allConfirmed] = timesOfStatus(seen, 'AllConfirmedDownloaded')
  const isReplaced = allConfirmed !== undefined && plan.resource !== 'expiring'
  if (!isReplaced) return Date.parse(seen.details.expirationTime)
  const seconds = { expiring: 0, graced: grace, reminding: grace, going: 0, unfetched: 2 * 3600 }[plan.resource]
  return allConfirmed + seconds * 1000
}

/** It is in the history with its reason, and those who had downloaded the file are not told that it is gone. */
function judgeWithdrawal({ verified }: Entry, { details }: Seen, find: (verdict: 'lost', what: string) => void) {
  const fact = details.fileTransferStatusHistory.find((each) => each.fileTransferStatus === 'Cancelled')
  if (fact?.fileTransferStatusText !== REASON) find('lost', `the withdrawal: ${fact?.fileTransferStatusText}`)
  for (const { recipient, currentRecipientFileTransferStatusCode: status } of details.recipients)
    if (status === 'Initialized' && verified.includes(recipient.slice(5))) find('lost', `the download of ${recipient}`)
}

/** Each owed event must have come, under one id. */
function compareEvents(
  where: string,
  owed: string[],
  events: ReceivedEvent[],
  find: (verdict: Finding['verdict'], what: string) => void,
) {
  const received = Map.groupBy(new Map(events.map((each) => [each.id, each])).values(), ({ name }) => name)
  const owedByName = Map.groupBy(owed, (name) => name)
  for (const name of new Set([...owedByName.keys(), ...received.keys()])) {
    const [count, due] = [received.get(name)?.length ?? 0, owedByName.get(name)?.length ?? 0]
    if (count < due) find('lost', `${where} ${name}: ${count} of ${due}`)
    if (count > due) find('doubled', `${where} ${name}: ${count} instead of ${due}`)
  }
}
