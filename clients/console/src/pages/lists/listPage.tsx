import { Button, Heading, Paragraph, Skeleton } from '@digdir/designsystemet-react'
import { PageHeading } from '../../components/pageHeading.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { type Filters, filtersIn, queryOf } from '../../state/lists/filters.js'
import { type Listed, PAGE_ROWS, useListing } from '../../state/lists/listing.js'
import { type Box, boxHref } from '../../state/route.js'
import { FiltersForm } from './filtersForm.js'
import { TransferTable } from './transferTable.js'

const LAST_RESOURCE = 'console-resource'

/** The inbox, or the outbox. */
export function ListPage({ box, query }: { box: Box; query: URLSearchParams }) {
  const texts = useTexts()
  const announce = useAnnounce()
  const { broker, resources } = useSession()
  const defaultResource = resources[0]?.id ?? sessionStorage.getItem(LAST_RESOURCE) ?? ''
  const filters = filtersIn(query, defaultResource)
  const { listed, error, refresh } = useListing(broker, box, filters, (before, now) => {
    const says = newsIn(before, now, box).map((each) =>
      'count' in each ? texts.newInInbox(each.count) : texts.isNow(each.file, texts.statuses[each.status]),
    )
    if (says.length > 0) announce(says.join('. '))
  })
  const show = (next: Filters) => {
    if (resources.length === 0) sessionStorage.setItem(LAST_RESOURCE, next.resource)
    location.hash = boxHref(box, queryOf(next, defaultResource))
  }

  return (
    <>
      <PageHeading title={texts[box]} />
      <FiltersForm filters={filters} defaultResource={defaultResource} onChange={show} />
      {error !== undefined && <ProblemAlert error={error} onRetry={refresh} />}
      {!listed && error === undefined && <Loading />}
      {listed && listed.rows.length === 0 && error === undefined && (
        <NoRows box={box} hasResource={filters.resource !== ''} />
      )}
      {listed && listed.rows.length > 0 && (
        <>
          <TransferTable rows={listed.rows} box={box} />
          <Pages listed={listed} filters={filters} onChange={show} />
        </>
      )}
    </>
  )
}

type News = { count: number } | { file: string; status: Listed['rows'][number]['fileTransferStatus'] }

/** The changes since the last refresh: new rows of an inbox, and rows with another status. */
function newsIn(before: Listed, now: Listed, box: Box): News[] {
  const known = new Map(before.rows.map((row) => [row.fileTransferId, row.fileTransferStatus]))
  const changed = now.rows.filter((row) => {
    const status = known.get(row.fileTransferId)
    return status !== undefined && status !== row.fileTransferStatus
  })
  const count = now.found - before.found
  return [
    ...(box === 'inbox' && count > 0 ? [{ count }] : []),
    ...changed.map((row) => ({ file: row.fileName, status: row.fileTransferStatus })),
  ]
}

type PagesProps = { listed: Listed; filters: Filters; onChange: (next: Filters) => void }

function Pages({ listed, filters, onChange }: PagesProps) {
  const texts = useTexts()
  const { page } = filters
  const first = (page - 1) * PAGE_ROWS + 1
  const last = Math.min(page * PAGE_ROWS, listed.found)
  const hasNext = last < listed.found || listed.isMore
  const go = (by: number) => onChange({ ...filters, page: page + by })
  return (
    <nav className="pages" aria-label={texts.pages}>
      <Paragraph>{texts.listed(first, last, listed.isMore ? `${listed.found}+` : String(listed.found))}</Paragraph>
      {(page > 1 || hasNext) && (
        <>
          <Button variant="secondary" disabled={page === 1} onClick={() => go(-1)}>
            {texts.previous}
          </Button>
          <Button variant="secondary" disabled={!hasNext} onClick={() => go(1)}>
            {texts.next}
          </Button>
        </>
      )}
    </nav>
  )
}

function NoRows({ box, hasResource }: { box: Box; hasResource: boolean }) {
  const texts = useTexts()
  const why = box === 'inbox' ? texts.nothingInInbox : texts.nothingInOutbox
  return (
    <div className="nothing">
      <Heading level={2} data-size="xs">
        {texts.nothingFound}
      </Heading>
      <Paragraph>{hasResource ? why : texts.chooseResource}</Paragraph>
    </div>
  )
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
