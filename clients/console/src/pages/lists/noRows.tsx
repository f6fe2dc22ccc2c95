import { Button, Heading, Link, Paragraph } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'
import { organizationText } from '../../format/numbers.js'
import { useSession, useTexts } from '../../state/context.js'
import { defaultFilters, type Filters, isFiltered } from '../../state/lists/filters.js'
import type { Box } from '../../state/route.js'

type Props = { box: Box; filters: Filters; hasResource: boolean; onChange: (next: Filters) => void }

/** Why a list is empty, and what to do next. */
export function NoRows({ box, filters, hasResource, onChange }: Props) {
  const texts = useTexts()
  const { organization } = useSession()
  const none = { ...defaultFilters(box), size: filters.size }
  if (!hasResource) return <Nothing title={texts.chooseResource} says={texts.chooseResourceHelp} />
  if (box === 'inbox' && !isFiltered(filters, box)) {
    return (
      <Nothing title={texts.nothingToDownload} says={texts.nothingToDownloadHelp}>
        <Button variant="secondary" onClick={() => onChange({ ...none, status: undefined })}>
          {texts.showAll}
        </Button>
      </Nothing>
    )
  }
  if (box === 'inbox' && !isFiltered({ ...filters, status: none.status }, box) && filters.status === undefined) {
    return <Nothing title={texts.nothingReceived} says={texts.nothingReceivedHelp(organizationText(organization))} />
  }
  if (isFiltered(filters, box)) {
    return (
      <Nothing title={texts.noMatches} says={texts.noMatchesHelp}>
        <Button variant="secondary" onClick={() => onChange(none)}>
          {texts.clearFilters}
        </Button>
      </Nothing>
    )
  }
  return (
    <Nothing title={texts.nothingSent} says={texts.nothingSentHelp}>
      <Link href="#/send">{texts.send}</Link>
    </Nothing>
  )
}

const Nothing = ({ title, says, children }: { title: string; says: string; children?: ComponentChildren }) => (
  <div className="nothing">
    <Heading level={2} data-size="xs">
      {title}
    </Heading>
    <Paragraph>{says}</Paragraph>
    {children}
  </div>
)
