import {
  Button,
  Checkbox,
  Field,
  Fieldset,
  Label,
  Select,
  Textfield,
  ValidationMessage,
} from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import type { Sending } from '../../../../typescript/src/index.js'
import { FaultSummary } from '../../components/faultSummary.js'
import { FileChooser } from '../../components/fileChooser.js'
import { organizationText } from '../../format/numbers.js'
import { useSession, useTexts } from '../../state/context.js'
import { type Draft, type Fault, sendingIn } from '../../state/sending/draft.js'
import type { Texts } from '../../texts/nb.js'

export type Filled = Omit<Draft, 'hasFile'> & { file: File | undefined }

type Props = {
  filled: Filled
  onFill: (part: Partial<Filled>) => void
  onSend: (file: File, sending: Sending) => void
}

/** The form that sends a file. */
export function SendForm({ filled, onFill, onSend }: Props) {
  const texts = useTexts()
  const { organization, organisations, resources } = useSession()
  const { file, ...draft } = filled
  const [faults, setFaults] = useState<Fault[]>([])
  const [attempt, setAttempt] = useState(0)

  const textOf = (fault: Fault) => faultText(fault, texts)
  const faultOf = (field: Fault['field']) => {
    const found = faults.find((each) => each.field === field)
    return found && textOf(found)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const parsed = sendingIn({ ...draft, hasFile: file !== undefined }, organization)
    setFaults(parsed.faults ?? [])
    setAttempt(attempt + 1)
    if (file && parsed.sending) onSend(file, parsed.sending)
  }

  return (
    <form className="stack" onSubmit={submit} noValidate>
      <FaultSummary
        key={attempt}
        title={texts.errorsTitle}
        faults={faults.map((fault) => ({ field: fault.field, says: textOf(fault) }))}
      />
      <div>
        <FileChooser
          id="file"
          file={file}
          onChoose={(file) => onFill({ file })}
          isFaulty={faultOf('file') !== undefined}
        />
        {faultOf('file') && <ValidationMessage>{faultOf('file')}</ValidationMessage>}
      </div>
      {organisations.length > 0 && (
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
          {faultOf('recipients') && <ValidationMessage>{faultOf('recipients')}</ValidationMessage>}
        </Fieldset>
      )}
      <Textfield
        id={organisations.length > 0 ? 'otherRecipients' : 'recipients'}
        label={organisations.length > 0 ? texts.otherRecipients : texts.recipientsLabel}
        description={texts.otherRecipientsHelp}
        value={draft.otherRecipients}
        onChange={(event) => onFill({ otherRecipients: event.currentTarget.value })}
        error={faultOf('otherRecipients') ?? (organisations.length > 0 ? undefined : faultOf('recipients'))}
      />
      {resources.length > 0 ? (
        <Field>
          <Label>{texts.resource}</Label>
          <Select
            id="resource"
            value={draft.resource}
            onChange={(event) => onFill({ resource: event.currentTarget.value })}
          >
            {resources.map(({ id, title }) => (
              <Select.Option key={id} value={id}>
                {`${id} – ${title}`}
              </Select.Option>
            ))}
          </Select>
        </Field>
      ) : (
        <Textfield
          id="resource"
          label={texts.resource}
          value={draft.resource}
          onChange={(event) => onFill({ resource: event.currentTarget.value })}
          error={faultOf('resource')}
        />
      )}
      <Textfield
        id="reference"
        label={texts.reference}
        description={texts.referenceHelp}
        value={draft.reference}
        onChange={(event) => onFill({ reference: event.currentTarget.value })}
        error={faultOf('reference')}
      />
      <Textfield
        id="properties"
        multiline
        rows={2}
        label={texts.propertiesLabel}
        description={texts.propertiesHelp}
        value={draft.properties}
        onChange={(event) => onFill({ properties: event.currentTarget.value })}
        error={faultOf('properties')}
      />
      <Button type="submit">{texts.send}</Button>
    </form>
  )
}

function faultText(fault: Fault, texts: Texts): string {
  switch (fault.field) {
    case 'file':
      return texts.needsFile
    case 'recipients':
      return texts.needsRecipient
    case 'otherRecipients':
      return texts.isNoOrganization(fault.text)
    case 'resource':
      return texts.needsResource
    case 'reference':
      return texts.needsReference
    case 'properties':
      return texts.isNoProperty(fault.text)
  }
}
