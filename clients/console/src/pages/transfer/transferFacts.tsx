import { Heading, Link } from '@digdir/designsystemet-react'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { CopyButton } from '../../components/copyButton.js'
import { Fact } from '../../components/fact.js'
import { OrganizationName } from '../../components/organizationName.js'
import { fileSizeText } from '../../format/fileSize.js'
import { reminderText } from '../../format/reminderText.js'
import { timeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'
import { groupHref } from '../../state/route.js'
import { RecipientList } from './recipientList.js'

/** The file, its sender, its recipients and its properties. */
export function TransferFacts({ details }: { details: FileTransferDetails }) {
  const texts = useTexts()
  const { checksum, encryption, expirationTime, group, propertyList, reminders, nextReminder } = details
  const reference = details.sendersFileTransferReference
  const properties = Object.entries(propertyList)
  return (
    <section aria-labelledby="facts">
      <Heading level={2} data-size="sm" id="facts">
        {texts.aboutFile}
      </Heading>
      <dl className="facts">
        <Fact name={texts.size}>{fileSizeText(details, texts.locale) ?? texts.unknownYet}</Fact>
        <Fact name={texts.checksum}>
          {checksum ? (
            <>
              <code>{checksum}</code>
              <CopyButton what={texts.checksum} text={checksum} />
            </>
          ) : (
            texts.unknownYet
          )}
        </Fact>
        <Fact name={texts.sender}>
          <OrganizationName party={details.sender} />
          <CopyButton
            what={`${texts.organization.toLowerCase()} ${organizationNumber(details.sender)}`}
            text={organizationNumber(details.sender)}
          />
        </Fact>
        <Fact name={texts.recipients}>
          <RecipientList recipients={details.recipients} />
        </Fact>
        <Fact name={texts.reference}>
          {reference}
          <CopyButton what={texts.reference.toLowerCase()} text={reference} />
        </Fact>
        {group && (
          <Fact name={texts.group}>
            <Link href={groupHref(group.fileTransferGroupId)} data-color="accent">
              {texts.fileOfGroup(group.fileNumber, group.fileCount)}
            </Link>
          </Fact>
        )}
        <Fact name={texts.resource}>{details.resourceId}</Fact>
        <Fact name={texts.virusScan}>{details.useVirusScan ? texts.yes : texts.no}</Fact>
        {encryption === 'age' && <Fact name={texts.encryption}>{texts.encryptedForRecipients}</Fact>}
        <Fact name={texts.expires}>
          <time dateTime={expirationTime}>{timeText(expirationTime, texts.locale)}</time>
        </Fact>
        {reminders && (
          <Fact name={texts.reminders}>
            <ul>
              {reminders.map((each) => (
                <li key={each}>{reminderText(each, texts)}</li>
              ))}
            </ul>
            <span className="subtle">
              {nextReminder ? texts.nextReminder(timeText(nextReminder, texts.locale)) : texts.remindersHelp}
            </span>
          </Fact>
        )}
        {properties.length > 0 && (
          <Fact name={texts.properties}>
            <ul>
              {properties.map(([name, value]) => (
                <li key={name}>
                  <bdi>{name}</bdi>: <bdi>{value}</bdi>
                </li>
              ))}
            </ul>
          </Fact>
        )}
        <Fact name="ID">
          <code>{details.fileTransferId}</code>
          <CopyButton what="ID" text={details.fileTransferId} />
        </Fact>
      </dl>
    </section>
  )
}
