import { observable } from './observable.js'

export type Language = 'nb' | 'en'
export type Scheme = 'auto' | 'light' | 'dark'

const LANGUAGE = 'console-language'
const SCHEME = 'console-scheme'

/** The user's choice, else the first of the browser's languages that we have. */
function languageNow(): Language {
  const chosen = localStorage.getItem(LANGUAGE)
  if (chosen === 'nb' || chosen === 'en') return chosen
  const known = navigator.languages.map((each) => each.slice(0, 2)).find((each) => /^(nb|nn|no|en)$/.test(each))
  return known === 'en' ? 'en' : 'nb'
}

function schemeNow(): Scheme {
  const chosen = localStorage.getItem(SCHEME)
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto'
}

export const language = observable<Language>(languageNow())
export const scheme = observable<Scheme>(schemeNow())

/** Keeps the user's choices, and puts them on the document. */
export function applyPreferences(): void {
  const apply = () => {
    document.documentElement.lang = language.get()
    document.documentElement.dataset.colorScheme = scheme.get()
  }
  apply()
  language.follow(() => {
    localStorage.setItem(LANGUAGE, language.get())
    apply()
  })
  scheme.follow(() => {
    localStorage.setItem(SCHEME, scheme.get())
    apply()
  })
}
