import { globSync } from 'node:fs'
import { dirname, join, relative } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { nb } from '../../clients/console/src/texts/nb.js'
import { root, textOf } from '../infra/snapshot.js'
import { anchorsIn, fencesIn, linksIn, outsideFences, rowsIn, spansIn } from './markdown.js'

// A Norwegian page says what the English one says. Section by section it has the same code, numbers, tables and links.

const NORWEGIAN: Record<string, string> = {
  'docs/guide/README.md': 'docs/nb/README.md',
  'docs/guide/getting-started.md': 'docs/nb/kom-i-gang.md',
  'docs/guide/access.md': 'docs/nb/tilgang.md',
  'docs/guide/senders.md': 'docs/nb/avsendere.md',
  'docs/guide/recipients.md': 'docs/nb/mottakere.md',
  'docs/guide/service-owners.md': 'docs/nb/tjenesteeiere.md',
  'docs/guide/events.md': 'docs/nb/hendelser.md',
  'docs/guide/without-webhook.md': 'docs/nb/uten-webhook.md',
  'docs/guide/large-files.md': 'docs/nb/store-filer.md',
  'docs/console/README.md': 'docs/nb/konsollen.md',
}
const ENGLISH_ONLY: Record<string, string> = {
  'docs/guide/errors.md': 'it is made from the texts of the app, which are English',
  'docs/guide/comparison.md': 'it changes with every release, and is read once, by those who move from the original',
  'docs/guide/csharp.md': 'it is a list of names in code',
}
const CONSOLE = 'docs/nb/konsollen.md'

const pairs = Object.entries(NORWEGIAN).map(([english, norwegian]) => ({ english, norwegian }))
const pagesIn = (folder: string) => globSync(`${folder}/*.md`, { cwd: root }).sort()

const asLink = (from: string, to: string) => `[${/^# (.+)/.exec(textOf(to))?.[1]}](${relative(dirname(from), to)}).`
const withoutLanguageLine = (text: string) => text.replace(/^På (?:engelsk|norsk): .*$/m, '')
const sectionsOf = (page: string) => outsideFences(withoutLanguageLine(textOf(page))).split(/^(?=#+ )/m)

/** The English page and the place of the section: those of both languages are the same. */
function targetOf(page: string, link: string): string {
  if (/^https?:/.test(link)) return link
  const [file = '', anchor] = link.split('#')
  const path = file === '' ? page : join(dirname(page), file)
  const pair = pairs.find(({ english, norwegian }) => [english, norwegian].includes(path))
  if (!pair) return anchor === undefined ? path : `${path}#${anchor}`
  return anchor === undefined ? pair.english : `${pair.english} ${anchorsIn(textOf(path)).indexOf(anchor)}`
}

const withoutCodeAndTargets = (text: string) => text.replace(/`[^`\n]+`|\]\([^)\s]+\)/g, '')
/** `1,000` and `1 000`, with a no-break space, are 1000. */
const numbersIn = (text: string) =>
  withoutCodeAndTargets(text)
    .replace(/(?<=\d)[,\u00a0](?=\d{3}(?!\d))/g, '')
    .match(/\d+/g)
    ?.sort()

const outlineOf = (page: string, sections = sectionsOf(page)) =>
  sections.map((text) => ({
    level: /^#*/.exec(text)?.[0],
    code: spansIn(text).sort(),
    numbers: numbersIn(text),
    links: linksIn(text)
      .map((link) => targetOf(page, link))
      .sort(),
    tables: rowsIn(text).map((cells) => cells.map((cell) => spansIn(cell).sort())),
  }))

/** A diagram's sentences and names are translated, its arrows are not. */
const commandsOf = (page: string) =>
  fencesIn(textOf(page)).map(({ language, body }) =>
    language === 'mermaid' ? body.replace(/(?: as |: ).*$/gm, '') : body,
  )

describe('the Norwegian pages', () => {
  test('are those of the table', () => {
    expect(pagesIn('docs/nb')).toEqual(Object.values(NORWEGIAN).sort())
  })

  test('are there for each page of the guide, but those that stay English', () => {
    const known = Object.keys({ ...NORWEGIAN, ...ENGLISH_ONLY })

    expect(known.filter((page) => page.startsWith('docs/guide/')).sort()).toEqual(pagesIn('docs/guide'))
    expect(Object.keys(NORWEGIAN).filter((page) => page in ENGLISH_ONLY)).toEqual([])
  })

  test('lead to each other, and say where they lead to a page in English', () => {
    const page = (path: string) => outsideFences(textOf(path)).replaceAll('\n', ' ')
    const links = Object.values(NORWEGIAN).flatMap((path) =>
      [...page(path).matchAll(/\]\(\.\.\/guide\/([\w-]+\.md)[^)]*\)(?=(.{0,13}))/g)].map(([, to, after]) => ({
        path,
        to,
        after,
      })),
    )
    const others = links.filter(({ to }) => `docs/guide/${to}` in ENGLISH_ONLY)
    const languageLines = pairs.filter(({ english }) => english.startsWith('docs/guide/'))

    expect(others.length).toBeGreaterThan(2)
    expect(links).toHaveLength(others.length + languageLines.length)
    expect(others.filter(({ after }) => after !== ' (på engelsk)')).toEqual([])
  })
})

describe.each(pairs)('$norwegian', ({ english, norwegian }) => {
  test('leads to the English page, and back', () => {
    expect(textOf(norwegian).split('\n')[2]).toBe(`På engelsk: ${asLink(norwegian, english)}`)
    expect(textOf(english).split('\n')[2]).toBe(`På norsk: ${asLink(english, norwegian)}`)
  })

  test('has the same commands in the same order', () => {
    expect(commandsOf(norwegian)).toEqual(commandsOf(english))
  })
})

test.each(pairs.filter(({ norwegian }) => norwegian !== CONSOLE))(
  '$norwegian has the same code, numbers, tables and links in each section as the English page',
  ({ english, norwegian }) => {
    expect(outlineOf(norwegian)).toEqual(outlineOf(english))
  },
)

describe('the help of the console', () => {
  const page = textOf(CONSOLE)
  const rows = rowsIn(page)
  const codeOf = (cell = '') => /^`(.+)`$/.exec(cell)?.[1] ?? ''
  const textsIn = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(textsIn)

  test('begins and ends as the English page', () => {
    const ends = (path: string) => {
      const [intro = '', ...sections] = sectionsOf(path)
      return outlineOf(path, [intro, ...sections.slice(-2)])
    }

    expect(ends(CONSOLE)).toEqual(ends('docs/console/README.md'))
  })

  test('has every status as the console shows it', () => {
    const shown = [nb.statuses, nb.recipientStatuses].flatMap((texts) => Object.entries(texts))

    expect(rows.map(([text, code]) => [codeOf(code), text])).toEqual(expect.arrayContaining(shown))
  })

  test('has refusals in the words of the console', () => {
    const refusals = rows.map(([code, text]) => [codeOf(code), text]).filter(([code]) => code?.startsWith('BRO-'))

    expect(Object.fromEntries(refusals)).toEqual(nb.problems)
  })

  test('names what is to be pressed or filled in as it is named there', () => {
    const bold = [...page.matchAll(/\*\*(.+?)\*\*/g)].map(([, name = '']) => name)
    // A sentence in bold begins a paragraph.
    const named = bold.filter((name) => !name.endsWith('.'))

    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !textsIn(nb).includes(name))).toEqual([])
  })
})
