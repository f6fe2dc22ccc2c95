/** What is wider than the screen, or than the card that it is in, for `page.evaluate`. */
export const WIDE_ELEMENTS = `
  [...document.body.querySelectorAll('*')]
    .filter((element) => {
      const { right } = element.getBoundingClientRect()
      const card = element.closest('.stacked tr')?.getBoundingClientRect().right ?? innerWidth
      return right > card + 0.5 || (document.documentElement.scrollWidth > innerWidth && right > innerWidth)
    })
    .map((element) => element.outerHTML.slice(0, 200))
`
