import { Heading, Paragraph, Table } from '@digdir/designsystemet-react'
import type { OwnerResources } from '../../../../typescript/src/index.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { sizeText } from '../../format/numbers.js'
import { reminderText } from '../../format/reminderText.js'
import { useTexts } from '../../state/context.js'

/** The resources of a service owner, and their settings. Durations are as Broker writes them: `d.hh:mm:ss`. */
export function ResourceList({ found }: { found: OwnerResources }) {
  const all = useTexts()
  const { owner: texts, locale, no } = all
  const { resources, isCapped } = found
  if (resources.length === 0)
    return (
      <div className="nothing">
        <Heading level={3} data-size="xs">
          {texts.noResources}
        </Heading>
        <Paragraph>{texts.noResourcesHelp}</Paragraph>
      </div>
    )
  const columns = [
    texts.resource,
    texts.maxSize,
    texts.timeToLive,
    texts.maxTimeToLive,
    texts.purge,
    texts.reminders,
    texts.requiredParty,
    texts.unscanned,
  ]
  return (
    <>
      <StackedTable caption={texts.resources} columns={columns}>
        {resources.map((each) => (
          <Table.Row key={each.resourceId} role="row">
            <RowHeader>
              <code>{each.resourceId}</code>
            </RowHeader>
            <Cell name={texts.maxSize}>
              {each.maxFileTransferSize === null ? texts.standard : sizeText(each.maxFileTransferSize, locale)}
            </Cell>
            <Cell name={texts.timeToLive}>{each.fileTransferTimeToLive ?? texts.standard}</Cell>
            <Cell name={texts.maxTimeToLive}>{each.fileTransferMaxTimeToLive ?? no}</Cell>
            <Cell name={texts.purge}>
              {each.purgeFileTransferAfterAllRecipientsConfirmed
                ? texts.purgeAfter(each.purgeFileTransferGracePeriod ?? '02:00:00')
                : no}
            </Cell>
            <Cell name={texts.reminders}>
              {each.reminders?.map((reminder) => reminderText(reminder, all)).join('; ') ?? no}
            </Cell>
            <Cell name={texts.requiredParty}>{each.requiredParty || no}</Cell>
            <Cell name={texts.unscanned}>
              {each.isApprovedForDisabledVirusScan ? texts.approved : texts.notApproved}
            </Cell>
          </Table.Row>
        ))}
      </StackedTable>
      {isCapped && <Paragraph>{texts.isCapped}</Paragraph>}
    </>
  )
}
