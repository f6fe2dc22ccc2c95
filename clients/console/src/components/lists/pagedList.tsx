import { Textfield } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useTexts } from '../../state/context.js'
import { Pager } from './pager.js'

type Props<Item> = {
  items: Item[]
  rows: number
  /** What the pages are of. */
  label: string
  /** With it, a field to search in the items. `has`: whether an item has all of the text. */
  search?: { label: string; has(item: Item, text: string): boolean; onSearch?(): void }
  children: (items: Item[]) => ComponentChildren
}

/** A long list in pages, with a search. A short one is shown as it is. */
export function PagedList<Item>({ items, rows, label, search, children }: Props<Item>) {
  const texts = useTexts()
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState(1)
  if (items.length <= rows) return <>{children(items)}</>
  const found = search && text ? items.filter((item) => search.has(item, text)) : items
  const pages = Math.max(1, Math.ceil(found.length / rows))
  const page = Math.min(wanted, pages)
  const start = (page - 1) * rows
  return (
    <div className="paged">
      {search && (
        <Textfield
          label={search.label}
          value={text}
          autoComplete="off"
          onFocus={search.onSearch}
          onChange={(event) => {
            setText(event.currentTarget.value)
            setWanted(1)
          }}
        />
      )}
      {children(found.slice(start, start + rows))}
      <p role="status" className="subtle">
        {found.length === 0
          ? texts.noMatches
          : texts.listed(start + 1, Math.min(start + rows, found.length), String(found.length))}
      </p>
      <Pager label={label} page={page} pages={pages} onPage={setWanted} />
    </div>
  )
}
