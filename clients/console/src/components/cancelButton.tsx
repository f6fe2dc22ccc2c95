import { Button, Dialog, Heading, Paragraph } from '@digdir/designsystemet-react'
import { useId, useState } from 'preact/hooks'
import { useTexts } from '../state/context.js'

type Props = { text: string; fileName: string; onCancel: () => void }

/** Cancels a file transfer after a confirmation. */
export function CancelButton({ text, fileName, onCancel }: Props) {
  const texts = useTexts()
  const titleId = useId()
  const [isAsking, setAsking] = useState(false)
  const close = () => setAsking(false)
  return (
    <>
      <Button variant="secondary" data-color="danger" onClick={() => setAsking(true)}>
        {text}
      </Button>
      <Dialog open={isAsking} onClose={close} closeButton={texts.close} aria-labelledby={titleId}>
        <Dialog.Block>
          <Heading level={2} data-size="sm" id={titleId}>
            {texts.cancelTitle}
          </Heading>
          <Paragraph>{texts.cancelWarning(fileName)}</Paragraph>
        </Dialog.Block>
        <Dialog.Block className="choices">
          <Button
            data-color="danger"
            onClick={() => {
              close()
              onCancel()
            }}
          >
            {texts.cancelYes}
          </Button>
          <Button variant="secondary" onClick={close} autoFocus>
            {texts.cancelNo}
          </Button>
        </Dialog.Block>
      </Dialog>
    </>
  )
}
