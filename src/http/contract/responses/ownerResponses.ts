import { z } from 'zod'
import { DEADLINE_KINDS } from '../../../domain/fileTransfer/state.js'
import { EVENT_TYPES } from '../../../domain/projections/altinnEvents.js'
import { fileTransferStatus } from './responses.js'
import { resourceConfiguration } from './serviceOwnerResponses.js'

// What a service owner sees of its resources.

const count = z.int().nonnegative()
const isCapped = z.boolean().describe('There is more than was counted or looked at: the figures are lower limits.')
const countedAt = z.iso.datetime().describe('The figures are of this time.')
const fileTransferId = z.guid()
const resourceId = z.string()
const since = z.iso.datetime()
const organization = z.string().describe('`0192:` and nine digits.')

/** How many file transfers have a status. */
export const statusCount = z.object({ status: fileTransferStatus, fileTransfers: count })

/** The file transfers of a resource, by status. */
export const resourceActivity = z.object({ resourceId, statuses: z.array(statusCount) })

/** How long files took to be published. */
export const publishTimes = z.object({
  files: count,
  inTime: count.describe('Within the objective.'),
  medianSeconds: z.number().nonnegative(),
  p95Seconds: z.number().nonnegative(),
})

/** The file transfers that were created on a day. */
export const activityDay = z.object({
  day: z.iso.date().describe('In UTC, as in all statistics.'),
  isCapped,
  fileTransfers: count,
  statuses: z
    .array(statusCount)
    .describe('By their status now. One whose upload is under way counts as `Initialized`.'),
  resources: z.array(resourceActivity),
  publishing: publishTimes
    .exactOptional()
    .describe(
      'From the last byte to the publication. One that waits for longer counts as long as it has waited. Not there when nothing has been published.',
    ),
})

/** A complete file that is not published in time. */
export const lateFile = z.object({ fileTransferId, resourceId, since })

/** An event that has not reached its actor in time. */
export const lateEvent = z.object({
  fileTransferId,
  resourceId,
  type: z.enum(EVENT_TYPES),
  organization,
  since,
  status: z.enum(['Waiting', 'GivenUp']),
  tries: count,
})

/** A deadline that is not applied in time. */
export const lateDeadline = z.object({ fileTransferId, resourceId, kind: z.enum(DEADLINE_KINDS), since })

/** What is late, longest first. */
export const lateWork = z.object({
  isCapped,
  files: z.array(lateFile),
  events: z.array(lateEvent),
  deadlines: z.array(lateDeadline),
})

/** The last days of a service owner, and what is late. */
export const ownerActivity = z.object({
  countedAt,
  objectiveSeconds: z.int().describe('A complete file is to be published within this time.'),
  days: z.array(activityDay).describe('By the day of creation, today first.'),
  late: lateWork,
})

/** A message that was given up, without its content. */
export const ownerDeadLetter = z.object({
  queue: z.string(),
  messageId: z.string(),
  fileTransferId,
  resourceId,
  reason: z.string(),
  tries: count,
  enqueued: z.iso.datetime(),
})

/** The dead letters about transfers of a service owner. */
export const ownerDeadLetters = z.object({ countedAt, isCapped, deadLetters: z.array(ownerDeadLetter) })

/** How many of them were sent again. */
export const ownerReplay = z.object({ replayed: count })

/** A resource and its settings. */
export const ownerResource = resourceConfiguration.extend({ resourceId, isApprovedForDisabledVirusScan: z.boolean() })

/** The resources of a service owner. */
export const ownerResources = z.object({ isCapped, resources: z.array(ownerResource) })

/** The file transfers of a month, one for each recipient. */
export const ownerMonth = z.object({ month: z.string(), isCapped, fileTransfers: count, sizeBytes: count })

/** The file transfers of a party in this month, one for each recipient. */
export const ownerParty = z.object({ organization, fileTransfers: count, sizeBytes: count })

/** The last months of a service owner. */
export const ownerStatistics = z.object({
  countedAt,
  months: z.array(ownerMonth).describe('Newest first.'),
  senders: z.array(ownerParty).describe('The largest of this month.'),
  recipients: z.array(ownerParty).describe('The largest of this month.'),
})
