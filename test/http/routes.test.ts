import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contract, operations, routes } from '../../src/http/contract/contract.js'
import { overlap, refusingFunctions } from '../../src/http/serving/refusedMethods.js'

// The Functions host tries routes in the order of the names of the functions, and the first that matches wins: no
// literal goes before a parameter. So no path may be matched by two rows with a common method.

type Row = { name: string; method: string; path: string }

const conflicts = (rows: Row[]) =>
  rows.flatMap((row, index) =>
    rows
      .slice(index + 1)
      .filter(({ method, path }) => method === row.method && overlap(path, row.path))
      .map(({ name }) => [row.name, name]),
  )

describe('routes in conflict', () => {
  const row = (name: string, path: string, method = 'GET'): Row => ({ name, method, path })

  test.each([
    ['a parameter and a literal', 'x/{id}', 'x/list'],
    ['two parameters', 'x/{id}', 'x/{name}'],
    ['literals that differ in case', 'x/List', 'x/list'],
    ['a parameter before and a literal after', '{kind}/list', 'x/{id}'],
    ['a parameter with a literal after it', 'x/{id}/details', 'x/list/{what}'],
    ['a parameter and one that is a GUID', 'x/{id}', 'x/{id:guid}'],
  ])('are found: %s', (_, one, other) => {
    expect(conflicts([row('one', one), row('other', other)])).toEqual([['one', 'other']])
  })

  test.each([
    ['other literals', row('a', 'x/list'), row('b', 'x/all')],
    ['another length', row('a', 'x/{id}'), row('b', 'x/{id}/details')],
    ['a literal that is no GUID', row('a', 'x/{id:guid}'), row('b', 'x/list')],
    ['another method', row('a', 'x/{id}'), row('b', 'x/list', 'POST')],
  ])('are not: %s', (_, one, other) => {
    expect(conflicts([one, other])).toEqual([])
  })
})

describe('the contract', () => {
  const rows = routes.map(({ method, path }) => ({ name: `${method} ${path}`, method, path }))

  test('has no two rows that a request could mean', () => {
    expect(conflicts(rows)).toEqual([])
  })

  test('has no row that a request could mean beside a refusal of its method, nor two refusals', () => {
    const refusals = refusingFunctions(rows).flatMap(({ name, methods, route: path }) =>
      methods.map((method) => ({ name, method, path })),
    )

    expect(conflicts([...rows, ...refusals])).toEqual([])
  })

  test('has paths that begin at the root, without slashes at their ends', () => {
    for (const { path } of rows) expect(path).toMatch(/^[a-z]([\w./{}-]*[\w}])?$/i)
  })

  test('names in its paths the parameters that it checks', () => {
    for (const operation of Object.values(operations)) {
      const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const checked = 'params' in operation ? Object.keys(operation.params.shape) : []
      expect(checked).toEqual(named)
    }
  })
})

describe('the functions', () => {
  const folder = new URL('../../src/functions/', import.meta.url)
  const refusing = 'http/refusedMethods.ts'
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== refusing)
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  const registered = sources.flatMap((source) => [
    ...source.matchAll(/app\.http\(\s*'(\w+)',\s*serve(?:Tus)?\(\s*contract\.(\w+)/g),
  ])

  test('that answer requests are the rows of the contract, each by its own name', () => {
    const names = registered.map(([, name]) => name)

    expect(names.toSorted()).toEqual(Object.keys(contract).toSorted())
    expect(registered.map(([, , row]) => row)).toEqual(names)
  })

  test('are all seen by this test', () => {
    const calls = sources.flatMap((source) => [...source.matchAll(/app\.(http|get|post|put|patch|delete)\(/g)])

    expect(calls.length).toBe(registered.length)
  })

  test('that refuse methods are made of the whole contract', () => {
    const source = readFileSync(new URL(refusing, folder), 'utf8')

    expect(source).toContain('of refusingFunctions(routes)')
    expect(source.match(/app\.\w+\(/g)).toEqual(['app.http('])
  })
})
