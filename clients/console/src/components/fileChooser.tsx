import { Paragraph } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { sizeText } from '../format/numbers.js'
import { useTexts } from '../state/context.js'

type Props = { id: string; file: File | undefined; onChoose: (file: File | undefined) => void; isFaulty?: boolean }

/** Chooses a file, also by dropping it. The input covers the whole area, so that the browser handles the drop. */
export function FileChooser({ id, file, onChoose, isFaulty = false }: Props) {
  const texts = useTexts()
  const [isOver, setOver] = useState(false)
  return (
    <div className="ds-file-upload" data-over={isOver}>
      <label htmlFor={id}>{file ? texts.chosen(file.name, sizeText(file.size, texts.locale)) : texts.dropFile}</label>
      <Paragraph data-size="sm" className="subtle" id={`${id}-help`}>
        {file ? texts.chooseAnother : texts.dropFileHelp}
      </Paragraph>
      <input
        type="file"
        id={id}
        aria-describedby={`${id}-help`}
        aria-invalid={isFaulty}
        onDragEnter={() => setOver(true)}
        onDragLeave={() => setOver(false)}
        onDrop={() => setOver(false)}
        onChange={(event) => onChoose(event.currentTarget.files?.[0])}
      />
    </div>
  )
}
