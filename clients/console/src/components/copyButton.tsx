import { Button } from '@digdir/designsystemet-react'
import { useEffect, useState } from 'preact/hooks'
import { useAnnounce, useTexts } from '../state/context.js'

const SHOWN_MS = 2000

/** Copies a text. `what` says which one. Nothing where the browser does not let a page copy. */
export function CopyButton({ what, text }: { what: string; text: string }) {
  const texts = useTexts()
  const announce = useAnnounce()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  if (!navigator.clipboard) return null
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    announce(texts.copied(what))
  }
  return (
    <Button
      variant="tertiary"
      icon
      className="copy"
      aria-label={texts.copy(what)}
      title={texts.copy(what)}
      data-copied={isCopied}
      onClick={() => void copy()}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d={isCopied ? 'M2.5 8.5l3.5 3.5 7.5-8' : 'M5.5 4.5v-3h8v8h-3M2.5 4.5h8v10h-8z'} />
      </svg>
    </Button>
  )
}
