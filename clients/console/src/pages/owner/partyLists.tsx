import { Heading, Paragraph, Table } from '@digdir/designsystemet-react'
import type { OwnerStatistics } from '../../../../typescript/src/index.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { OrganizationName } from '../../components/organizationName.js'
import { sizeText } from '../../format/numbers.js'
import { useTexts } from '../../state/context.js'
import { Count } from './todayTables.js'

/** The largest senders and recipients of this month. */
export function PartyLists({ statistics }: { statistics: OwnerStatistics }) {
  const { owner: texts } = useTexts()
  const { senders, recipients, months } = statistics
  if (senders.length === 0) return <Paragraph>{texts.noParties}</Paragraph>
  const isCapped = months[0]?.isCapped ?? false
  return (
    <div className="columns">
      <Parties title={texts.senders} parties={senders} isCapped={isCapped} />
      <Parties title={texts.recipients} parties={recipients} isCapped={isCapped} />
    </div>
  )
}

type Props = { title: string; parties: OwnerStatistics['senders']; isCapped: boolean }

function Parties({ title, parties, isCapped }: Props) {
  const { owner: texts, locale } = useTexts()
  return (
    <div>
      <Heading level={3} data-size="xs">
        {title}
      </Heading>
      <StackedTable caption={title} columns={[texts.organization, texts.fileTransfers, texts.size]}>
        {parties.map(({ organization, fileTransfers, sizeBytes }) => (
          <Table.Row key={organization} role="row">
            <RowHeader>
              <OrganizationName party={organization} />
            </RowHeader>
            <Cell name={texts.fileTransfers}>
              <Count count={fileTransfers} isCapped={isCapped} />
            </Cell>
            <Cell name={texts.size}>{sizeText(sizeBytes, locale)}</Cell>
          </Table.Row>
        ))}
      </StackedTable>
    </div>
  )
}
