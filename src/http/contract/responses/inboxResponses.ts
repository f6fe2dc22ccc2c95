import { z } from 'zod'
import { time } from './values.js'

/** One event of a recipient. */
export const inboxChange = z.object({
  eventId: z.guid().describe('The id of the CloudEvent. A change that comes twice has the same.'),
  type: z.string().meta({ examples: ['no.altinn.broker.published'] }),
  fileTransferId: z.guid(),
  resourceId: z.string().describe('Without urn:altinn:resource:.'),
  occurred: time,
})

/** What is new, and where to go on. */
export const inboxChanges = z.object({
  changes: z.array(inboxChange).describe('Oldest first. There may be none although others follow.'),
  cursor: z.string().describe('For the next call, as `after`. Keep it when the changes have been dealt with.'),
  hasMore: z.boolean().describe('Whether the next call finds some without a wait.'),
})
