import { Button, Field, Label, Select } from '@digdir/designsystemet-react'
import { organizationText } from '../format/numbers.js'
import { useTexts } from '../state/context.js'
import { useObservable } from '../state/observable.js'
import { type Language, language, type Scheme, scheme } from '../state/preferences.js'
import { boxHref, type Route } from '../state/route.js'
import type { Sessions } from '../state/sessions.js'

const LANGUAGES: [Language, string][] = [
  ['nb', 'Norsk'],
  ['en', 'English'],
]
const SCHEMES: Scheme[] = ['auto', 'light', 'dark']

/** The title, the menu, the acting organisation, the language and the colours. */
export function Header({ route, sessions }: { route: Route; sessions: Sessions }) {
  const texts = useTexts()
  return (
    <header className="header">
      <div className="bar">
        <a className="brand" href={boxHref('inbox')}>
          <img src="./icon.svg" alt="" width="28" height="28" />
          {texts.title}
        </a>
        <div className="settings">
          <LanguageChoice />
          <SchemeChoice />
        </div>
      </div>
      {sessions.session && (
        <div className="bar">
          <nav aria-label={texts.menu}>
            <ul className="menu">
              <MenuItem href={boxHref('inbox')} text={texts.inbox} isCurrent={route.page === 'inbox'} />
              <MenuItem href={boxHref('outbox')} text={texts.outbox} isCurrent={route.page === 'outbox'} />
              <MenuItem href="#/send" text={texts.send} isCurrent={route.page === 'send'} />
              <MenuItem href="#/keys" text={texts.keys.title} isCurrent={route.page === 'keys'} />
              {sessions.session.isServiceOwner && (
                <MenuItem href="#/owner" text={texts.owner.title} isCurrent={route.page === 'owner'} />
              )}
            </ul>
          </nav>
          <Acting sessions={sessions} />
        </div>
      )}
    </header>
  )
}

type Item = { href: string; text: string; isCurrent: boolean }

const MenuItem = ({ href, text, isCurrent }: Item) => (
  <li>
    <a href={href} aria-current={isCurrent ? 'page' : undefined}>
      {text}
    </a>
  </li>
)

function Acting({ sessions }: { sessions: Sessions }) {
  const texts = useTexts()
  const { session, isLocal } = sessions
  if (!session) return null
  if (!isLocal)
    return (
      <p className="acting">
        <span>
          {texts.actAs} <strong>{organizationText(session.organization)}</strong>
        </span>
        <Button variant="tertiary" onClick={sessions.disconnect}>
          {texts.disconnect}
        </Button>
      </p>
    )
  return (
    <Field className="acting">
      <Label>{texts.actAs}</Label>
      <Select width="auto" value={session.organization} onChange={(event) => sessions.actAs(event.currentTarget.value)}>
        {session.organisations.map(({ number, name }) => (
          <Select.Option key={number} value={number}>
            {`${name} (${number})`}
          </Select.Option>
        ))}
      </Select>
    </Field>
  )
}

function LanguageChoice() {
  const texts = useTexts()
  const chosen = useObservable(language)
  return (
    <Select
      width="auto"
      aria-label={texts.language}
      value={chosen}
      onChange={(event) => language.set(event.currentTarget.value === 'en' ? 'en' : 'nb')}
    >
      {LANGUAGES.map(([value, name]) => (
        <Select.Option key={value} value={value} lang={value}>
          {name}
        </Select.Option>
      ))}
    </Select>
  )
}

function SchemeChoice() {
  const texts = useTexts()
  const chosen = useObservable(scheme)
  return (
    <Select
      width="auto"
      aria-label={texts.scheme}
      value={chosen}
      onChange={(event) => scheme.set(SCHEMES.find((each) => each === event.currentTarget.value) ?? 'auto')}
    >
      {SCHEMES.map((value) => (
        <Select.Option key={value} value={value}>
          {texts.schemes[value]}
        </Select.Option>
      ))}
    </Select>
  )
}
