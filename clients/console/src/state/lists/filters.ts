import { FILE_TRANSFER_STATUSES, RECIPIENT_STATUSES } from '../../../../typescript/src/wire/statuses.js'
import type { FileTransferStatus, RecipientStatus, Search } from '../../../../typescript/src/wire/types.js'
import type { Box } from '../route.js'

/** The filters of a list. A day is `2026-11-26` in the user's time zone, from midnight to midnight. */
export type Filters = {
  resource: string
  status: FileTransferStatus | undefined
  recipientStatus: RecipientStatus | undefined
  from: string | undefined
  to: string | undefined
  /** From 1. */
  page: number
}

/** The filters in an address, without invalid ones. */
export function filtersIn(query: URLSearchParams, defaultResource: string): Filters {
  const page = Number(query.get('page') ?? 1)
  return {
    resource: query.get('resource') || defaultResource,
    status: FILE_TRANSFER_STATUSES.find((each) => each === query.get('status')),
    recipientStatus: RECIPIENT_STATUSES.find((each) => each === query.get('recipientStatus')),
    from: dayIn(query.get('from')),
    to: dayIn(query.get('to')),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  }
}

/** The query of an address for the filters, without defaults. */
export function queryOf({ resource, status, recipientStatus, from, to, page }: Filters, defaultResource: string) {
  const query = new URLSearchParams()
  if (resource !== defaultResource) query.set('resource', resource)
  for (const [name, value] of Object.entries({ status, recipientStatus, from, to })) if (value) query.set(name, value)
  if (page > 1) query.set('page', String(page))
  return query
}

/** The search at Broker for the filters, newest first. */
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
