import { z } from 'zod'
import { JSON_BODY, type Operation } from './operation.js'
import { wholeNumberTo } from './requests/queries.js'
import { waitSeconds } from './requests/waitQueries.js'
import { inboxChanges } from './responses/inboxResponses.js'
import { READ } from './scopes.js'

const MAX_CHANGES = 100
const NOT_OURS = 'It must be the cursor of an earlier answer.'

/** An epoch and a number. Callers need not know: it may become something else. */
const CURSOR = /^([0-9a-f]{8})\.(\d{1,15})$/
const inboxCursor = z
  .string()
  .max(100, NOT_OURS)
  .transform((text, context) => {
    if (text === 'latest') return text
    const [, epoch, sequence] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? []
    if (epoch !== undefined && cursorText({ epoch, sequence: Number(sequence) }) === text)
      return { epoch, sequence: Number(sequence) }
    context.addIssue(NOT_OURS)
    return z.NEVER
  })

/** A cursor as callers get it. */
export const cursorText = ({ epoch, sequence }: { epoch: string; sequence: number }): string =>
  Buffer.from(`${epoch}.${sequence}`).toString('base64url')

const inboxQuery = z.object({
  after: inboxCursor
    .describe(
      'The cursor of the last answer. `latest`: the end, to learn its cursor. Without it: from the oldest change that is kept.',
    )
    .optional(),
  limit: wholeNumberTo(MAX_CHANGES, 'limit').default(MAX_CHANGES),
  timeout: waitSeconds
    .describe('How long to wait for the first change, in seconds. Without it: not at all.')
    .optional(),
})

/** What is new for a recipient. */
export const inboxRows = {
  listInboxChanges: {
    summary: 'Lists what is new for the caller’s organisation as a recipient, since a cursor',
    description:
      'The events of all its resources, in order and at least once, for 30 days: for systems without a webhook. With `timeout` it is answered when there is something new or the time is over. `Retry-After` on the answer says that too many wait, and that this call did not.',
    method: 'GET',
    path: 'broker/api/v1/inbox/changes',
    scopes: [READ],
    query: inboxQuery,
    produces: JSON_BODY,
    success: { status: 200, json: inboxChanges, headers: ['Retry-After'] },
    problems: ['NoAccessToResource', 'InboxCursorExpired'],
  },
} as const satisfies Record<string, Operation>
