/** For links within the page, whose address is the route: only the focus goes there. */
export const focusOn = (id: string) => (event: { preventDefault(): void }) => {
  event.preventDefault()
  const found = document.getElementById(id)
  found?.focus()
  found?.scrollIntoView({ block: 'nearest' })
}
