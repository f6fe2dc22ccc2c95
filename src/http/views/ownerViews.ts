import type { z } from 'zod'
import { OBJECTIVES } from '../../domain/operating/objectives.js'
import { withPrefix } from '../../domain/organizationNumber.js'
import { COUNTED_STATUSES, type StatusCounts } from '../../domain/projections/activityReport.js'
import type { PartyTotals } from '../../domain/projections/largestParties.js'
import type { Resource } from '../../domain/resource.js'
import type { OwnerActivity, OwnerDeadLetters, OwnerStatistics } from '../../usecases/ports/activity.js'
import type {
  ownerActivity,
  ownerDeadLetters,
  ownerResources,
  ownerStatistics,
} from '../contract/responses/ownerResponses.js'
import { resourceView } from './views.js'

const statusesView = (counts: StatusCounts) =>
  COUNTED_STATUSES.map((status) => ({ status, fileTransfers: counts[status] }))

export const activityView = ({ countedAt, days, late }: OwnerActivity): z.infer<typeof ownerActivity> => ({
  countedAt: countedAt.toISOString(),
  objectiveSeconds: OBJECTIVES.publication.withinSeconds,
  days: days.map(({ day, isCapped, fileTransfers, statuses, resources, publishing }) => ({
    day,
    isCapped,
    fileTransfers,
    statuses: statusesView(statuses),
    resources: resources.map((each) => ({ resourceId: each.resourceId, statuses: statusesView(each.statuses) })),
    ...(publishing && { publishing }),
  })),
  late: {
    isCapped: late.isCapped,
    files: late.files.map(({ since, ...file }) => ({ ...file, since: since.toISOString() })),
    events: late.events.map(({ fileTransferId, resourceId, type, organization, at, last }) => ({
      fileTransferId,
      resourceId,
      type,
      organization: withPrefix(organization),
      since: at.toISOString(),
      status: last.status === 'GivenUp' ? 'GivenUp' : 'Waiting',
      tries: last.tries,
    })),
    deadlines: late.deadlines.map(({ fileTransferId, resourceId, kind, at }) => ({
      fileTransferId,
      resourceId,
      kind,
      since: at.toISOString(),
    })),
  },
})

export const ownerDeadLettersView = ({
  countedAt,
  isCapped,
  letters,
}: OwnerDeadLetters): z.infer<typeof ownerDeadLetters> => ({
  countedAt: countedAt.toISOString(),
  isCapped,
  deadLetters: letters.map(({ queue, messageId, fileTransferId, resourceId, reason, tries, enqueuedAt }) => ({
    queue,
    messageId,
    fileTransferId,
    resourceId,
    reason,
    tries,
    enqueued: enqueuedAt.toISOString(),
  })),
})

export const ownedResourceView = (resource: Resource): z.infer<typeof ownerResources>['resources'][number] => ({
  resourceId: resource.id,
  isApprovedForDisabledVirusScan: resource.isApprovedForDisabledVirusScan,
  ...resourceView(resource),
})

const partyView = ({ organization, ...totals }: PartyTotals) => ({ organization: withPrefix(organization), ...totals })

export const ownerStatisticsView = ({
  countedAt,
  months,
  senders,
  recipients,
}: OwnerStatistics): z.infer<typeof ownerStatistics> => ({
  countedAt: countedAt.toISOString(),
  months,
  senders: senders.map(partyView),
  recipients: recipients.map(partyView),
})
