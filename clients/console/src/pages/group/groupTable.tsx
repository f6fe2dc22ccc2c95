import { Link, Table } from '@digdir/designsystemet-react'
import { PagedList } from '../../components/lists/pagedList.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { RecipientTag, StatusTag } from '../../components/statusTag.js'
import { fileSizeText } from '../../format/fileSize.js'
import { useTexts } from '../../state/context.js'
import type { GroupFile } from '../../state/group.js'
import { hasWords, wordsOf } from '../../state/lists/matching.js'
import { transferHref } from '../../state/route.js'

const ROWS = 20

/** The files of a group: all of a few, pages of many. */
export function GroupTable({ files }: { files: GroupFile[] }) {
  const texts = useTexts()
  const isRecipient = files.some(({ recipientStatus }) => recipientStatus)
  const recipientsStatus = isRecipient ? texts.yourStatus : texts.recipientsStatus
  const has = ({ fileName, fileTransferStatus }: GroupFile, text: string) =>
    hasWords(wordsOf(text), [fileName, texts.statuses[fileTransferStatus]])
  return (
    <PagedList items={files} rows={ROWS} label={texts.filePages} search={{ label: texts.findFile, has }}>
      {(shown) => (
        <StackedTable caption={texts.groupFiles} columns={[texts.file, texts.size, texts.status, recipientsStatus]}>
          {shown.map((file) => (
            <Table.Row key={file.fileTransferId} role="row">
              <RowHeader>
                <Link href={transferHref(file.fileTransferId)} data-color="accent">
                  <bdi>{file.fileName}</bdi>
                </Link>
              </RowHeader>
              <Cell name={texts.size} className="number">
                {fileSizeText(file, texts.locale) ?? '–'}
              </Cell>
              <Cell name={texts.status}>
                <StatusTag status={file.fileTransferStatus} />
              </Cell>
              <Cell name={recipientsStatus}>
                {file.recipientStatus ? (
                  <RecipientTag status={file.recipientStatus} />
                ) : (
                  texts.confirmedOf(file.recipients.confirmed, file.recipients.total)
                )}
              </Cell>
            </Table.Row>
          ))}
        </StackedTable>
      )}
    </PagedList>
  )
}
