// As much of Kusto as the alerts are written in, to see on rows what they find. What it does not know, it refuses.

export type Row = Record<string, unknown>
type Scope = { row: Row; group: Row[] }
type Expression = (scope: Scope) => unknown

const TOKEN =
  /\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d+[smhd]\b|\d+(?:\.\d+)?|!in\b|!=|==|=~|<=|>=|[-+*/<>=(),.|;]|[\w]+)/y
const MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const OPERATORS: Record<string, [binding: number, of: (a: never, b: never) => unknown]> = {
  or: [1, (a: boolean, b: boolean) => a || b],
  and: [2, (a: boolean, b: boolean) => a && b],
  '==': [3, (a, b) => a === b],
  '!=': [3, (a, b) => a !== b],
  '=~': [3, (a: string, b: string) => a.toLowerCase() === b.toLowerCase()],
  '<': [3, (a: number, b: number) => a < b],
  '<=': [3, (a: number, b: number) => a <= b],
  '>': [3, (a: number, b: number) => a > b],
  '>=': [3, (a: number, b: number) => a >= b],
  in: [3, (a: unknown, list: unknown[]) => list.includes(a)],
  '!in': [3, (a: unknown, list: unknown[]) => !list.includes(a)],
  contains: [3, (a: string, b: string) => a.toLowerCase().includes(b.toLowerCase())],
  has_any: [3, (a: string, words: string[]) => words.some((word) => new RegExp(`\\b${word}\\b`, 'i').test(a))],
  '+': [4, (a: number, b: number) => a + b],
  '-': [4, (a: number, b: number) => a - b],
  '*': [5, (a: number, b: number) => a * b],
  '/': [5, (a: number, b: number) => a / b],
}
const SCALARS: Record<string, (...values: never[]) => unknown> = {
  tostring: (value: unknown) => (value === undefined || value === null ? '' : String(value)),
  parse_json: (text: string) => JSON.parse(text),
  toint: (value: unknown) => (/^-?\d+$/.test(String(value)) ? Number(value) : null),
  iff: (holds: boolean, yes: unknown, no: unknown) => (holds ? yes : no),
  strcat_delim: (delimiter: string, ...values: unknown[]) => values.map((value) => value ?? '').join(delimiter),
}
const total = (values: unknown[]) => (values as number[]).reduce((sum, value) => sum + value, 0)
const AGGREGATES: Record<
  string,
  (group: Row[], each: (expression: Expression | undefined) => unknown[], args: Expression[]) => unknown
> = {
  count: (group) => group.length,
  sum: (_, each, [value]) => total(each(value)),
  sumif: (_, each, [value, condition]) => {
    const holds = each(condition)
    return total(each(value).filter((_, index) => holds[index]))
  },
}

/** What a query gives for these tables at this time. The caller gives only rows in the window of the rule. */
export function run(query: string, tables: Record<string, Row[]>, now: Date): Row[] {
  const tokens = tokensOf(query)
  const known = new Map(Object.entries(tables))
  let at = 0
  const peek = () => tokens[at]
  const next = () => tokens[at++] ?? ''
  const take = (token: string) => {
    if (peek() !== token) throw new Error(`${token} is expected, not ${peek()}, in ${query}`)
    at++
  }
  const takeIf = (token: string) => peek() === token && at++ >= 0

  function listed<Item>(item: () => Item): Item[] {
    const items = [item()]
    while (takeIf(',')) items.push(item())
    return items
  }

  function expression(least = 0): Expression {
    let left = operand()
    for (;;) {
      const [binding, of] = OPERATORS[peek() ?? ''] ?? []
      if (!binding || !of || binding <= least) return left
      const operator = next()
      const [before, after] = [left, ['in', '!in', 'has_any'].includes(operator) ? list() : expression(binding)]
      left = (scope) => of(before(scope) as never, after(scope) as never)
    }
  }

  function list(): Expression {
    take('(')
    const rows = known.get(peek() ?? '')
    const items = rows ? [] : listed(() => expression())
    if (rows) next()
    take(')')
    return (scope) => rows?.flatMap((row) => Object.values(row)) ?? items.map((item) => item(scope))
  }

  function operand(): Expression {
    const token = next()
    if (/^["']/.test(token)) return () => token.slice(1, -1)
    if (/^\d+[smhd]$/.test(token)) return () => Number(token.slice(0, -1)) * (MS[token.slice(-1)] ?? 0)
    if (/^\d/.test(token)) return () => Number(token)
    if (token === '(') {
      const inner = expression()
      take(')')
      return inner
    }
    if (peek() === '(') return call(token)
    const path = [token]
    while (takeIf('.')) path.push(next())
    return ({ row }) => path.reduce<unknown>((value, name) => (value as Row | undefined)?.[name], row)
  }

  function call(name: string): Expression {
    take('(')
    const args = peek() === ')' ? [] : listed(() => expression())
    take(')')
    const [aggregate, scalar] = [AGGREGATES[name], SCALARS[name]]
    if (aggregate) {
      return ({ group }) => aggregate(group, (each) => group.map((row) => each?.({ row, group })), args)
    }
    if (name === 'ago') return (scope) => now.getTime() - Number(args[0]?.(scope))
    if (!scalar) throw new Error(`${name} is not known here.`)
    return (scope) => scalar(...(args.map((arg) => arg(scope)) as never[]))
  }

  function named(): [string, Expression] {
    const isColumn = /^\w+$/.test(peek() ?? '') && !['(', '.', '='].includes(tokens[at + 1] ?? '')
    if (isColumn) return [peek() ?? '', expression()]
    const name = tokens[at + 1] === '=' ? next() : `column${at}`
    takeIf('=')
    return [name, expression()]
  }
  const valuesOf = (columns: [string, Expression][], scope: Scope) =>
    Object.fromEntries(columns.map(([name, value]) => [name, value(scope)]))

  function step(rows: Row[]): Row[] {
    switch (next()) {
      case 'where': {
        const holds = expression()
        return rows.filter((row) => holds({ row, group: [] }))
      }
      case 'extend': {
        const columns = listed(named)
        return rows.map((row) => ({ ...row, ...valuesOf(columns, { row, group: [] }) }))
      }
      case 'distinct': {
        const columns = listed(named)
        return rows.map((row) => valuesOf(columns, { row, group: [] }))
      }
      case 'summarize': {
        const columns = listed(named)
        const keys = takeIf('by') ? listed(named) : []
        const groups = Map.groupBy(rows, (row) => JSON.stringify(valuesOf(keys, { row, group: [] })))
        if (keys.length === 0 && rows.length === 0) groups.set('{}', []) // one row all the same
        return [...groups].map(([key, group]) => ({ ...JSON.parse(key), ...valuesOf(columns, { row: {}, group }) }))
      }
      default:
        throw new Error(`${tokens[at - 1]} is not known here.`)
    }
  }

  function pipeline(): Row[] {
    const table = next()
    let rows = known.get(table)
    if (!rows) throw new Error(`No rows are given for ${table}.`)
    while (takeIf('|')) rows = step(rows)
    return rows
  }

  while (takeIf('let')) {
    const name = next()
    take('=')
    known.set(name, pipeline())
    take(';')
  }
  const result = pipeline()
  if (at < tokens.length) throw new Error(`${peek()} is left over in ${query}`)
  return result
}

function tokensOf(query: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < query.trimEnd().length) {
    const from = TOKEN.lastIndex
    const [, token] = TOKEN.exec(query) ?? []
    if (token === undefined) throw new Error(`What is this? ${query.slice(from)}`)
    tokens.push(token)
  }
  return tokens
}
