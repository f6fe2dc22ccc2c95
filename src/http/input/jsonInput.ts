import type { z } from 'zod'
import { errorsBy, type InputErrors, shown } from './inputErrors.js'
import { ILL_FORMED, isWellFormed } from './wellFormed.js'

/** Input as it should be, or what is wrong with it, by the name that the caller knows it by. */
export type Parsed<Value> = { value: Value } | { errors: InputErrors }

/**
 * A JSON text as an object of this schema, read as leniently as the original does: names in any case, the last of
 * several wins, members it does not know are ignored. `parameter` is what the original calls the body in its errors
 * (spec 3.7), `demanded` a member that its reader of JSON insists on.
 */
export function parseJson<Schema extends z.ZodObject>(
  { schema, parameter, demanded }: { schema: Schema; parameter: string; demanded?: string },
  text: string,
): Parsed<z.output<Schema>> {
  const refused = (name: string, message: string) => ({ errors: { [name]: [message], ...required(parameter) } })
  const json = text.trim() === '' ? null : anyJson(text)
  if (json === null) return refused('', 'A JSON object is required in the body.')
  if (json === undefined) return refused('$', 'The body is not JSON.')
  if (typeof json !== 'object' || Array.isArray(json)) return refused('$', 'The body is not a JSON object.')
  const members = withSchemaNames(schema, json)
  if (demanded && !(demanded in members)) return refused('$', `The body must have the member ${demanded}.`)
  const [lossy] = Object.entries(members).find(([, value]) => Object.hasOwn(Object(value), '__proto__')) ?? []
  if (lossy) return { errors: { [pascalCase(lossy)]: [noProto(lossy)] } }
  const illFormed = Object.keys(members).filter((name) => !isWellFormed(members[name]))
  if (illFormed.length > 0) return { errors: errorsBy(illFormed.map((name) => [pascalCase(name), ILL_FORMED])) }
  const parsed = schema.safeParse(members)
  if (parsed.success) return { value: parsed.data }
  return { errors: errorsOf(parsed.error, members, parameter) }
}

/** Of a key that a schema would lose without a word. */
export const noProto = (member: string) => `A key in ${pascalCase(member)} must not be __proto__.`

/** As in the original's reader of JSON. What walks through a value afterwards may then be recursive. */
const MAX_DEPTH = 64

/** The value of a JSON text; undefined when it is none, or nested too deeply. */
export function anyJson(text: string): unknown {
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at)
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Where a string ends that begins at `start`: at the next quotation mark with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

const required = (parameter: string) => ({ [parameter]: [`The ${parameter} field is required.`] })

/** The members under the names that the schema gives them. */
function withSchemaNames(schema: z.ZodObject, json: object): Record<string, unknown> {
  const names = new Map(Object.keys(schema.shape).map((name) => [name.toLowerCase(), name]))
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]) => {
      const known = names.get(name.toLowerCase())
      return known ? [[known, value]] : []
    }),
  )
}

/**
 * All errors, a list for each field. A value of the wrong JSON type is named by its path, as the original's reader of
 * JSON does it.
 */
function errorsOf({ issues }: z.ZodError, members: Record<string, unknown>, parameter: string): InputErrors {
  const hasWrongType = ({ code, path: [member = ''] }: z.core.$ZodIssue) =>
    WRONG_TYPE.includes(code) && (members[String(member)] ?? null) !== null
  const nameOf = (issue: z.core.$ZodIssue) =>
    hasWrongType(issue) ? jsonPath(issue.path) : pascalCase(String(issue.path[0] ?? ''))
  const errors = errorsBy(issues.flatMap((issue) => messagesOf(issue).map((message) => [nameOf(issue), message])))
  return issues.some(hasWrongType) ? { ...errors, ...required(parameter) } : errors
}

/** What an issue says; of a key that is no good, what is wrong with the key. */
export const messagesOf = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message) : [issue.message]

const WRONG_TYPE = ['invalid_type', 'invalid_union']

const jsonPath = (path: PropertyKey[]) =>
  `$${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${shown(String(part))}`)).join('')}`

/** `fileName` as `FileName`. */
export const pascalCase = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1)

/**
 * Route and query parameters as the schema says, with errors under their own names. Names match whatever their case.
 */
export function parseParameters<Schema extends z.ZodObject>(
  schema: Schema,
  values: Record<string, string | undefined>,
): Parsed<z.output<Schema>> {
  const parsed = schema.safeParse(withSchemaNames(schema, values))
  if (parsed.success) return { value: parsed.data }
  return { errors: errorsBy(parsed.error.issues.map(({ path, message }) => [String(path[0]), message])) }
}

/** The parameters of a query. An empty one counts as not given. One that comes twice is refused: which is meant? */
export function parseQuery<Schema extends z.ZodObject>(
  schema: Schema,
  query: URLSearchParams,
): Parsed<z.output<Schema>> {
  const names = [...query.keys()].map((name) => name.toLowerCase())
  const isRepeated = (name: string) => names.indexOf(name.toLowerCase()) !== names.lastIndexOf(name.toLowerCase())
  const repeated = Object.keys(schema.shape).filter(isRepeated)
  const parsed = parseParameters(schema, Object.fromEntries([...query].filter(([, value]) => value !== '')))
  if (repeated.length === 0) return parsed
  const once = errorsBy(repeated.map((name) => [name, `${name} must be given once.`]))
  return { errors: { ...('errors' in parsed && parsed.errors), ...once } }
}
