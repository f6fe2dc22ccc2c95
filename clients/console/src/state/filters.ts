import { FILE_TRANSFER_STATUSES, RECIPIENT_STATUSES } from '../../../typescript/src/wire/statuses.js'
import type { FileTransferStatus, RecipientStatus, Search } from '../../../typescript/src/wire/types.js'
import type { Box } from './route.js'

/** What a list shows; a day is `2026-11-26`, in the user's time zone, and counts whole. */
export type Filters = {
  resource: string
  status: FileTransferStatus | undefined
  recipientStatus: RecipientStatus | undefined
  from: string | undefined
  to: string | undefined
  /** From 1. */
  page: number
}

/** The filters in an address. What is not understood there is left out. */
export function filtersIn(query: URLSearchParams, usualResource: string): Filters {
  const page = Number(query.get('page') ?? 1)
  return {
    resource: query.get('resource') || usualResource,
    status: FILE_TRANSFER_STATUSES.find((each) => each === query.get('status')),
    recipientStatus: RECIPIENT_STATUSES.find((each) => each === query.get('recipientStatus')),
    from: dayIn(query.get('from')),
    to: dayIn(query.get('to')),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  }
}

/** The filters as an address has them, without what is usual. */
export function queryOf({ resource, status, recipientStatus, from, to, page }: Filters, usualResource: string) {
  const query = new URLSearchParams()
  if (resource !== usualResource) query.set('resource', resource)
  for (const [name, value] of Object.entries({ status, recipientStatus, from, to })) if (value) query.set(name, value)
  if (page > 1) query.set('page', String(page))
  return query
}

/** What to ask Broker for, newest first. */
export function searchOf(filters: Filters, box: Box): Search {
  const { resource, status, recipientStatus, from, to } = filters
  return {
    resourceId: resource,
    role: box === 'inbox' ? 'Recipient' : 'Sender',
    orderAscending: false,
    ...(status && { status }),
    ...(recipientStatus && { recipientStatus }),
    ...(from && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to && { to: new Date(`${to}T23:59:59.999`).toISOString() }),
  }
}

const dayIn = (text: string | null) =>
  text && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
