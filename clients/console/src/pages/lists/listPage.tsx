import { Skeleton } from '@digdir/designsystemet-react'
import { useEffect } from 'preact/hooks'
import { PageHeading } from '../../components/pageHeading.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { type Filters, filtersIn, queryOf } from '../../state/lists/filters.js'
import type { Found } from '../../state/lists/finding.js'
import { useListing } from '../../state/lists/listing.js'
import { knownResources, storeTypedResource } from '../../state/lists/resources.js'
import { type Box, boxHref } from '../../state/route.js'
import { FiltersForm } from './filtersForm.js'
import { ListRows } from './listRows.js'
import { NoRows } from './noRows.js'
import { SearchEnd } from './searchEnd.js'
import '../../lists.css'

/** The inbox, or the outbox. */
export function ListPage({ box, query }: { box: Box; query: URLSearchParams }) {
  const texts = useTexts()
  const announce = useAnnounce()
  const session = useSession()
  const filters = filtersIn(query, box)
  const resources = filters.resource ? [filters.resource] : knownResources(session)
  const listing = useListing(session, { box, filters, resources }, (before, now) => {
    const says = newsIn(before, now, box).map((each) =>
      'count' in each ? texts.newInInbox(each.count) : texts.isNow(each.file, texts.statuses[each.status]),
    )
    if (says.length > 0) announce(says.join('. '))
  })
  const show = (next: Filters) => {
    if (next.resource && session.resources.length === 0) storeTypedResource(session, next.resource)
    location.hash = boxHref(box, queryOf(next, box))
  }
  const { found, error, isReading, isCutOff, refresh } = listing
  const pages = Math.max(1, Math.ceil((found?.rows.length ?? 0) / filters.size))
  const isBeyondLast = found !== undefined && !isReading && filters.page > pages
  useEffect(() => {
    if (isBeyondLast) location.replace(boxHref(box, queryOf({ ...filters, page: pages }, box)))
  })

  const isEmpty = found?.rows.length === 0
  return (
    <>
      <PageHeading title={texts[box]} />
      <FiltersForm box={box} filters={filters} onChange={show} />
      {error !== undefined && <ProblemAlert error={error} onRetry={refresh} />}
      {(!found || isEmpty || isBeyondLast) && isReading && <Loading />}
      {isEmpty && !isReading && !found.isMore && error === undefined && (
        <NoRows box={box} filters={filters} hasResource={resources.length > 0} onChange={show} />
      )}
      {found && !isEmpty && (
        <ListRows box={box} filters={filters} found={found} mayReadOn={found.isMore && !isCutOff} onChange={show} />
      )}
      <SearchEnd filters={filters} listing={listing} />
    </>
  )
}

type News = { count: number } | { file: string; status: Found['rows'][number]['fileTransferStatus'] }

/** The changes since the last look: new rows of an inbox, and rows with another status. */
function newsIn(before: Found, now: Found, box: Box): News[] {
  const known = new Map(before.rows.map((row) => [row.fileTransferId, row.fileTransferStatus]))
  const lastCreated = before.rows[0]?.created ?? ''
  const added = now.rows.filter(({ fileTransferId, created }) => !known.has(fileTransferId) && created > lastCreated)
  const changed = now.rows.filter((row) => {
    const status = known.get(row.fileTransferId)
    return status !== undefined && status !== row.fileTransferStatus
  })
  return [
    ...(box === 'inbox' && added.length > 0 ? [{ count: added.length }] : []),
    ...changed.map((row) => ({ file: row.fileName, status: row.fileTransferStatus })),
  ]
}

function Loading() {
  const texts = useTexts()
  return (
    <div className="waiting" role="status" aria-label={texts.loading}>
      {[1, 2, 3].map((each) => (
        <Skeleton key={each} height={48} />
      ))}
    </div>
  )
}
