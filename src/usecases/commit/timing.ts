// The times on which the outbox's safety rests.
//
// Promise: of every commit the side effects run, though the process dies at any instruction. The only trace of a commit
// whose process has died is its outbox entry, which is written before it. Resuming removes an entry without facts, for
// else entries of changes that lost against others would never be removed. So it must never remove the entry of a
// commit that is still to come.
//
// Proof. All times are counted from the moment just before the entry is written:
//   1. A commit is sent before ENTRY_STALE_AFTER, by the clock of its own process: later, the change begins again with
//      a new entry.
//   2. Once sent, it is made or lost within SLOWEST_COMMIT: the storage makes it, or every try has timed out.
//   3. The process that resumes may have a clock that is ahead by CLOCK_SKEW.
//   4. That process removes an entry without facts only when it is older than COMMIT_LOST_AFTER by its own clock;
//      `since`, the age's start, is read from the clock no earlier than step 1 begins to count.
//   5. So if ENTRY_STALE_AFTER + SLOWEST_COMMIT + CLOCK_SKEW < COMMIT_LOST_AFTER, a commit that is made is made before
//      its entry can be removed, and the next run finds its facts and runs its side effects. What is left of
//      COMMIT_LOST_AFTER is for a process that is suspended between its look at the clock and the commit.
//
// Rows of new deadlines are written together with the entry, and a deadline that no fact has set is removed by the same
// rule (4). Nothing here depends on RESUME_AFTER: side effects are idempotent, so that resuming a change that is still
// under way does them twice.

const SECOND = 1000
const MINUTE = 60 * SECOND

/** A commit whose outbox entry is older is not sent. */
export const ENTRY_STALE_AFTER_MS = MINUTE
/**
 * Two tries of a call to the table (adapters/azure/retry.ts), with what the storage itself may take; for
 * PATIENCE_SECONDS up to 80.
 */
export const SLOWEST_COMMIT_MS = 4 * MINUTE
/** How far the clocks of two processes may be apart. */
const CLOCK_SKEW_MS = MINUTE
/** A commit that was not made when its outbox entry has this age will never be made. */
export const COMMIT_LOST_AFTER_MS = 10 * MINUTE

if (ENTRY_STALE_AFTER_MS + SLOWEST_COMMIT_MS + CLOCK_SKEW_MS >= COMMIT_LOST_AFTER_MS) {
  throw new Error('An outbox entry may be removed before its commit is made.')
}

/** A change that takes longer counts as cut off, and is resumed. */
export const RESUME_AFTER_MS = 30 * SECOND
/** A change that loses against others is decided again within this time; then the answer is 'FileTransferBusy'. */
export const GIVE_UP_AFTER_MS = 10 * SECOND
/** The longest pause before it is decided again. */
export const LONGEST_BACKOFF_MS = 500
/**
 * A change waits this long for those before it in the same process. It is for speed alone: the version shows which
 * commit was first.
 */
export const LONGEST_QUEUE_MS = 5 * SECOND
