import { createHash } from 'node:crypto'
import type { ChangeNotification, CheckUploadMessage, ScanEvent } from '../../usecases/ports/messages.js'
import type { DueRow } from '../../usecases/ports/outbox.js'

// Ids of messages. Duplicate detection drops a message whose id it knows, of scheduled messages too, so that an id names everything that makes
// the message different. One that comes back names who handles it, since subscriptions to a topic share its ids: `{id}/{addressee}/try2` for the
// second retry, `{id}/{addressee}/replay1` when the dead letter is sent again, `{id}/{addressee}/replay1/try2` for its second retry.

/** A message as it arrived at a queue or a subscription (the addressee), which may be under an id of others, or of an earlier version. */
type Arrived = { addressee: string; messageId: string; tries: number; replays: number }

/** Service Bus takes ids of 128 characters; the longest addressee, 9999 replays and 99 tries take 36. */
const ROOM = 128 - 36

/** What is sent before it has failed, and must not be taken for what was sent already. */
const repeatedId = (messageId: string, again: number | undefined): string =>
  again ? `${messageId}/r${again}` : messageId

/** By the first fact: facts belong to one change. Undefined: there is nothing to notifyOfChange. */
export const changeNotificationId = ({ fileTransferId, told, counted }: ChangeNotification): string | undefined =>
  told.length + counted.length > 0 ? `${fileTransferId}-${Math.min(...told, ...counted)}` : undefined

/** Reading a long file goes on by messages: each knows how far those before it have come, and which look at the file it belongs to. */
export const checkUploadId = ({ fileTransferId, sequence, read, again }: CheckUploadMessage): string =>
  repeatedId(`${fileTransferId}-${sequence}${read ? `-from${read.bytes}` : ''}`, again)

/** Tries to commit a change may leave rows that differ in their time alone. */
export const deadlineId = ({ fileTransferId, kind, sequence, at, tries }: DueRow): string =>
  repeatedId(`${fileTransferId}-${kind}-${sequence}-${at.getTime()}`, tries)

/** By the whole event: its own id is chosen by others. */
export const scanId = (event: ScanEvent): string => `scan-${sha256(JSON.stringify(event))}`

/** The id for one more try; `tries` counts it already. */
export const retryId = (arrived: Arrived): string =>
  `${firstId(arrived, arrived.tries - 1)}${suffix(arrived, arrived.tries)}`

/** The id under which a dead letter is sent again. It follows from the dead letter's own, so that the same one is not sent twice. */
export const replayId = (arrived: Arrived): string =>
  `${firstId(arrived, arrived.tries)}${suffix({ ...arrived, replays: arrived.replays + 1 }, 0)}`

const suffix = ({ addressee, replays }: Pick<Arrived, 'addressee' | 'replays'>, tries: number): string =>
  `/${addressee}${replays > 0 ? `/replay${replays}` : ''}${tries > 0 ? `/try${tries}` : ''}`

/** The id before the message came back for the first time, shortened to leave room. */
function firstId(arrived: Arrived, tries: number): string {
  const { messageId } = arrived
  const added = suffix(arrived, tries)
  const hasComeBack = tries + arrived.replays > 0 && messageId.endsWith(added)
  const first = hasComeBack ? messageId.slice(0, -added.length) : messageId
  return first.length <= ROOM ? first : `sha256-${sha256(first)}`
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
