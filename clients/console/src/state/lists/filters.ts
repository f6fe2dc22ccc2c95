import { FILE_TRANSFER_STATUSES, RECIPIENT_STATUSES } from '../../../../typescript/src/wire/statuses.js'
import type { FileTransferStatus, ListSearch, RecipientStatus } from '../../../../typescript/src/wire/types.js'
import { dayIn } from '../../format/days.js'
import type { Box } from '../route.js'

/** The filters of a list. A day is `2026-11-26` in the user's time zone, from midnight to midnight. */
export type Filters = {
  /** Words of the file's name, of the reference, or of the other organisation's name or number. */
  text: string
  /** Undefined: all that the console knows. */
  resource: string | undefined
  status: FileTransferStatus | undefined
  /** The status of the caller as a recipient. */
  recipientStatus: RecipientStatus | undefined
  from: string | undefined
  to: string | undefined
  /** From 1. */
  page: number
  /** The rows of a page. */
  size: number
}

export const PAGE_SIZES = [10, 25, 50, 100]

/** An inbox shows what can be downloaded. */
export const defaultFilters = (box: Box): Filters => ({
  text: '',
  resource: undefined,
  status: box === 'inbox' ? 'Published' : undefined,
  recipientStatus: undefined,
  from: undefined,
  to: undefined,
  page: 1,
  size: 25,
})

const ALL = 'all'

/** The filters in an address, with defaults for what is missing or invalid. */
export function filtersIn(query: URLSearchParams, box: Box): Filters {
  const none = defaultFilters(box)
  const status = query.get('status')
  const page = Number(query.get('page') ?? 1)
  return {
    text: query.get('q') ?? '',
    resource: query.get('resource') || undefined,
    status: status === ALL ? undefined : (FILE_TRANSFER_STATUSES.find((each) => each === status) ?? none.status),
    recipientStatus:
      box === 'inbox' ? RECIPIENT_STATUSES.find((each) => each === query.get('recipientStatus')) : undefined,
    from: dayIn(query.get('from') ?? ''),
    to: dayIn(query.get('to') ?? ''),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    size: PAGE_SIZES.find((each) => String(each) === query.get('size')) ?? none.size,
  }
}

/** The query of an address for the filters, without defaults. */
export function queryOf({ text, ...filters }: Filters, box: Box): URLSearchParams {
  const none = defaultFilters(box)
  const query = new URLSearchParams(text && { q: text })
  for (const name of ['resource', 'status', 'recipientStatus', 'from', 'to', 'page', 'size'] as const) {
    if (filters[name] !== none[name]) query.set(name, String(filters[name] ?? ALL))
  }
  return query
}

/** Whether rows are left out that the list has without any filter. */
export const isFiltered = (filters: Filters, box: Box): boolean =>
  queryOf({ ...filters, page: 1, size: defaultFilters(box).size }, box).size > 0

/** What Broker itself can search for, newest first. */
export function searchOf(filters: Filters, box: Box, resourceId: string): ListSearch {
  const { status, recipientStatus, from, to } = filters
  return {
    resourceId,
    role: box === 'inbox' ? 'Recipient' : 'Sender',
    orderAscending: false,
    ...(status && { status }),
    ...(recipientStatus && { recipientStatus }),
    ...(from && { from: new Date(`${from}T00:00:00`).toISOString() }),
    ...(to && { to: new Date(`${to}T23:59:59.999`).toISOString() }),
  }
}
