import { observable } from './observable.js'

export type Language = 'nb' | 'en'
export type Scheme = 'auto' | 'light' | 'dark'

const LANGUAGE = 'console-language'
const SCHEME = 'console-scheme'

/** The user's choice, else the first of the browser's languages that the console has. */
function initialLanguage(): Language {
  const chosen = localStorage.getItem(LANGUAGE)
  if (chosen === 'nb' || chosen === 'en') return chosen
  const known = navigator.languages.map((each) => each.slice(0, 2)).find((each) => /^(nb|nn|no|en)$/.test(each))
  return known === 'en' ? 'en' : 'nb'
}

function initialScheme(): Scheme {
  const chosen = localStorage.getItem(SCHEME)
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto'
}

export const language = observable<Language>(initialLanguage())
export const scheme = observable<Scheme>(initialScheme())

/** Stores the user's choices, and applies them to the document. */
export function applyPreferences(): void {
  const apply = () => {
    document.documentElement.lang = language.get()
    document.documentElement.dataset.colorScheme = scheme.get()
  }
  apply()
  language.subscribe(() => {
    localStorage.setItem(LANGUAGE, language.get())
    apply()
  })
  scheme.subscribe(() => {
    localStorage.setItem(SCHEME, scheme.get())
    apply()
  })
}
