/** For links within the page: moves the focus, since the fragment of the address is the route. */
export const focusOn = (id: string) => (event: { preventDefault(): void }) => {
  event.preventDefault()
  const found = document.getElementById(id)
  found?.focus()
  found?.scrollIntoView({ block: 'nearest' })
}
