import { Button, Field, Label, Select } from '@digdir/designsystemet-react'
import { useTexts } from '../../state/context.js'

type Props = {
  /** What the pages are of. */
  label: string
  page: number
  pages: number
  /** There may be more pages than those. */
  isMore?: boolean
  onPage: (page: number) => void
}

/** Leads to the other pages of a list. Nothing where there is only one. */
export function Pager({ label, page, pages, isMore = false, onPage }: Props) {
  const texts = useTexts()
  if (pages <= 1 && !isMore) return null
  const last = isMore ? pages + 1 : pages
  return (
    <nav className="pager" aria-label={label}>
      <Button variant="secondary" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        {texts.previous}
      </Button>
      <Field className="inline">
        <Label>{texts.page}</Label>
        <Select width="auto" value={String(page)} onChange={(event) => onPage(Number(event.currentTarget.value))}>
          {Array.from({ length: last }, (_, index) => String(index + 1)).map((each) => (
            <Select.Option key={each} value={each}>
              {each}
            </Select.Option>
          ))}
        </Select>
        <span>{texts.ofPages(isMore ? `${pages}+` : String(pages))}</span>
      </Field>
      <Button variant="secondary" disabled={page >= last} onClick={() => onPage(page + 1)}>
        {texts.next}
      </Button>
    </nav>
  )
}
