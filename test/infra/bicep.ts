import { readFileSync } from 'node:fs'
import { type Node, parse } from '../../tools/bicep-check/parse.mjs'

// As much of Bicep's meaning as its templates must be compared by. What only Azure knows is `LATER`.

export const LATER = 'https://known-later.example/'
export type Value = string | boolean | Value[] | { [key: string]: Value }
type Known = Record<string, Value>

export const root = new URL('../../', import.meta.url)
export const textOf = (path: string) => readFileSync(new URL(path, root), 'utf8')

export type Template = ReturnType<typeof template>

/** A template, or a file of parameters, with these values for some of its names. */
export function template(path: string, given: Known = {}) {
  const source = textOf(path)
  const { statements, errors } = parse(source)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const named = new Map(statements.map((statement) => [statement.name, statement]))
  const text = ({ start, end }: Node) => source.slice(Number(start), Number(end))

  function value(node: Node | undefined, known: Known): Value {
    switch (node?.node) {
      case 'string':
        if (node.value === undefined) return text(node).slice(1, -1)
        return String(node.value)
      case 'paren':
        return value(node.inner as Node, known)
      case 'bool':
        return node.value === 'true' || (node.value as unknown) === true
      case 'int':
        return String(node.value)
      case 'array':
        return (node.items ?? []).map((item) => value(item, known))
      case 'object':
        return Object.fromEntries(
          (node.items ?? [])
            .filter(({ key }) => key !== undefined)
            .map(({ key, value: of }) => [key, value(of as Node, known)]),
        )
      case 'ternary':
        return value(node.sides?.[value(node.condition as Node, known) === true ? 0 : 1], known)
      case 'id':
        return byName(String(node.name), known)
      case 'call':
        return called(node, known)
      default:
        return LATER
    }
  }

  function byName(name: string, known: Known): Value {
    const found = known[name] ?? given[name]
    if (found !== undefined) return found
    const statement = named.get(name)
    return statement?.kind === 'var' || statement?.kind === 'param' ? value(statement.value as Node, known) : LATER
  }

  function called({ callee, args = [] }: Node, known: Known): Value {
    const [first, second, third] = args.map((arg) => value(arg, known))
    switch ((callee as Node).name) {
      case 'padLeft':
        return String(first).padStart(Number(second), String(third))
      case 'join':
        return (first as Value[]).join(String(second))
      case 'readEnvironmentVariable':
        return second ?? 'given'
      case 'empty':
        return first === ''
      default:
        return LATER
    }
  }

  return {
    source,
    text,
    /** The value of a variable, or of a parameter in a file of parameters. */
    get: (name: string) => byName(name, {}),
    /** The resources of a type; one for each turn of a loop. */
    resources: (type: string) =>
      statements
        .filter(
          ({ kind, path: at, existing }) => kind === 'resource' && !existing && text(at as Node).includes(`${type}@`),
        )
        .flatMap(({ name, body }) => turns(body as Node).map((turn) => ({ symbol: String(name), ...turn }))),
  }

  function turns(body: Node): { body: Node; value: Value; turn?: string }[] {
    if (body.node === 'if') return turns(body.body as Node)
    if (body.node !== 'for') return [{ body, value: value(body, {}) }]
    const [name = ''] = body.names as string[]
    const list = (body.over as Node).node === 'array' ? ((body.over as Node).items ?? []) : []
    const inner = (body.body as Node).node === 'if' ? ((body.body as Node).body as Node) : (body.body as Node)
    return list.map((item) => {
      const each = value(item, {})
      return { body: inner, value: value(inner, { [name]: each }), turn: text(item) }
    })
  }
}
