import { Field, Label, Select, ValidationMessage } from '@digdir/designsystemet-react'
import { useSession, useTexts } from '../state/context.js'

type Props = { value: string; onChange: (id: string) => void; error?: string | undefined }

/** A choice of the resources of the session. */
export function ResourceSelect({ value, onChange, error }: Props) {
  const texts = useTexts()
  const { resources } = useSession()
  return (
    <Field>
      <Label>{texts.resource}</Label>
      <Select
        id="resource"
        value={value}
        aria-invalid={error !== undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {resources.map(({ id, title }) => (
          <Select.Option key={id} value={id}>
            {`${id} – ${title}`}
          </Select.Option>
        ))}
      </Select>
      {error && <ValidationMessage>{error}</ValidationMessage>}
    </Field>
  )
}
