import { z } from 'zod'
import type { ActivityRow } from '../../domain/projections/activity.js'
import type { StatisticsRow } from '../../domain/projections/statistics.js'
import type { ChangeNotification, Messages } from '../../usecases/ports/messages.js'
import { organization, time } from '../schemas.js'
import { jsonMessage, type Send } from './send.js'

const statisticsRow: z.ZodType<StatisticsRow> = z.object({
  month: z.string(),
  serviceOwner: organization,
  resourceId: z.string(),
  fileTransferId: z.guid(),
  recipient: organization,
  sender: organization,
  senderVendor: organization.exactOptional(),
  createdAt: time.exactOptional(),
  sizeBytes: z.int().exactOptional(),
  isPublished: z.literal(true).exactOptional(),
  isConfirmed: z.literal(true).exactOptional(),
  downloads: z.object({ first: z.int(), last: z.int() }).exactOptional(),
  recipientVendor: z.object({ organization, sequence: z.int() }).exactOptional(),
  isStatusMessage: z.literal(true).exactOptional(),
})

const activityRow: z.ZodType<ActivityRow> = z.object({
  serviceOwner: organization,
  resourceId: z.string(),
  fileTransferId: z.guid(),
  createdAt: time,
  uploadedAt: time.exactOptional(),
  publishedAt: time.exactOptional(),
  allConfirmedAt: time.exactOptional(),
  cancelledAt: time.exactOptional(),
  failedAt: time.exactOptional(),
  purgedAt: time.exactOptional(),
})

/** The facts of a change, on the topic: one subscription publishes them, the other counts them. */
export const changeNotification: z.ZodType<ChangeNotification> = z.object({
  fileTransferId: z.guid(),
  told: z.array(z.int()),
  counted: z.array(z.int()),
  isRepeated: z.literal(true).optional(),
  statistics: z.array(statisticsRow).optional(),
  activity: activityRow.optional(),
})

/** By the first fact: facts belong to one change. Undefined: there is nothing to notify of. */
export const changeNotificationId = ({ fileTransferId, told, counted }: ChangeNotification): string | undefined =>
  told.length + counted.length > 0 ? `${fileTransferId}-${Math.min(...told, ...counted)}` : undefined

/** Sends a change notification to the topic of facts, unless it names none. */
export const notifyOfChange =
  (send: Send): Messages['notifyOfChange'] =>
  async (notification) => {
    const messageId = changeNotificationId(notification)
    if (messageId) await send('facts', [jsonMessage(messageId, notification)])
  }
