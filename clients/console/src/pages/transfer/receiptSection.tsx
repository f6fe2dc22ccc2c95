import { Button, Heading, Paragraph } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { saveText } from '../../state/download.js'

/** The receipt of a file that is or was published, for its sender and its recipients. */
export function ReceiptSection({ details: { fileTransferId: id, published } }: { details: FileTransferDetails }) {
  const texts = useTexts()
  const { broker } = useSession()
  const announce = useAnnounce()
  const [error, setError] = useState<unknown>()

  if (published === null) return null
  const download = async () => {
    const { receipt } = await broker.getReceipt(id)
    saveText(receipt, `${id}.receipt`)
    announce(texts.receiptDownloaded)
  }
  return (
    <section aria-labelledby="receipt">
      <Heading level={2} data-size="sm" id="receipt">
        {texts.receipt}
      </Heading>
      <Paragraph data-size="sm" className="subtle" id="receipt-help">
        {texts.receiptHelp}
      </Paragraph>
      <Button
        variant="secondary"
        data-size="sm"
        aria-describedby="receipt-help"
        onClick={() => {
          setError(undefined)
          download().catch(setError)
        }}
      >
        {texts.downloadReceipt}
      </Button>
      {error !== undefined && <ProblemAlert error={error} />}
    </section>
  )
}
