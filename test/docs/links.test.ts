import { existsSync, globSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { root, textOf } from '../infra/snapshot.js'
import { anchorsIn, fencesIn, linksIn, spansIn } from './markdown.js'

// A page that names a file, an anchor or a command names one that is there.

const pages = globSync('**/*.md', {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|dist|build|\.local)$/.test(path),
})
const isThere = (path: string) => existsSync(join(root, path))

function isBroken(page: string, target: string): boolean {
  const [file = '', anchor] = target.split('#')
  const path = file === '' ? page : join(dirname(page), file)
  if (!isThere(path)) return true
  return anchor !== undefined && (statSync(join(root, path)).isDirectory() || !anchorsIn(textOf(path)).includes(anchor))
}

const OURS = /^(?:src|test|docs|local|infra|clients|tools|bench)\//
/** Of the library that a page is about, and of the app that reproduces its fault. */
const OF_OTHERS = ['src/http/httpProxy.ts', 'src/functions/hello.mjs']

/** The paths from the root in code, each up to a placeholder such as `{release}`, without what a build makes. */
const pathsIn = (text: string) =>
  [...spansIn(text), ...fencesIn(text).map(({ all }) => all)]
    .flatMap((code) => code.split(/[\s"'`()=,:;]+/))
    .filter((word) => OURS.test(word) && !word.includes('/dist') && !OF_OTHERS.includes(word))
    .map((word) => word.replace(/[^/]*[{*].*$/, ''))

/** A decision may be named by its number. */
const isNamed = (path: string) => isThere(path) || globSync(`${path}-*.md`, { cwd: root }).length === 1

const scripts = (path: string) => Object.keys(JSON.parse(textOf(path)).scripts ?? {})
const known = [...scripts('package.json'), ...scripts('clients/typescript/package.json')]

/** What is wrong on any page, with the page before it. */
const faults = (find: (page: string) => string[]) =>
  pages.flatMap((page) => find(page).map((fault) => `${page}: ${fault}`))

describe('the pages', () => {
  test('are found, and name files', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/README.md', 'clients/typescript/README.md']))
    expect(pages.flatMap((page) => pathsIn(textOf(page))).length).toBeGreaterThan(100)
  })

  test('have no broken link', () => {
    expect(
      faults((page) => linksIn(textOf(page)).filter((target) => !/^https?:/.test(target) && isBroken(page, target))),
    ).toEqual([])
  })

  test('name no file that is not there', () => {
    expect(faults((page) => pathsIn(textOf(page)).filter((path) => !isNamed(path)))).toEqual([])
  })

  test('have no command that is not there', () => {
    const commandsIn = (page: string) =>
      [...textOf(page).matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => name)

    expect(faults((page) => commandsIn(page).filter((name) => !known.includes(name)))).toEqual([])
  })

  test('of docs are each in an index', () => {
    const isIndexed = (page: string) => {
      const folder = dirname(page)
      const index = page.endsWith('/README.md') ? 'docs/README.md' : join(folder, 'README.md')
      const from = isThere(index) ? index : 'docs/README.md'
      return textOf(from).includes(`(${page.slice(dirname(from).length + 1)})`)
    }

    expect(pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !isIndexed(page))).toEqual(
      [],
    )
  })
})
