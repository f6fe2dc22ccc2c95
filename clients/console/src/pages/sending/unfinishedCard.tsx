import { Button, Card, Heading, Paragraph, ValidationMessage } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { FileChooser } from '../../components/fileChooser.js'
import { focusOnHeading } from '../../components/focus.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { percentText } from '../../format/numbers.js'
import { useTexts } from '../../state/context.js'
import type { SendingJobs } from '../../state/sending/job.js'
import { askedForFile, type ChosenFile } from '../../state/sending/keptFiles.js'
import { isSameFile, type Unfinished } from '../../state/sending/unfinished.js'
import type { Texts } from '../../texts/nb.js'

type Props = { unfinished: ReturnType<SendingJobs['unfinished']['get']>; jobs: SendingJobs }

/** Ciphertext has some bytes more. */
const percentOf = ({ sentBytes, sizeBytes }: Unfinished, { locale }: Texts) =>
  percentText(Math.min(sentBytes, sizeBytes), sizeBytes, locale)

/** Uploads of an earlier tab: they go on when the browser may read the files, or the user chooses them again. */
export function UnfinishedCard({ unfinished, jobs }: Props) {
  const texts = useTexts()
  const [others, setOthers] = useState<string[]>([])
  const [refusal, setRefusal] = useState<unknown>()
  const [hasAsked, setAsked] = useState(false)
  const canAsk = !hasAsked && unfinished.some(({ handle }) => handle)

  const resume = (chosen: ChosenFile[]) => {
    const unknown = chosen.filter((each) => {
      const found = unfinished.find(({ note }) => isSameFile(each.file, note))
      if (found) jobs.goOn(found.note, each)
      return !found
    })
    setOthers(unknown.map(({ file }) => file.name))
  }
  const ask = async () => {
    for (const { handle } of unfinished) {
      const file = handle && (await askedForFile(handle))
      if (file) resume([{ file, handle }])
    }
    setAsked(true)
  }
  return (
    <Card variant="tinted" data-color="warning" className="stack">
      <Heading level={2} data-size="sm">
        {texts.unfinishedTitle(unfinished.length)}
      </Heading>
      <ul className="chosen">
        {unfinished.map(({ note }) => (
          <li key={note.id}>
            <span>{texts.unfinished(note.fileName, percentOf(note, texts))}</span>
            <Button
              variant="secondary"
              data-color="danger"
              data-size="sm"
              aria-label={texts.stopUnfinished(note.fileName)}
              onClick={() => jobs.discard(note).then(focusOnHeading, setRefusal)}
            >
              {texts.stop}
            </Button>
          </li>
        ))}
      </ul>
      <Paragraph>{canAsk ? texts.unfinishedHeld : texts.unfinishedHelp}</Paragraph>
      {canAsk ? (
        <Button onClick={ask}>{texts.resume}</Button>
      ) : (
        <FileChooser id="unfinished-files" multiple label={texts.dropUnfinished} onChoose={resume} />
      )}
      {others.length > 0 && <ValidationMessage role="alert">{texts.otherFile(others.join(', '))}</ValidationMessage>}
      {refusal !== undefined && <ProblemAlert error={refusal} />}
    </Card>
  )
}
