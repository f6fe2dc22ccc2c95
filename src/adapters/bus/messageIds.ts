import { createHash } from 'node:crypto'
import type { Announcement, CheckUploadMessage } from '../../usecases/ports.js'

// Ids of messages that come back. Duplicate detection knows the old ones, of scheduled messages too, so that each return has an id of its own:
// `{id}/try2` for the second retry, `{id}/replay1` when the dead letter is sent again, `{id}/replay1/try2` for its second retry.

const DERIVED = /^(.*?)(?:\/replay(\d+))?(?:\/try\d+)?$/s

/** Service Bus takes ids of 128 characters. What others have sent may have such a long one that nothing can be added. */
const ROOM = 100

/** What is sent before it has failed, and must not be taken for what was sent already. */
export const repeatedId = (messageId: string, again: number | undefined): string =>
  again ? `${messageId}/r${again}` : messageId

/** By the first fact: facts belong to one change. Undefined: there is nothing to announce. */
export const announcementId = ({ fileTransferId, told, counted }: Announcement): string | undefined =>
  told.length + counted.length > 0 ? `${fileTransferId}-${Math.min(...told, ...counted)}` : undefined

/** Reading a long file goes on by messages: each knows how far those before it have come. */
export const checkUploadId = ({ fileTransferId, sequence, read }: CheckUploadMessage, again?: number): string =>
  repeatedId(`${fileTransferId}-${sequence}${read ? `-from${read.bytes}` : ''}`, again)

/** The id for one more try of a message, whatever number its id told of the last try. */
export const retryId = (messageId: string, tries: number): string =>
  `${fitting(messageId.replace(/\/try\d+$/, ''))}/try${tries}`

/**
 * The id under which a dead letter is sent again. It follows from the dead letter's own, so that the same one is not sent twice; and it is new,
 * since a message that comes back as a dead letter bears the number of its last replay.
 */
export function replayId(messageId: string): string {
  const [, id = '', replays = '0'] = DERIVED.exec(messageId) ?? []
  return `${fitting(id)}/replay${Number(replays) + 1}`
}

const fitting = (id: string) => (id.length <= ROOM ? id : createHash('sha256').update(id).digest('hex'))
