import { z } from 'zod'
import { JSON_BODY, type Operation } from './operation.js'
import {
  ownerActivity,
  ownerDeadLetters,
  ownerReplay,
  ownerResources,
  ownerStatistics,
} from './responses/ownerResponses.js'
import { SERVICE_OWNER } from './scopes.js'

const MAX_REPLAYED = 100
const MAX_MESSAGE_ID = 300

/** Which dead letters are sent again: those that the caller has seen. */
const deadLetterIds = z.object({
  messageIds: z.array(z.string().min(1).max(MAX_MESSAGE_ID)).min(1).max(MAX_REPLAYED),
})

/** What a service owner sees of its own resources. */
export const ownerRows = {
  getOwnerActivity: {
    summary: 'Shows the last days of the service owner, and what is late',
    description:
      'Eight days in UTC, today first: file transfers by status and resource, and the time to publish. Figures are some seconds old; at most 5,000 file transfers of a day are counted.',
    method: 'GET',
    path: 'broker/api/v1/serviceowner/activity',
    scopes: [SERVICE_OWNER],
    produces: JSON_BODY,
    success: { status: 200, json: ownerActivity },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerNotFound'],
  },
  getOwnerStatistics: {
    summary: 'Counts the last six months of the service owner',
    description:
      'File transfers and bytes of each month, and the largest senders and recipients of this one. At most 10,000 rows of a month that is not closed are counted.',
    method: 'GET',
    path: 'broker/api/v1/serviceowner/statistics',
    scopes: [SERVICE_OWNER],
    produces: JSON_BODY,
    success: { status: 200, json: ownerStatistics },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerNotFound'],
  },
  listOwnerResources: {
    summary: 'Lists the resources of the service owner, and their settings',
    description:
      'One that was configured by an earlier version is listed when it is configured again, or has had a file transfer in the last days.',
    method: 'GET',
    path: 'broker/api/v1/serviceowner/resources',
    scopes: [SERVICE_OWNER],
    produces: JSON_BODY,
    success: { status: 200, json: ownerResources },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerNotFound'],
  },
  listOwnerDeadLetters: {
    summary: 'Lists the messages about file transfers of the service owner that were given up, and why',
    description: 'Among the oldest 500 of each queue, without their content.',
    method: 'GET',
    path: 'broker/api/v1/serviceowner/dead-letters',
    scopes: [SERVICE_OWNER],
    produces: JSON_BODY,
    success: { status: 200, json: ownerDeadLetters },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerNotFound'],
  },
  replayOwnerDeadLetters: {
    summary: 'Sends some of these messages again',
    description:
      'They are sent to where they came from, with no try counted. Those of others, and those that are gone, are passed over. A repeat finds none.',
    method: 'POST',
    path: 'broker/api/v1/serviceowner/replay-dead-letters',
    scopes: [SERVICE_OWNER],
    body: { schema: deadLetterIds, parameter: 'deadLetterIds', demanded: 'messageIds' },
    consumes: JSON_BODY,
    produces: JSON_BODY,
    success: { status: 200, json: ownerReplay },
    problems: ['CallerOrganizationIdNotFound', 'ServiceOwnerNotFound'],
  },
} as const satisfies Record<string, Operation>
