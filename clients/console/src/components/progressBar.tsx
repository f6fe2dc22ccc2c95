import { Paragraph } from '@digdir/designsystemet-react'
import { percentText, sizeText } from '../format/numbers.js'
import { useTexts } from '../state/context.js'

type Props = { label: string; done: number; total: number; more?: string | undefined }

/** The progress of a transfer of bytes, as a bar and in words. */
export function ProgressBar({ label, done, total, more }: Props) {
  const texts = useTexts()
  const size = (bytes: number) => sizeText(bytes, texts.locale)
  const says = texts.progressText(size(done), size(total), percentText(done, total, texts.locale))
  return (
    <div className="progress">
      <progress aria-label={label} value={done} max={Math.max(total, 1)} aria-valuetext={says} />
      <Paragraph data-size="sm">
        <span>{says}</span>
        {more && <span className="subtle">{more}</span>}
      </Paragraph>
    </div>
  )
}
