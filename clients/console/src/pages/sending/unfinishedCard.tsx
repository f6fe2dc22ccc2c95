import { Button, Card, Heading, Paragraph, ValidationMessage } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { FileChooser } from '../../components/fileChooser.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { percentText } from '../../format/numbers.js'
import { useTexts } from '../../state/context.js'
import type { SendingJobs } from '../../state/sending/jobs.js'
import { askedForFile, type ChosenFile } from '../../state/sending/keptFiles.js'
import { isSameFile, type Unfinished } from '../../state/sending/unfinished.js'

type Props = { note: Unfinished; handle: FileSystemFileHandle | undefined; jobs: SendingJobs }

/** An upload of an earlier tab: it goes on when the browser may read the file, or the user chooses it again. */
export function UnfinishedCard({ note, handle, jobs }: Props) {
  const texts = useTexts()
  const [isOther, setOther] = useState(false)
  const [refusal, setRefusal] = useState<unknown>()
  const [canAsk, setCanAsk] = useState(handle !== undefined)
  const { id, fileName, sizeBytes, sentBytes, fileTransferId } = note

  const resume = (chosen: ChosenFile) => {
    if (isSameFile(chosen.file, note)) jobs.goOn(note, chosen)
    else setOther(true)
  }
  const ask = async (known: FileSystemFileHandle) => {
    const file = await askedForFile(known)
    if (file) resume({ file, handle: known })
    setCanAsk(false)
  }
  const percent = percentText(sentBytes, sizeBytes, texts.locale)
  return (
    <Card variant="tinted" data-color="warning" className="stack">
      <Heading level={2} data-size="sm">
        {texts.unfinishedTitle}
      </Heading>
      <Paragraph>{(canAsk ? texts.unfinishedHeld : texts.unfinished)(fileName, percent)}</Paragraph>
      {canAsk && handle ? (
        <Button onClick={() => ask(handle)}>{texts.resume}</Button>
      ) : (
        <FileChooser
          id={`unfinished-${id}`}
          label={texts.dropUnfinished(fileName)}
          onChoose={([chosen]) => chosen && resume(chosen)}
        />
      )}
      {isOther && <ValidationMessage role="alert">{texts.otherFile(fileName)}</ValidationMessage>}
      {refusal !== undefined && <ProblemAlert error={refusal} />}
      <Button
        variant="secondary"
        data-color="danger"
        onClick={() => jobs.cancelTransfer(fileTransferId).catch(setRefusal)}
      >
        {texts.stopUnfinished}
      </Button>
    </Card>
  )
}
