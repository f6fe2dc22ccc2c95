import { z } from 'zod'
import { JSON_BODY, type Operation } from './operation.js'
import { minAgeDays } from './requests/queries.js'
import { ofResource, unscannedApproval } from './requests/requests.js'
import { deadLetterLists, message, replayedDeadLetters, useCaseTestsCleanedUp } from './responses/operatorResponses.js'
import { MAINTENANCE } from './scopes.js'

/** Operations of those who run the service. */
export const maintenanceRows = {
  cleanUpUseCaseTests: {
    summary: 'Removes the file transfers of use-case tests',
    description: 'Removes them in the background, by one message for each. The answer tells how many were found.',
    isInternal: true,
    method: 'POST',
    path: 'broker/api/v1/maintenance/cleanup-usecasetests',
    scopes: [MAINTENANCE],
    query: z.object({ minAgeDays }),
    produces: JSON_BODY,
    success: { status: 200, json: useCaseTestsCleanedUp },
    problems: [],
  },
  listDeadLetters: {
    summary: 'Lists the messages that were given up, and why',
    description: 'At most some hundred of each queue, oldest first, without their content.',
    isInternal: true,
    method: 'GET',
    path: 'broker/api/v1/maintenance/dead-letters',
    scopes: [MAINTENANCE],
    produces: JSON_BODY,
    success: { status: 200, json: deadLetterLists },
    problems: [],
  },
  replayDeadLetters: {
    summary: 'Sends the messages that were given up again',
    description: 'They are sent to the queue that they came from, with no try counted. Repeat until nothing is left.',
    isInternal: true,
    method: 'POST',
    path: 'broker/api/v1/maintenance/replay-dead-letters',
    scopes: [MAINTENANCE],
    produces: JSON_BODY,
    success: { status: 200, json: replayedDeadLetters },
    problems: [],
  },
  rotateMaskinportenKey: {
    summary: 'Says that the key for Maskinporten is rotated by hand',
    description:
      'The original rotates the key by this call. Here it is done by the documented steps, and the call answers 501.',
    isInternal: true,
    method: 'POST',
    path: 'broker/api/v1/maintenance/maskinporten-jwk-rotation',
    scopes: [MAINTENANCE],
    body: 'json',
    produces: JSON_BODY,
    success: {
      status: 200,
      json: message,
      also: { 400: { description: 'The body does not confirm a rotation.' } },
    },
    problems: ['MaskinportenKeyIsRotatedByHand'],
  },
  approveUnscanned: {
    summary: 'Says whether a resource may send without a virus scan in Production',
    description: 'An approval for one resource, or its withdrawal. File transfers that have begun are not affected.',
    isInternal: true,
    method: 'PUT',
    path: 'broker/api/v1/maintenance/resource/{resourceId}/unscanned-approval',
    scopes: [MAINTENANCE],
    params: ofResource,
    body: { schema: unscannedApproval, parameter: 'approval' },
    consumes: JSON_BODY,
    success: { status: 204 },
    problems: ['ResourceHasNotBeenConfigured'],
  },
} as const satisfies Record<string, Operation>
