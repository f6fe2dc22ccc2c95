/** For links within the page: moves the focus, since the fragment of the address is the route. */
export const focusOn = (id: string) => (event: { preventDefault(): void }) => {
  event.preventDefault()
  const found = document.getElementById(id)
  found?.focus()
  found?.scrollIntoView({ block: 'nearest' })
}

/** When what had the focus is gone: screen readers read the heading, and go on from there. */
export const focusOnHeading = () => document.querySelector<HTMLElement>('h1')?.focus()
