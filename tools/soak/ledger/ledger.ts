import type { Details } from '../../transfers/details.js'
import type { Digests } from '../clients/content.js'
import type { Plan } from '../mix.js'

/**
 * What the clients of one transfer were told, recorded when they were told. Nothing of it comes from Broker's own
 * records. Times are in milliseconds since 1970.
 */
export type Entry = Digests & {
  plan: Plan
  /** Empty until Broker has given it. */
  id: string
  /** The upload was answered with 2xx, or an earlier answer was lost and Broker says that it has the file. */
  acknowledgedAt?: number
  /** The cancellation was answered with 204. */
  cancelledAt?: number
  /** The withdrawal was answered with 204. */
  withdrawnAt?: number
  /** The expiry that the last change of it was answered with. */
  expiresAt?: number
  /** A call that waited for the publication: when it was made, and when it was answered with it. */
  awaited?: { from: number; to: number }
  /** By organisation: the confirmation was answered with 204. */
  confirmedAt: Record<string, number>
  /** Recipients who have got the whole file with the right MD5. */
  verified: string[]
  /** By organisation: a download that gave another file, or was refused before the file had expired. */
  spoiled: Record<string, string>
  /** By organisation: why a receipt proves nothing, or something wrong. */
  badReceipts: Record<string, string>
  /** How many receipts were verified. */
  receipts: number
  /** Recipients who came after the file had expired, or had been withdrawn. */
  missed: string[]
  /** Answers that are not explained. */
  unexpected: string[]
  /** The clients are through. */
  isOver: boolean
}

export const newEntry = (plan: Plan, digests: Digests): Entry => ({
  ...digests,
  plan,
  id: '',
  confirmedAt: {},
  verified: [],
  spoiled: {},
  badReceipts: {},
  receipts: 0,
  missed: [],
  unexpected: [],
  isOver: false,
})

/** An event as Altinn received it. */
export type ReceivedEvent = {
  id: string
  /** `published > 991825827 as Sender` */
  name: string
  /** When it happened, by the event itself, and when it was received. */
  at: number
  receivedAt: number
}

/** A time in which a part was down or disturbed. */
export type Outage = { part: string; how: string; from: number; to: number }

/** What is known about a transfer besides its entry. */
export type Seen = {
  details: Details
  events: ReceivedEvent[]
  /** What the recipients found in their inboxes, at the time when they did. */
  inbox: ReceivedEvent[]
}

/** How much of the time between two moments no part was disturbed, in milliseconds. */
export function undisturbedMs(from: number, to: number, outages: readonly Outage[]): number {
  let left = 0
  let at = from
  for (const outage of outages.toSorted((one, other) => one.from - other.from)) {
    if (outage.to <= at) continue
    if (outage.from >= to) break
    left += Math.max(0, outage.from - at)
    at = Math.min(to, outage.to)
  }
  return left + Math.max(0, to - at)
}
