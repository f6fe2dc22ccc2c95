import { Paragraph, Table } from '@digdir/designsystemet-react'
import type { OwnerActivity } from '../../../../typescript/src/index.js'
import { CopyButton } from '../../components/copyButton.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { timeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'

/** Files, events and deadlines that are late. Their service owner may not view the transfers: it gets the ids. */
export function LateList({ late }: { late: OwnerActivity['late'] }) {
  const { owner: texts, locale } = useTexts()
  const all = [
    ...late.files.map((each) => ({ ...each, says: texts.lateFile })),
    ...late.events.map((each) => ({ ...each, says: texts.lateEvent(each.type, each.tries) })),
    ...late.deadlines.map((each) => ({ ...each, says: texts.lateDeadline(each.kind) })),
  ]
  return (
    <>
      {all.length === 0 ? (
        <Paragraph>{texts.noneLate}</Paragraph>
      ) : (
        <StackedTable caption={texts.late} columns={[texts.fileTransferId, texts.what, texts.resource, texts.since]}>
          {all.map(({ fileTransferId, resourceId, since, says }, index) => (
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
      {late.isCapped && <Paragraph>{texts.isCapped}</Paragraph>}
    </>
  )
}

/** The id of a file transfer, to be copied. */
export function TransferId({ id }: { id: string }) {
  const { owner: texts } = useTexts()
  return (
    <>
      <code>{id}</code> <CopyButton what={`${texts.fileTransferId} ${id}`} text={id} />
    </>
  )
}
