import { Heading } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useTexts } from '../state/context.js'

let isFirstPage = true

/** The heading of a page. It gets the focus on navigation, so that screen readers read it. */
export function PageHeading({ title, children }: { title: string; children?: ComponentChildren }) {
  const texts = useTexts()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // Not on the first page, where the browser sets the focus.
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
