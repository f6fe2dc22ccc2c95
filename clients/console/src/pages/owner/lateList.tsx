import { Button, Paragraph, Table } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import type { OwnerActivity } from '../../../../typescript/src/index.js'
import { CopyButton } from '../../components/copyButton.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { timeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'

/** How many are shown at first. */
const SHOWN = 10

/** Files, events and deadlines that are late. Their service owner may not view the transfers: it gets the ids. */
export function LateList({ late }: { late: OwnerActivity['late'] }) {
  const { owner: texts, locale } = useTexts()
  const [isWhole, setWhole] = useState(false)
  const all = [
    ...late.files.map((each) => ({ ...each, says: texts.lateFile })),
    ...byEvent(late.events).map((each) => ({ ...each, says: texts.lateEvent(each) })),
    ...late.deadlines.map((each) => ({ ...each, says: texts.lateDeadline(each.kind) })),
  ]
  return (
    <>
      {all.length === 0 ? (
        <Paragraph>{texts.noneLate}</Paragraph>
      ) : (
        <StackedTable caption={texts.late} columns={[texts.fileTransferId, texts.what, texts.resource, texts.since]}>
          {(isWhole ? all : all.slice(0, SHOWN)).map(({ fileTransferId, resourceId, since, says }, index) => (
            <Table.Row key={`${index} ${fileTransferId}`} role="row">
              <RowHeader>
                <TransferId id={fileTransferId} />
              </RowHeader>
              <Cell name={texts.what}>{says}</Cell>
              <Cell name={texts.resource}>
                <code>{resourceId}</code>
              </Cell>
              <Cell name={texts.since}>{timeText(since, locale)}</Cell>
            </Table.Row>
          ))}
        </StackedTable>
      )}
      {all.length > SHOWN && (
        <div>
          <Button variant="secondary" data-size="sm" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? texts.showFewer : texts.showAll(all.length)}
          </Button>
        </div>
      )}
      {late.isCapped && <Paragraph>{texts.isCapped}</Paragraph>}
    </>
  )
}

/** An event of a transfer, and how many organisations have not received it. */
const byEvent = (events: OwnerActivity['late']['events']) =>
  [...Map.groupBy(events, ({ fileTransferId, type }) => `${fileTransferId} ${type}`).values()].flatMap((own) => {
    const [first] = own
    return first ? [{ ...first, tries: Math.max(...own.map(({ tries }) => tries)), receivers: own.length }] : []
  })

/** The id of a file transfer, to be copied. */
export function TransferId({ id }: { id: string }) {
  const { owner: texts } = useTexts()
  return (
    <>
      <code>{id}</code> <CopyButton what={`${texts.fileTransferId} ${id}`} text={id} />
    </>
  )
}
