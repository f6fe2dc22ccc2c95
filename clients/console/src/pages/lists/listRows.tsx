import { Button, Field, Label, Paragraph, Select } from '@digdir/designsystemet-react'
import { useEffect, useRef } from 'preact/hooks'
import { Pager } from '../../components/lists/pager.js'
import { useTexts } from '../../state/context.js'
import { defaultFilters, type Filters, PAGE_SIZES } from '../../state/lists/filters.js'
import type { Found } from '../../state/lists/finding.js'
import type { Box } from '../../state/route.js'
import { TransferTable } from './transferTable.js'

type Props = { box: Box; filters: Filters; found: Found; mayReadOn: boolean; onChange: (next: Filters) => void }

/** One page of a list, and the way to the others. After a change of the page it has the focus. */
export function ListRows({ box, filters, found, mayReadOn, onChange }: Props) {
  const texts = useTexts()
  const { page, size } = filters
  const list = useRef<HTMLElement>(null)
  const isTurned = useRef(false)
  const start = (page - 1) * size
  const rows = found.rows.slice(start, start + size)
  const pages = Math.max(1, Math.ceil(found.rows.length / size))
  const hasRows = rows.length > 0
  useEffect(() => {
    if (!isTurned.current || !hasRows) return
    isTurned.current = false
    list.current?.focus()
    list.current?.scrollIntoView({ block: 'start' })
  }, [page, hasRows])
  const turn = (change: Partial<Filters>) => {
    isTurned.current = true
    onChange({ ...filters, ...change })
  }

  const count = found.isMore ? `${found.rows.length}+` : String(found.rows.length)
  const isOnlyToDownload = box === 'inbox' && filters.status === defaultFilters(box).status
  return (
    <>
      <section
        ref={list}
        tabIndex={-1}
        className="list"
        aria-label={`${texts[box]}, ${texts.pageOf(page, String(pages))}`}
      >
        {isOnlyToDownload && (
          <Paragraph className="choices">
            <span>{texts.onlyToDownload}</span>
            <Button variant="tertiary" onClick={() => onChange({ ...filters, page: 1, status: undefined })}>
              {texts.showAll}
            </Button>
          </Paragraph>
        )}
        {hasRows && <TransferTable rows={rows} box={box} />}
      </section>
      <div className="pages">
        {hasRows && <Paragraph>{texts.listed(start + 1, start + rows.length, count)}</Paragraph>}
        <Pager
          label={texts.pages}
          page={page}
          pages={pages}
          isMore={mayReadOn}
          onPage={(next) => turn({ page: next })}
        />
        <Field className="inline">
          <Label>{texts.rowsPerPage}</Label>
          <Select
            width="auto"
            value={String(size)}
            onChange={({ currentTarget: { value } }) => turn({ size: Number(value), page: 1 })}
          >
            {PAGE_SIZES.map((each) => (
              <Select.Option key={each} value={String(each)}>
                {String(each)}
              </Select.Option>
            ))}
          </Select>
        </Field>
      </div>
    </>
  )
}
