import { Heading } from '@digdir/designsystemet-react'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { Fact } from '../../components/fact.js'
import { OrganizationName } from '../../components/organizationName.js'
import { RecipientTag } from '../../components/statusTag.js'
import { sizeText } from '../../format/numbers.js'
import { timeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'

/** The file, its sender, its recipients and its properties. */
export function TransferFacts({ details }: { details: FileTransferDetails }) {
  const texts = useTexts()
  const { fileTransferSize: size, checksum, expirationTime, propertyList } = details
  const properties = Object.entries(propertyList)
  return (
    <section aria-labelledby="facts">
      <Heading level={2} data-size="sm" id="facts">
        {texts.aboutFile}
      </Heading>
      <dl className="facts">
        <Fact name={texts.size}>{size > 0 ? sizeText(size, texts.locale) : texts.unknownYet}</Fact>
        <Fact name={texts.checksum}>{checksum ? <code>{checksum}</code> : texts.unknownYet}</Fact>
        <Fact name={texts.sender}>
          <OrganizationName party={details.sender} />
        </Fact>
        <Fact name={texts.recipients}>
          <ul>
            {details.recipients.map((each) => (
              <li key={each.recipient} className="party">
                <OrganizationName party={each.recipient} />
                <RecipientTag status={each.currentRecipientFileTransferStatusCode} />
              </li>
            ))}
          </ul>
        </Fact>
        <Fact name={texts.reference}>{details.sendersFileTransferReference}</Fact>
        <Fact name={texts.resource}>{details.resourceId}</Fact>
        <Fact name={texts.virusScan}>{details.useVirusScan ? texts.yes : texts.no}</Fact>
        <Fact name={texts.expires}>
          <time dateTime={expirationTime}>{timeText(expirationTime, texts.locale)}</time>
        </Fact>
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
        </Fact>
      </dl>
    </section>
  )
}
