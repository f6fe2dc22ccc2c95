import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { err, ok } from '../../domain/result.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import type { SharedWaits } from '../../lib/sharedWaits.js'
import { readOnly } from '../access.js'
import { inboxKey, isOlderHead } from '../commit/waits.js'
import type { AccessPolicy, Caller } from '../ports/access.js'
import type { Inbox, InboxHead, NumberedEntry } from '../ports/inbox.js'

type Deps = { inbox: Inbox; access: AccessPolicy; waits: SharedWaits }

/** A place in an inbox: all entries up to this number have been read. */
export type InboxCursor = { epoch: string; sequence: number }

/** What is asked for. `cursor` undefined: from the oldest entry that is kept; `latest`: after the last. `seconds` undefined: it does not wait. */
export type InboxRequest = {
  cursor: InboxCursor | 'latest' | undefined
  limit: number
  seconds: number | undefined
  ending: AbortSignal
}

/** Resources that the policy is asked about at the same time. */
const CONCURRENT_DECISIONS = 8

/**
 * What is new for the caller's organisation as a recipient, and the cursor for what comes after. Entries of resources
 * that the caller may not read are left out, and are behind the cursor all the same.
 */
export const listInboxChanges =
  ({ inbox, access, waits }: Deps) =>
  async (caller: Caller, { cursor: asked, limit, seconds, ending }: InboxRequest) => {
    const { organization } = caller
    if (!organization) return err('NoAccessToResource')
    const begun = await inbox.head(organization)
    const cursor = asked === 'latest' ? { epoch: begun.epoch, sequence: begun.last } : asked
    const after = cursor?.sequence ?? begun.removed
    if (cursor && !isKept(begun, cursor)) return err('InboxCursorExpired')

    const { value: head, isRefused } = await waits.until<InboxHead>({
      key: inboxKey(organization),
      value: begun,
      read: () => inbox.head(organization),
      isOlder: isOlderHead,
      isOver: ({ epoch, last }) => seconds === undefined || last > after || epoch !== begun.epoch,
      ms: (seconds ?? 0) * 1000,
      ending,
    })
    if (!isKept(head, { epoch: begun.epoch, sequence: after })) return err('InboxCursorExpired')

    const upTo = Math.min(after + limit, head.last)
    const entries = upTo > after ? await inbox.read(organization, after, upTo) : []
    // Some were removed since the head was read.
    if (cursor && entries.length < upTo - after) return err('InboxCursorExpired')
    return ok({
      changes: await readableOf(access, caller, organization, entries),
      cursor: { epoch: head.epoch, sequence: upTo },
      hasMore: head.last > upTo,
      isRefused,
    })
  }

const isKept = ({ epoch, last, removed }: InboxHead, cursor: InboxCursor) =>
  cursor.epoch === epoch && cursor.sequence >= removed && cursor.sequence <= last

async function readableOf(
  access: AccessPolicy,
  caller: Caller,
  party: OrganizationNumber,
  entries: NumberedEntry[],
): Promise<NumberedEntry[]> {
  const readable = new Set<string>()
  const resources = [...new Set(entries.map(({ resourceId }) => resourceId))]
  await forEachConcurrent(resources, CONCURRENT_DECISIONS, async (resourceId) => {
    if (await readOnly(access).isPermitted(caller, { actions: ['read'], resourceId, party })) readable.add(resourceId)
  })
  return entries.filter(({ resourceId }) => readable.has(resourceId))
}
