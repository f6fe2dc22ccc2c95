import type { InboxChange } from '../wire/types.js'
import type { Operations } from './operations.js'
import { pauseUnlessWaited } from './waitForStatus.js'

/** Where to go on, and whether to wait for more. */
export type ChangesOptions = {
  /** The cursor of the last change that was dealt with. Without it: from the oldest one that Broker keeps. */
  after?: string | undefined
  /** `forever` (default), until the signal ends it; `once`: what is there now. */
  until?: 'forever' | 'once' | undefined
  signal?: AbortSignal | undefined
}

/** What is new for the recipient. `cursor`: to go on after it; undefined until a page has been dealt with. */
export type Change = InboxChange & { cursor: string | undefined }

const WAIT_SECONDS = 30
/** After a call that should have waited and did not. */
const PAUSE_MS = 5000

/** What is new for the caller as a recipient, oldest first, at least once. @throws BrokerProblem 410: begin anew. */
export async function* changes(
  operations: Operations,
  { after, until = 'forever', signal }: ChangesOptions = {},
): AsyncGenerator<Change, void, undefined> {
  for (let cursor = after; ; ) {
    const begunMs = performance.now()
    const timeout = until === 'forever' ? WAIT_SECONDS : undefined
    const page = await operations.listInboxChanges({ after: cursor, timeout, signal })
    // One that is cut off in the middle of a page goes on at its beginning.
    for (const [index, change] of page.changes.entries()) {
      yield { ...change, cursor: index === page.changes.length - 1 ? page.cursor : cursor }
    }
    cursor = page.cursor
    if (page.hasMore) continue
    if (until === 'once') return
    if (page.changes.length === 0) await pauseUnlessWaited(begunMs, WAIT_SECONDS * 1000, PAUSE_MS, signal)
  }
}
