import { Link, Table } from '@digdir/designsystemet-react'
import type { FileTransferOverview } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { OrganizationName } from '../../components/organizationName.js'
import { RecipientTag, StatusTag } from '../../components/statusTag.js'
import { sizeText } from '../../format/numbers.js'
import { shortTimeText } from '../../format/times.js'
import { useSession, useTexts } from '../../state/context.js'
import { type Box, transferHref } from '../../state/route.js'

/** The file transfers of the inbox or the outbox. */
export function TransferTable({ rows, box }: { rows: FileTransferOverview[]; box: Box }) {
  const texts = useTexts()
  const { organization } = useSession()
  const isInbox = box === 'inbox'
  return (
    <div className="table">
      <Table data-color="neutral" hover border>
        <caption className="ds-sr-only">{texts[box]}</caption>
        <Table.Head>
          <Table.Row>
            <Table.HeaderCell scope="col">{texts.file}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{isInbox ? texts.from : texts.to}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{texts.status}</Table.HeaderCell>
            {isInbox && <Table.HeaderCell scope="col">{texts.yourStatus}</Table.HeaderCell>}
            <Table.HeaderCell scope="col" className="number">
              {texts.size}
            </Table.HeaderCell>
            <Table.HeaderCell scope="col">{texts.created}</Table.HeaderCell>
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((row) => {
            const own = row.recipients.find(({ recipient }) => organizationNumber(recipient) === organization)
            const [first, ...others] = row.recipients
            return (
              <Table.Row key={row.fileTransferId}>
                <Table.HeaderCell scope="row">
                  <Link href={transferHref(row.fileTransferId)} data-color="accent">
                    <bdi>{row.fileName}</bdi>
                  </Link>
                  <bdi className="subtle">{row.sendersFileTransferReference}</bdi>
                </Table.HeaderCell>
                <Table.Cell className="party">
                  {isInbox ? (
                    <OrganizationName party={row.sender} />
                  ) : (
                    first && <OrganizationName party={first.recipient} />
                  )}
                  {!isInbox && others.length > 0 && <span className="subtle">{texts.andMore(others.length)}</span>}
                </Table.Cell>
                <Table.Cell>
                  <StatusTag status={row.fileTransferStatus} />
                </Table.Cell>
                {isInbox && (
                  <Table.Cell>{own && <RecipientTag status={own.currentRecipientFileTransferStatusCode} />}</Table.Cell>
                )}
                <Table.Cell className="number">
                  {row.fileTransferSize > 0 ? sizeText(row.fileTransferSize, texts.locale) : '–'}
                </Table.Cell>
                <Table.Cell className="time">{shortTimeText(row.created, texts.locale)}</Table.Cell>
              </Table.Row>
            )
          })}
        </Table.Body>
      </Table>
    </div>
  )
}
