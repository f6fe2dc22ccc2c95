import { Button, Dialog, Heading, Paragraph } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { useTexts } from '../state/context.js'
import { ProblemAlert } from './problemAlert.js'

type Props = {
  isOpen: boolean
  onClose: () => void
  onSubmit: () => void
  title: string
  help: string
  /** The texts of the buttons. */
  submit: string
  cancel: string
  isDangerous?: boolean
  /** Why the last submission failed; undefined: it did not. */
  error: unknown
  children: ComponentChildren
}

/** A form of some fields in a dialog. */
export function FormDialog(props: Props) {
  const { isOpen, onClose, onSubmit, title, help, submit, cancel, isDangerous, error, children } = props
  const texts = useTexts()
  const titleId = useId()
  return (
    <Dialog open={isOpen} onClose={onClose} closeButton={texts.close} aria-labelledby={titleId}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        <Heading level={2} data-size="sm" id={titleId}>
          {title}
        </Heading>
        <Paragraph>{help}</Paragraph>
        {children}
        {error !== undefined && <ProblemAlert error={error} />}
        <div className="choices">
          <Button type="submit" {...(isDangerous && { 'data-color': 'danger' })}>
            {submit}
          </Button>
          <Button variant="secondary" onClick={onClose}>
            {cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
