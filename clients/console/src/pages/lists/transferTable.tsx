import { Link, Table } from '@digdir/designsystemet-react'
import type { FileTransferSummary } from '../../../../typescript/src/index.js'
import { isDownloadable } from '../../../../typescript/src/wire/statuses.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { OrganizationName } from '../../components/organizationName.js'
import { RecipientTag, StatusTag } from '../../components/statusTag.js'
import { fileSizeText } from '../../format/fileSize.js'
import { shortTimeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'
import { type Box, transferHref } from '../../state/route.js'

/** The file transfers of the inbox or the outbox. */
export function TransferTable({ rows, box }: { rows: FileTransferSummary[]; box: Box }) {
  const texts = useTexts()
  const isInbox = box === 'inbox'
  const otherParty = isInbox ? texts.from : texts.to
  const recipientsStatus = isInbox ? texts.yourStatus : texts.recipientsStatus
  return (
    <StackedTable
      caption={texts[box]}
      columns={[texts.file, otherParty, texts.status, recipientsStatus, texts.size, texts.created]}
    >
      {rows.map((row) => (
        <Table.Row key={row.fileTransferId} role="row" data-unread={isInbox && isUnread(row)}>
          <RowHeader>
            {isInbox && isUnread(row) && <span className="ds-sr-only">{texts.notDownloaded} </span>}
            <Link href={transferHref(row.fileTransferId)} data-color="accent">
              <bdi>{row.fileName}</bdi>
            </Link>
            <bdi className="subtle">{row.sendersFileTransferReference}</bdi>
          </RowHeader>
          <Cell name={otherParty}>{isInbox ? <OrganizationName party={row.sender} /> : <Recipients row={row} />}</Cell>
          <Cell name={texts.status}>
            <StatusTag status={row.fileTransferStatus} />
          </Cell>
          <Cell name={recipientsStatus}>
            {isInbox ? row.recipientStatus && <RecipientTag status={row.recipientStatus} /> : <Counts row={row} />}
          </Cell>
          <Cell name={texts.size} className="number">
            {fileSizeText(row, texts.locale) ?? '–'}
          </Cell>
          <Cell name={texts.created} className="time">
            <time dateTime={row.created}>{shortTimeText(row.created, texts.locale)}</time>
          </Cell>
        </Table.Row>
      ))}
    </StackedTable>
  )
}

/** Whether the caller can download a file and has not begun to. */
const isUnread = ({ fileTransferStatus, recipientStatus }: FileTransferSummary) =>
  isDownloadable(fileTransferStatus) && recipientStatus === 'Initialized'

function Recipients({ row: { recipients } }: { row: FileTransferSummary }) {
  const texts = useTexts()
  const [first] = recipients.first
  if (first === undefined) return null
  return (
    <>
      <OrganizationName party={first} />
      {recipients.total > 1 && <span className="subtle">{texts.andMore(recipients.total - 1)}</span>}
    </>
  )
}

function Counts({ row: { recipients } }: { row: FileTransferSummary }) {
  const texts = useTexts()
  const { total, confirmed, downloading } = recipients
  return (
    <>
      {texts.confirmedOf(confirmed, total)}
      {downloading > 0 && <span className="subtle">{texts.downloadingCount(downloading)}</span>}
    </>
  )
}
