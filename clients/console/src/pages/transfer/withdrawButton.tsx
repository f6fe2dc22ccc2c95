import { Button, Dialog, Heading, Paragraph, Textfield } from '@digdir/designsystemet-react'
import { useId, useState } from 'preact/hooks'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { useSession, useTexts } from '../../state/context.js'

const MAX_REASON = 500

type Props = { details: FileTransferDetails; onDone: (says: string) => void }

/** Withdraws a published file, for a reason. */
export function WithdrawButton({ details, onDone }: Props) {
  const texts = useTexts()
  const { broker } = useSession()
  const titleId = useId()
  const [reason, setReason] = useState<string>()
  const [fault, setFault] = useState<string>()
  const [error, setError] = useState<unknown>()

  const show = (shown: string | undefined) => {
    setReason(shown)
    setFault(undefined)
    setError(undefined)
  }
  const withdraw = async (given: string) => {
    const found = given === '' ? texts.needsReason : given.length > MAX_REASON ? texts.reasonTooLong : undefined
    setFault(found)
    if (found) return
    await broker.cancelFileTransfer(details.fileTransferId, { reason: given }).then(() => {
      show(undefined)
      onDone(texts.withdrawn)
    }, setError)
  }

  return (
    <>
      <Button variant="secondary" data-color="danger" onClick={() => show('')}>
        {texts.withdraw}
      </Button>
      <Dialog
        open={reason !== undefined}
        onClose={() => show(undefined)}
        closeButton={texts.close}
        aria-labelledby={titleId}
      >
        <form
          className="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void withdraw((reason ?? '').trim())
          }}
        >
          <Heading level={2} data-size="sm" id={titleId}>
            {texts.withdrawTitle}
          </Heading>
          <Paragraph>{texts.withdrawWarning(details.fileName)}</Paragraph>
          <Textfield
            label={texts.withdrawReason}
            description={texts.withdrawReasonHelp}
            value={reason ?? ''}
            error={fault}
            onInput={({ currentTarget: { value } }) => setReason(value)}
          />
          {error !== undefined && <ProblemAlert error={error} />}
          <div className="choices">
            <Button type="submit" data-color="danger">
              {texts.withdrawYes}
            </Button>
            <Button variant="secondary" onClick={() => show(undefined)}>
              {texts.withdrawNo}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
