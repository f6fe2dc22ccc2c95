import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { settingNames } from '../../src/config.js'
import { failureReasons } from '../../src/domain/fileTransfer/failure.js'
import { problems } from '../../src/domain/problems.js'
import { EVENT_TYPES } from '../../src/domain/projections/altinnEvents.js'
import { tusProblems } from '../../src/domain/tus/problems.js'
import { operations, routes } from '../../src/http/contract/contract.js'
import type { Operation } from '../../src/http/contract/operation.js'
import { tusRows } from '../../src/http/contract/tusRows.js'
import { brokerCode } from '../../src/http/problem/problemJson.js'
import { ERRORS_PAGE, errorsPage } from '../../tools/pages/errors.ts'
import { rowsIn, spansIn } from './markdown.js'

// The guide says what the app does: its tables are compared with those of the app.

const root = fileURLToPath(new URL('../../', import.meta.url))
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name))

const guide = filesIn('docs/guide', /\.md$/)
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesIn('docs', /\.md$/)]
const whole = guide.map(textOf).join('\n')

const rowsOf = (path: string) => rowsIn(textOf(path))

const BASE = 'broker/api/v1'
const asWritten = (path: string) => `/${path}`.replace(`/${BASE}/`, '/')
const rows = Object.values<Operation>(operations)

describe('the page of errors', () => {
  const rows = rowsOf(ERRORS_PAGE)
  const causeAndCure = (cells: string[] | undefined) => cells?.slice(3).filter((cell) => cell !== '')

  test('is what `npm run errors` writes', () => {
    expect(errorsPage(textOf(ERRORS_PAGE))).toBe(textOf(ERRORS_PAGE))
  })

  test.each(Object.entries(problems))('has %s with its number, status, cause and cure', (name, { code, status }) => {
    const found = rows.find(([number]) => number === brokerCode(code))

    expect(found?.slice(1, 3)).toEqual([String(status), name])
    expect(causeAndCure(found)).toHaveLength(2)
  })

  test('has no other numbers, and none twice', () => {
    const numbers = rows.flatMap(([number = '']) => (number.startsWith('BRO-') ? [number] : []))

    expect(numbers.toSorted()).toEqual(
      Object.values(problems)
        .map(({ code }) => brokerCode(code))
        .toSorted(),
    )
  })

  test.each(Object.entries(tusProblems))('has %s of TUS with its status, text, cause and cure', (name, problem) => {
    const found = rows.find(([, , inTable]) => inTable === name)

    expect(found?.slice(0, 2)).toEqual([String(problem.status), problem.detail])
    expect(causeAndCure(found)).toHaveLength(2)
  })

  test.each([400, 401, 403, 404, 405, 406, 413, 415, 429, 500, 503])('has a %i without a number', (status) => {
    expect(rows.some((cells) => cells.length === 3 && cells[0] === String(status))).toBe(true)
  })

  test.each(Object.values(failureReasons))('has the reason of a failure: %s', (reason) => {
    expect(rows.some(([text]) => text === `\`${reason}\``)).toBe(true)
  })
})

describe('the guide', () => {
  const index = rowsOf('docs/guide/README.md')
  const shown = rows.filter(({ isInternal }) => !isInternal)

  test.each(shown)('has $method $path in its index, with its scopes', ({ method, path, scopes }) => {
    const [, described] = index.find(([cell]) => cell?.includes(`\`${method} ${asWritten(path)}\``)) ?? []

    expect(described?.match(/altinn:[\w.]+/g) ?? []).toEqual(scopes)
    expect(described).toBeTruthy()
  })

  test.each(Object.values(tusRows))('describes $path', ({ path }) => {
    expect(textOf('docs/guide/large-files.md')).toContain(`${asWritten(path)}\``)
  })

  test('names no operation that is not there', () => {
    const known = routes.map(({ method, path }) => `${method} ${asWritten(path)}`)
    const named = spansIn(whole).filter((span) => /^(GET|POST|PUT|PATCH|HEAD|DELETE|OPTIONS) \//.test(span))

    expect(named.filter((span) => !known.includes(span))).toEqual([])
    expect(new Set(named).size).toBeGreaterThanOrEqual(shown.length)
  })

  test('describes every event', () => {
    const types = rowsOf('docs/guide/events.md').map(([cell = '']) => cell.replaceAll('`', ''))

    expect(types.filter((type) => type.startsWith('no.altinn.broker.')).toSorted()).toEqual(
      EVENT_TYPES.map((type) => `no.altinn.broker.${type}`).toSorted(),
    )
  })
})

describe('a link', () => {
  test('from the index leads to every page of the guide', () => {
    const index = textOf('docs/guide/README.md')
    const others = guide.filter((page) => page !== 'docs/guide/README.md')

    expect(index).toContain('# Guide')
    expect(others.filter((page) => !index.includes(`(${page.slice(11)}`))).toEqual([])
  })
})

describe('a setting', () => {
  const SETTING = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/
  const namedIn = (path: string) => spansIn(textOf(path)).flatMap((span) => SETTING.exec(span)?.[1] ?? [])
  /** Where the names of those that are not the app's own come from: its host, deployment, local stack, constants. */
  const elsewhere = [
    'local.settings.sample.json',
    ...filesIn('infra', /\.bicep(param)?$/),
    ...filesIn('.github', /\.yml$/),
    ...filesIn('local', /\.ts$/),
    ...filesIn('tools', /\.ts$/),
    ...filesIn('bench', /\.ts$/),
    'src/usecases/commit/timing.ts',
  ]
    .map(textOf)
    .join('\n')

  const namedOn = (some: string[]) => some.flatMap((page) => namedIn(page).map((name) => ({ page, name })))

  test('that is named in the guide is the app’s', () => {
    expect(namedOn(guide).filter(({ name }) => !settingNames.includes(name))).toEqual([])
  })

  test('that is named anywhere is there', () => {
    const isThere = (name: string) => settingNames.includes(name) || new RegExp(`\\b${name}\\b`).test(elsewhere)

    expect(namedOn(pages).filter(({ name }) => !isThere(name))).toEqual([])
  })
})
