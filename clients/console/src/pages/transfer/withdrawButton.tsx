import { Button, Textfield } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { FormDialog } from '../../components/formDialog.js'
import { useSession, useTexts } from '../../state/context.js'

const MAX_REASON = 500

type Props = { details: FileTransferDetails; onDone: (says: string) => void }

/** Withdraws a published file, for a reason. */
export function WithdrawButton({ details, onDone }: Props) {
  const texts = useTexts()
  const { broker } = useSession()
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
      <FormDialog
        isOpen={reason !== undefined}
        onClose={() => show(undefined)}
        onSubmit={() => void withdraw((reason ?? '').trim())}
        title={texts.withdrawTitle}
        help={texts.withdrawWarning(details.fileName)}
        submit={texts.withdrawYes}
        cancel={texts.withdrawNo}
        isDangerous
        error={error}
      >
        <Textfield
          label={texts.withdrawReason}
          description={texts.withdrawReasonHelp}
          value={reason ?? ''}
          error={fault}
          onInput={({ currentTarget: { value } }) => setReason(value)}
        />
      </FormDialog>
    </>
  )
}
