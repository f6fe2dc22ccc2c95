import { Button, Card, Heading, Paragraph, ValidationMessage } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { FileChooser } from '../components/fileChooser.js'
import { percentText } from '../format/numbers.js'
import { useSession, useTexts } from '../state/context.js'
import type { SendingJobs } from '../state/sendingJob.js'
import { isSameFile, keepUnfinished, type Unfinished } from '../state/unfinished.js'

type Props = { unfinished: Unfinished; jobs: SendingJobs; onGivenUp: () => void }

/** A page may not keep a file: after a reload the user chooses it again, and the sending goes on where it was. */
export function UnfinishedCard({ unfinished, jobs, onGivenUp }: Props) {
  const texts = useTexts()
  const session = useSession()
  const [isOther, setOther] = useState(false)
  const { fileName, sizeBytes, sentBytes, sending, fileTransferId } = unfinished

  const goOn = (file: File | undefined) => {
    if (!file) return
    if (isSameFile(file, unfinished)) jobs.start(file, sending, { sentBytes, fileTransferId })
    else setOther(true)
  }
  const giveUp = async () => {
    // It may have ended meanwhile, and then there is nothing to cancel.
    await jobs.cancel(fileTransferId).catch(() => undefined)
    keepUnfinished(session, undefined)
    onGivenUp()
  }
  return (
    <Card variant="tinted" data-color="warning" className="stack">
      <Heading level={2} data-size="sm">
        {texts.unfinishedTitle}
      </Heading>
      <Paragraph>{texts.unfinished(fileName, percentText(sentBytes, sizeBytes, texts.locale))}</Paragraph>
      <FileChooser id="unfinished-file" file={undefined} onChoose={goOn} />
      {isOther && <ValidationMessage role="alert">{texts.otherFile(fileName)}</ValidationMessage>}
      <Button variant="secondary" data-color="danger" onClick={giveUp}>
        {texts.stopUnfinished}
      </Button>
    </Card>
  )
}
