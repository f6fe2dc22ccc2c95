import { Button, Paragraph, Spinner } from '@digdir/designsystemet-react'
import { useEffect } from 'preact/hooks'
import { longDayText } from '../../format/days.js'
import { useAnnounce, useTexts } from '../../state/context.js'
import type { Filters } from '../../state/lists/filters.js'
import type { Listing } from '../../state/lists/listing.js'

/** How far a search has come, and the way to stop it or to go on. */
export function SearchEnd({ filters, listing }: { filters: Filters; listing: Listing }) {
  const texts = useTexts()
  const announce = useAnnounce()
  const { found, isReading, isCutOff, stop, searchFurther } = listing
  const isSearch = filters.text !== ''
  const hits = isSearch && !isReading && found ? found.rows.length : undefined
  useEffect(() => {
    if (hits !== undefined) announce(texts.hits(hits))
  }, [hits, announce, texts])

  if (!found) return null
  if (isReading && isSearch) {
    return (
      <div className="choices">
        <Spinner data-size="sm" aria-hidden="true" />
        <span>{texts.searching(found.searched)}</span>
        <Button variant="secondary" data-size="sm" onClick={stop}>
          {texts.stopSearch}
        </Button>
      </div>
    )
  }
  if (isCutOff && found.searchedTo) {
    return (
      <div className="choices">
        <span>{texts.searchedSome(found.searched, longDayText(found.searchedTo, texts.locale))}</span>
        <Button variant="secondary" data-size="sm" onClick={searchFurther}>
          {texts.searchFurther}
        </Button>
      </div>
    )
  }
  if (!isSearch || found.isMore) return null
  return <Paragraph className="subtle">{texts.searchedAll(found.searched)}</Paragraph>
}
