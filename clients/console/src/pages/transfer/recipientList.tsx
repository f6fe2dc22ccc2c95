import { Paragraph } from '@digdir/designsystemet-react'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { RECIPIENT_STATUSES } from '../../../../typescript/src/wire/statuses.js'
import { CopyButton } from '../../components/copyButton.js'
import { PagedList } from '../../components/lists/pagedList.js'
import { OrganizationName } from '../../components/organizationName.js'
import { RecipientTag } from '../../components/statusTag.js'
import { useTexts } from '../../state/context.js'
import { hasWords, wordsOf } from '../../state/lists/matching.js'
import { useNames } from '../../state/names/useNames.js'

const ROWS = 10

/** The recipients and how far each of them is: all of a few, a summary and pages of many. */
export function RecipientList({ recipients }: { recipients: FileTransferDetails['recipients'] }) {
  const texts = useTexts()
  const names = useNames()
  const numbers = recipients.map(({ recipient }) => organizationNumber(recipient))
  const count = (value: number) => value.toLocaleString(texts.locale)
  const counts = RECIPIENT_STATUSES.map((status) => ({
    status,
    total: recipients.filter((each) => each.currentRecipientFileTransferStatusCode === status).length,
  }))
  return (
    <>
      {recipients.length > ROWS && (
        <Paragraph className="summary">
          {texts.recipientCount(count(recipients.length))}:{' '}
          {counts
            .filter(({ total }) => total > 0)
            .map(({ status, total }) => texts.recipientCounts[status](count(total)))
            .join(', ')}
        </Paragraph>
      )}
      <PagedList
        items={recipients}
        rows={ROWS}
        label={texts.recipientPages}
        search={{
          label: texts.findRecipient,
          has: ({ recipient }, text) => {
            const number = organizationNumber(recipient)
            return hasWords(wordsOf(text), [number, names.of(number)])
          },
          onSearch: () => void names.load(numbers),
        }}
      >
        {(shown) => (
          <ul>
            {shown.map((each) => (
              <li key={each.recipient} className="party">
                <span>
                  <OrganizationName party={each.recipient} />
                  <CopyButton
                    what={`${texts.organization.toLowerCase()} ${organizationNumber(each.recipient)}`}
                    text={organizationNumber(each.recipient)}
                  />
                </span>
                <RecipientTag status={each.currentRecipientFileTransferStatusCode} />
              </li>
            ))}
          </ul>
        )}
      </PagedList>
    </>
  )
}
