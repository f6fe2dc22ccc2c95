import { Button, Paragraph } from '@digdir/designsystemet-react'
import { sizeText } from '../../format/numbers.js'
import { useTexts } from '../../state/context.js'
import type { ChosenFile } from '../../state/sending/keptFiles.js'

const SHOWN = 20

type Props = { files: ChosenFile[]; onRemove: (file: ChosenFile) => void }

/** The names and sizes of what is to be sent. */
export function ChosenFiles({ files, onRemove }: Props) {
  const texts = useTexts()
  const size = (bytes: number) => sizeText(bytes, texts.locale)
  const total = files.reduce((sum, { file }) => sum + file.size, 0)
  return (
    <>
      <ul className="chosen" aria-label={texts.chosenFiles}>
        {files.slice(0, SHOWN).map((chosen) => (
          <li key={`${chosen.file.name} ${chosen.file.size} ${chosen.file.lastModified}`}>
            <span>{texts.chosen(chosen.file.name, size(chosen.file.size))}</span>
            <Button
              variant="tertiary"
              data-size="sm"
              aria-label={texts.remove(chosen.file.name)}
              onClick={() => onRemove(chosen)}
            >
              ✕
            </Button>
          </li>
        ))}
        {files.length > SHOWN && <li>{texts.andMoreFiles(files.length - SHOWN)}</li>}
      </ul>
      {files.length > 1 && <Paragraph data-size="sm">{texts.allChosen(files.length, size(total))}</Paragraph>}
    </>
  )
}
