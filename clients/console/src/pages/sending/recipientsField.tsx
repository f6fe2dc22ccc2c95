import { Checkbox, Fieldset, Textfield, ValidationMessage } from '@digdir/designsystemet-react'
import { organizationText } from '../../format/numbers.js'
import { useSession, useTexts } from '../../state/context.js'
import type { Draft } from '../../state/sending/draft.js'

type Props = {
  draft: Draft
  onFill: (part: Partial<Draft>) => void
  onLeave: () => void
  /** Of the field as a whole, and of what is typed. */
  error: string | undefined
  typedError: string | undefined
}

/** Recipients are chosen among the organisations of the local stack, typed, or pasted from a sheet. */
export function RecipientsField({ draft, onFill, onLeave, error, typedError }: Props) {
  const texts = useTexts()
  const { organization, organisations } = useSession()
  const canChoose = organisations.length > 0
  return (
    <>
      {canChoose && (
        <Fieldset id="recipients" tabIndex={-1} className="recipients">
          <Fieldset.Legend>{texts.recipientsLabel}</Fieldset.Legend>
          {organisations
            .filter(({ number }) => number !== organization)
            .map(({ number, name }) => (
              <Checkbox
                key={number}
                label={name}
                description={organizationText(number)}
                value={number}
                checked={draft.recipients.includes(number)}
                onChange={(event) =>
                  onFill({
                    recipients: event.currentTarget.checked
                      ? [...draft.recipients, number]
                      : draft.recipients.filter((each) => each !== number),
                  })
                }
              />
            ))}
          {error && <ValidationMessage>{error}</ValidationMessage>}
        </Fieldset>
      )}
      <Textfield
        id={canChoose ? 'otherRecipients' : 'recipients'}
        multiline
        rows={2}
        label={canChoose ? texts.otherRecipients : texts.recipientsLabel}
        description={texts.otherRecipientsHelp}
        value={draft.otherRecipients}
        onChange={(event) => onFill({ otherRecipients: event.currentTarget.value })}
        onBlur={onLeave}
        error={typedError ?? (canChoose ? undefined : error)}
      />
    </>
  )
}
