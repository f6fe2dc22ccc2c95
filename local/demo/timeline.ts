import type { ReceivedEvent } from './events.js'

/** What the timeline is made of, beside the events. */
type Details = {
  fileTransferStatusHistory: { fileTransferStatus: string; fileTransferStatusChanged: string }[]
  recipientFileTransferStatusHistory: {
    recipient: string
    recipientFileTransferStatusCode: string
    recipientFileTransferStatusChanged: string
  }[]
}
type NameOf = (organization: string) => string

/** The events to expect for a transfer that every recipient has confirmed: event type, organisation, role. */
export function expectedEvents(sender: string, recipients: string[]): string[] {
  const toSender = (type: string) => `${type} ${sender} Sender`
  const toRecipients = (type: string) => recipients.map((recipient) => `${type} ${recipient} Recipient`)
  return [
    toSender('filetransferinitialized'),
    toSender('uploadprocessing'),
    toSender('published'),
    ...toRecipients('published'),
    // One for each confirmation.
    ...recipients.map(() => toSender('downloadconfirmed')),
    ...toRecipients('downloadconfirmed'),
    toSender('allconfirmeddownloaded'),
  ]
}

/** Those expected that are not among the events; an event that came twice counts once. */
export function missingEvents(expected: string[], events: ReceivedEvent[]): string[] {
  const arrived = [...distinct(events).values()].map(({ event }) => describe(event))
  return expected.filter((wanted) => {
    const found = arrived.indexOf(wanted)
    if (found >= 0) arrived.splice(found, 1)
    return found < 0
  })
}

/**
 * Everything that happened, one line each, in the order of time. At the same instant a cause comes before its effect.
 */
export function timeline(details: Details, events: ReceivedEvent[], nameOf: NameOf): string[] {
  const statuses = details.fileTransferStatusHistory.map((each) => ({
    at: each.fileTransferStatusChanged,
    rank: each.fileTransferStatus === 'AllConfirmedDownloaded' ? 2 : 0,
    says: `● ${each.fileTransferStatus}`,
  }))
  const recipients = details.recipientFileTransferStatusHistory.map((each) => ({
    at: each.recipientFileTransferStatusChanged,
    rank: 1,
    says: `○ ${each.recipientFileTransferStatusCode.padEnd(24)} ${nameOf(organizationIn(each.recipient))}`,
  }))
  const sent = [...distinct(events).values()].map(({ event, times }) => {
    const type = shortType(event).padEnd(24)
    const to = `${nameOf(organizationOf(event))} (${event.data?.Role ?? 'no role'})`
    return { at: event.time, rank: 3, says: `✉ ${type} ${to}${times > 1 ? `, received ${times} times` : ''}` }
  })
  return [...statuses, ...recipients, ...sent]
    .map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.rank - b.rank)
    .map(({ at, says }) => `  ${at.slice(11, 23)}  ${says}`)
}

function distinct(events: ReceivedEvent[]) {
  const byId = new Map<string, { event: ReceivedEvent; times: number }>()
  for (const event of events) {
    const known = byId.get(event.id)
    if (known) known.times += 1
    else byId.set(event.id, { event, times: 1 })
  }
  return byId
}

const describe = (event: ReceivedEvent) => [shortType(event), organizationOf(event), event.data?.Role ?? ''].join(' ')
const shortType = ({ type }: ReceivedEvent) => type.slice(type.lastIndexOf('.') + 1)
// A setting decides which of the two identifies the organisation.
const organizationOf = ({ subject, alternativesubject }: ReceivedEvent) => organizationIn(alternativesubject ?? subject)
const organizationIn = (identifier: string) => /\d{9}$/.exec(identifier)?.[0] ?? identifier
