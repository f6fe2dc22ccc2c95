/** Runs in a page: which elements reach over its edge, so that it has to be scrolled sideways. Empty: none. */
export const WIDE_ELEMENTS = `
  document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth)
      .map((element) => element.outerHTML.slice(0, 200))
`
