import { Details } from '@digdir/designsystemet-react'
import { useTexts } from '../state/context.js'

/** Text that is shown on demand. */
export function Folded({ text }: { text: string }) {
  const texts = useTexts()
  return (
    <Details data-size="sm" className="folded">
      <Details.Summary>{texts.details}</Details.Summary>
      <Details.Content>{text}</Details.Content>
    </Details>
  )
}
