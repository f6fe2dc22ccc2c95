import { Button, Field, Label, Select, Textfield } from '@digdir/designsystemet-react'
import { FILE_TRANSFER_STATUSES, RECIPIENT_STATUSES } from '../../../../typescript/src/wire/statuses.js'
import { useSession, useTexts } from '../../state/context.js'
import { type Filters, filtersIn, queryOf } from '../../state/lists/filters.js'

type Props = { filters: Filters; defaultResource: string; onChange: (next: Filters) => void }

/** The filters of a list. Each change applies immediately, and shows the first page. */
export function FiltersForm({ filters, defaultResource, onChange }: Props) {
  const texts = useTexts()
  const { resources } = useSession()
  const change = (name: keyof Filters) => (event: { currentTarget: { value: string } }) =>
    onChange({ ...filters, page: 1, [name]: event.currentTarget.value || undefined })
  const none = { ...filtersIn(new URLSearchParams(), defaultResource), resource: filters.resource }
  const isFiltered = queryOf({ ...filters, page: 1 }, filters.resource).size > 0
  return (
    <search aria-label={texts.filters} className="filters">
      {resources.length > 0 ? (
        <Field className="wide">
          <Label>{texts.resource}</Label>
          <Select value={filters.resource} onChange={change('resource')}>
            {resources.map(({ id, title }) => (
              <Select.Option key={id} value={id} title={title}>
                {id}
              </Select.Option>
            ))}
          </Select>
        </Field>
      ) : (
        <form
          className="wide"
          onSubmit={(event) => {
            event.preventDefault()
            const value = new FormData(event.currentTarget).get('resource')
            onChange({ ...filters, page: 1, resource: String(value ?? '').trim() })
          }}
        >
          <Textfield label={texts.resource} name="resource" defaultValue={filters.resource} />
          <Button type="submit" variant="secondary">
            {texts.search}
          </Button>
        </form>
      )}
      <Field>
        <Label>{texts.status}</Label>
        <Select value={filters.status ?? ''} onChange={change('status')}>
          <Select.Option value="">{texts.all}</Select.Option>
          {FILE_TRANSFER_STATUSES.map((status) => (
            <Select.Option key={status} value={status}>
              {texts.statuses[status]}
            </Select.Option>
          ))}
        </Select>
      </Field>
      <Field>
        <Label>{texts.recipientStatus}</Label>
        <Select value={filters.recipientStatus ?? ''} onChange={change('recipientStatus')}>
          <Select.Option value="">{texts.all}</Select.Option>
          {RECIPIENT_STATUSES.map((status) => (
            <Select.Option key={status} value={status}>
              {texts.recipientStatuses[status]}
            </Select.Option>
          ))}
        </Select>
      </Field>
      <Textfield type="date" label={texts.fromDay} value={filters.from ?? ''} onChange={change('from')} />
      <Textfield type="date" label={texts.toDay} value={filters.to ?? ''} onChange={change('to')} />
      {isFiltered && (
        <Button variant="tertiary" onClick={() => onChange(none)}>
          {texts.clearFilters}
        </Button>
      )}
    </search>
  )
}
