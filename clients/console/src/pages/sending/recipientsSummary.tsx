import { Alert, Details, Paragraph } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { organizationText } from '../../format/numbers.js'
import { recipientsText, SHOWN } from '../../format/recipientsText.js'
import { useTexts } from '../../state/context.js'

const LISTED = 10

type Props = {
  recipients: string[]
  nameOf: (number: string) => string | undefined
  unknown: string[]
  isLooking: boolean
}

/** Who receives: the first names and how many others there are, and who is in no register. */
export function RecipientsSummary({ recipients, nameOf, unknown, isLooking }: Props) {
  const texts = useTexts()
  const number = (count: number) => new Intl.NumberFormat(texts.locale).format(count)
  // A thousand lines are made only to be looked at.
  const [wasOpened, setOpened] = useState(false)
  if (recipients.length === 0) return null
  const others = unknown.length - LISTED
  const listed = unknown.slice(0, LISTED).map(organizationText).join(', ')
  return (
    <div className="stack recipients-summary">
      <Paragraph data-size="sm">
        <strong>{texts.recipientCount(number(recipients.length))}</strong>: {recipientsText(recipients, nameOf, texts)}
        {isLooking && <span className="subtle"> {texts.lookingUp}</span>}
      </Paragraph>
      {recipients.length > SHOWN && (
        <Details data-size="sm" onToggle={() => setOpened(true)}>
          <Details.Summary>{texts.showAllRecipients}</Details.Summary>
          <Details.Content>
            {wasOpened && (
              <ul className="all-recipients">
                {recipients.map((each) => (
                  <li key={each}>
                    {nameOf(each)} <span className="digits">{organizationText(each)}</span>
                  </li>
                ))}
              </ul>
            )}
          </Details.Content>
        </Details>
      )}
      {unknown.length > 0 && (
        <Alert data-color="warning" id="unknown-recipients" tabIndex={-1}>
          {texts.unknownOrganizations(others > 0 ? `${listed} ${texts.andOthers(number(others))}` : listed)}
        </Alert>
      )}
    </div>
  )
}
