import { ErrorSummary } from '@digdir/designsystemet-react'
import { focusOn } from './focus.js'

/** The errors of a form, with links to the fields. It gets the focus when it appears. */
export function FaultSummary({ title, faults }: { title: string; faults: { field: string; says: string }[] }) {
  if (faults.length === 0) return null
  return (
    <ErrorSummary>
      <ErrorSummary.Heading>{title}</ErrorSummary.Heading>
      <ErrorSummary.List>
        {faults.map(({ field, says }) => (
          <ErrorSummary.Item key={`${field} ${says}`}>
            <ErrorSummary.Link href={`#${field}`} onClick={focusOn(field)}>
              {says}
            </ErrorSummary.Link>
          </ErrorSummary.Item>
        ))}
      </ErrorSummary.List>
    </ErrorSummary>
  )
}
