import { Heading } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useTexts } from '../state/context.js'

let isFirstPage = true

/** The heading of a page, which gets the focus when the user comes there, so that a screen reader tells it. */
export function PageHeading({ title, children }: { title: string; children?: ComponentChildren }) {
  const texts = useTexts()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // Not on the first: there the browser has the focus.
    if (!isFirstPage) heading.current?.focus()
    isFirstPage = false
  }, [])
  useEffect(() => {
    document.title = `${title} – ${texts.title}`
  }, [title, texts])
  return (
    <Heading level={1} data-size="lg" ref={heading} tabIndex={-1} className="page-heading">
      {title}
      {children}
    </Heading>
  )
}
