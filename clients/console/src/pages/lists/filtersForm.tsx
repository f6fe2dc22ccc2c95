import { Button, Field, Label, Paragraph, Select, Textfield } from '@digdir/designsystemet-react'
import { useEffect, useRef, useState } from 'preact/hooks'
import { FILE_TRANSFER_STATUSES, RECIPIENT_STATUSES } from '../../../../typescript/src/wire/statuses.js'
import { dayIn, dayText } from '../../format/days.js'
import { useSession, useTexts } from '../../state/context.js'
import { defaultFilters, type Filters, isFiltered } from '../../state/lists/filters.js'
import { knownResources } from '../../state/lists/resources.js'
import type { Box } from '../../state/route.js'
import type { Texts } from '../../texts/nb.js'

type Props = { box: Box; filters: Filters; onChange: (next: Filters) => void }
type Fields = { text: string; from: string; to: string; resource: string }
type Faults = { from?: string; to?: string }

/** The filters of a list. A choice applies immediately, what is typed by the button or by Enter. */
export function FiltersForm({ box, filters, onChange }: Props) {
  const texts = useTexts()
  const session = useSession()
  const [fields, setFields] = useState(() => fieldsOf(filters, texts.locale))
  const [faults, setFaults] = useState<Faults>({})
  const address = keyOf(filters, texts.locale)
  // What the form itself has applied: by then the user may be typing again.
  const applied = useRef('')
  useEffect(() => {
    if (applied.current !== address) {
      setFields(fieldsOf(filters, texts.locale))
      setFaults({})
    }
    applied.current = ''
  }, [address])

  /** Undefined when it cannot be understood. */
  const typed = (): Partial<Filters> | undefined => {
    const found = faultsOf(fields, texts)
    setFaults(found)
    if (found.from || found.to) return undefined
    return {
      page: 1,
      text: fields.text.trim(),
      from: dayIn(fields.from),
      to: dayIn(fields.to),
      resource: fields.resource.trim() || undefined,
    }
  }
  const apply = (choice: Partial<Filters> = {}) => {
    const next = typed()
    if (!next) return
    applied.current = keyOf({ ...filters, ...next, ...choice }, texts.locale)
    onChange({ ...filters, ...next, ...choice })
  }
  const clear = () => {
    // What has not been applied is not in the address.
    setFields(fieldsOf(defaultFilters(box), texts.locale))
    setFaults({})
    onChange({ ...defaultFilters(box), size: filters.size })
  }
  const typing = (name: keyof Fields) => ({
    name,
    value: fields[name],
    autoComplete: 'off',
    onChange: (event: { currentTarget: { value: string } }) =>
      setFields({ ...fields, [name]: event.currentTarget.value }),
  })
  return (
    <search aria-label={texts.filters}>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault()
          apply()
        }}
        noValidate
      >
        <Textfield {...typing('text')} className="wide" label={texts.searchIn[box]} />
        <Textfield {...typing('from')} label={texts.fromDay} error={faults.from} />
        <Textfield {...typing('to')} label={texts.toDay} error={faults.to} />
        <Field>
          <Label>{texts.status}</Label>
          <Select
            value={filters.status ?? ''}
            onChange={({ currentTarget: { value } }) =>
              apply({ status: FILE_TRANSFER_STATUSES.find((status) => status === value) })
            }
          >
            <Select.Option value="">{texts.all}</Select.Option>
            {FILE_TRANSFER_STATUSES.map((status) => (
              <Select.Option key={status} value={status}>
                {texts.statuses[status]}
              </Select.Option>
            ))}
          </Select>
        </Field>
        {box === 'inbox' && (
          <Field>
            <Label>{texts.yourStatus}</Label>
            <Select
              value={filters.recipientStatus ?? ''}
              onChange={({ currentTarget: { value } }) =>
                apply({ recipientStatus: RECIPIENT_STATUSES.find((status) => status === value) })
              }
            >
              <Select.Option value="">{texts.all}</Select.Option>
              {RECIPIENT_STATUSES.map((status) => (
                <Select.Option key={status} value={status}>
                  {texts.recipientStatuses[status]}
                </Select.Option>
              ))}
            </Select>
          </Field>
        )}
        {session.resources.length > 0 ? (
          <Field>
            <Label>{texts.resource}</Label>
            <Select
              value={filters.resource ?? ''}
              onChange={({ currentTarget: { value } }) => apply({ resource: value || undefined })}
            >
              <Select.Option value="">{texts.allResources}</Select.Option>
              {session.resources.map(({ id, title }) => (
                <Select.Option key={id} value={id} title={title}>
                  {id}
                </Select.Option>
              ))}
            </Select>
          </Field>
        ) : (
          <Textfield
            {...typing('resource')}
            label={texts.resource}
            placeholder={knownResources(session).length > 0 ? texts.allResources : undefined}
          />
        )}
        <div className="choices">
          <Button type="submit" variant="secondary">
            {texts.search}
          </Button>
          {isFiltered(filters, box) && (
            <Button type="button" variant="tertiary" onClick={clear}>
              {texts.clearFilters}
            </Button>
          )}
        </div>
        {box === 'outbox' && filters.text && (
          <Paragraph data-size="sm" className="subtle note">
            {texts.manyRecipients}
          </Paragraph>
        )}
      </form>
    </search>
  )
}

const keyOf = ({ text, from, to, resource }: Filters, locale: string) =>
  JSON.stringify([text, from, to, resource, locale])

const fieldsOf = ({ text, from, to, resource }: Pick<Filters, keyof Fields>, locale: string): Fields => ({
  text,
  from: from ? dayText(from, locale) : '',
  to: to ? dayText(to, locale) : '',
  resource: resource ?? '',
})

function faultsOf({ from, to }: Fields, texts: Texts): Faults {
  const [fromDay, toDay] = [dayIn(from), dayIn(to)]
  return {
    ...(from.trim() && !fromDay && { from: texts.isNoDay }),
    ...(to.trim() && !toDay && { to: texts.isNoDay }),
    ...(fromDay && toDay && fromDay > toDay && { from: texts.isAfterEnd }),
  }
}
