import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

// The arithmetic of the cost page is computed again: numbers with × / + ( ), units in letters, and M for a million.

const page = readFileSync('docs/operations/cost.md', 'utf8')
const decision = readFileSync('docs/decisions/0037-function-groups.md', 'utf8')

const rows = page
  .split('\n')
  .filter((line) => /^\|.*\|$/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('*', '').trim()),
  )
/** The rows of tables that end with a number, with the arithmetic and what it comes to. */
const parts = rows
  .filter((cells) => cells.length === 3 && /^[\d,]+$/.test(cells[2] ?? ''))
  .map(([part = '', arithmetic = '', result = '']) => ({ part, arithmetic, result: numberOf(result) }))
const sums = parts.filter(({ arithmetic }) => arithmetic !== '')
/** A row without arithmetic is the total of those above it, from the total before on. */
const totals = parts.flatMap(({ part, arithmetic, result }, index) => {
  if (arithmetic !== '') return []
  const first = 1 + parts.findLastIndex((each, before) => before < index && each.arithmetic === '')
  return { part, total: result, added: parts.slice(first, index).reduce((sum, each) => sum + each.result, 0) }
})
const equations = [
  ...`${page}\n${decision}`.matchAll(/([\d(](?:[^|=\n.`:*]|\.\d)*[×+/](?:[^|=\n.`:*]|\.\d)*) = ([\d,.]*\d)/g),
].map(([, arithmetic = '', result = '']) => ({ arithmetic, result: numberOf(result) }))

function numberOf(text: string): number {
  return Number(text.replaceAll(',', ''))
}

/** What the arithmetic comes to. @throws when it is none. */
function computed(arithmetic: string): number {
  const tokens = arithmetic.replaceAll(',', '').match(/[\d.]+|[×/+()]|\bM\b/g) ?? []
  const peek = () => tokens[0]
  const factor = (): number => {
    const token = tokens.shift()
    if (token === 'M') return 1_000_000
    const value = token === '(' ? sum() : Number(token)
    if (token === '(') tokens.shift()
    return peek() === 'M' ? value * factor() : value
  }
  const product = (): number => {
    let value = factor()
    while (peek() === '×' || peek() === '/') value = tokens.shift() === '×' ? value * factor() : value / factor()
    return value
  }
  const sum = (): number => {
    let value = product()
    while (peek() === '+') {
      tokens.shift()
      value += product()
    }
    return value
  }
  const value = sum()
  if (Number.isNaN(value) || tokens.length > 0) throw new Error(`This is no arithmetic: ${arithmetic}`)
  return value
}

describe('the cost page', () => {
  test('has a table of costs, and equations', () => {
    expect(sums.length).toBeGreaterThan(10)
    expect(totals.length).toBeGreaterThan(1)
    expect(equations.length).toBeGreaterThan(2)
  })

  test.each(sums)('computes $part', ({ arithmetic, result }) => {
    expect(Math.round(computed(arithmetic))).toBe(result)
  })

  test.each(equations)('computes $arithmetic = $result', ({ arithmetic, result }) => {
    expect(Math.round(computed(arithmetic))).toBe(Math.round(result))
  })

  test.each(totals)('adds up: $part', ({ total, added }) => {
    expect(added).toBe(total)
  })

  test('counts the function groups that there are', () => {
    const source = globSync('src/functions/*/*.ts').map((file) => readFileSync(file, 'utf8'))
    const others = source.join('\n').match(/\bapp\.(timer|serviceBus\w+)\(/g) ?? []
    const groupsOn = (text: string) =>
      [...text.matchAll(/\b(\d+) groups × 2 instances/g)].map(([, groups]) => Number(groups))

    expect(groupsOn(page)).toEqual([1 + others.length])
    expect(groupsOn(decision)).toContain(1 + others.length)
  })
})
