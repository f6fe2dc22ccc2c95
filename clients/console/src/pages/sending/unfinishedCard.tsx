import { Button, Card, Heading, Paragraph, ValidationMessage } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { FileChooser } from '../../components/fileChooser.js'
import { percentText } from '../../format/numbers.js'
import { useSession, useTexts } from '../../state/context.js'
import type { SendingJobs } from '../../state/sending/jobs.js'
import { isSameFile, storeUnfinished, type Unfinished } from '../../state/sending/unfinished.js'

type Props = { unfinished: Unfinished; jobs: SendingJobs; onDiscarded: () => void }

/** A page cannot keep a file: after a reload the user chooses it again, and the upload resumes. */
export function UnfinishedCard({ unfinished, jobs, onDiscarded }: Props) {
  const texts = useTexts()
  const session = useSession()
  const [isOther, setOther] = useState(false)
  const { fileName, sizeBytes, sentBytes, sending, fileTransferId } = unfinished

  const resume = (file: File | undefined) => {
    if (!file) return
    if (isSameFile(file, unfinished)) jobs.start(file, sending, { sentBytes, fileTransferId })
    else setOther(true)
  }
  const discard = async () => {
    // It may have ended meanwhile: then there is nothing to cancel.
    await jobs.cancel(fileTransferId).catch(() => undefined)
    storeUnfinished(session, undefined)
    onDiscarded()
  }
  return (
    <Card variant="tinted" data-color="warning" className="stack">
      <Heading level={2} data-size="sm">
        {texts.unfinishedTitle}
      </Heading>
      <Paragraph>{texts.unfinished(fileName, percentText(sentBytes, sizeBytes, texts.locale))}</Paragraph>
      <FileChooser id="unfinished-file" file={undefined} onChoose={resume} />
      {isOther && <ValidationMessage role="alert">{texts.otherFile(fileName)}</ValidationMessage>}
      <Button variant="secondary" data-color="danger" onClick={discard}>
        {texts.stopUnfinished}
      </Button>
    </Card>
  )
}
