import { Alert, Button, Heading, Paragraph } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'
import { isPermanent, problemWords } from '../format/problemWords.js'
import { useTexts } from '../state/context.js'
import { Folded } from './folded.js'

type Props = { error: unknown; title?: string; onRetry?: () => void; children?: ComponentChildren }

/** Shows an error, with a button to retry if `onRetry` is given and a retry can help. */
export function ProblemAlert({ error, title, onRetry, children }: Props) {
  const texts = useTexts()
  const { says, code, traceId, fields, details } = problemWords(error, texts)
  return (
    <Alert data-color="danger" role="alert">
      <Heading level={2} data-size="xs">
        {title ?? texts.problemTitle}
      </Heading>
      <Paragraph>{says}</Paragraph>
      {children}
      {fields.map((field) => (
        <Paragraph key={field}>{field}</Paragraph>
      ))}
      {code && (
        <Paragraph data-size="sm" className="subtle">
          {[texts.code(code), traceId && texts.traceId(traceId)].filter(Boolean).join(' · ')}
        </Paragraph>
      )}
      {details && <Folded text={details} />}
      {onRetry && !isPermanent(error) && (
        <Button variant="secondary" data-size="sm" onClick={onRetry}>
          {texts.retry}
        </Button>
      )}
    </Alert>
  )
}
