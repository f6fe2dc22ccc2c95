import type { z } from 'zod'

/** Input as it should be, or what is wrong with it, by the name that the caller knows it by. */
export type Parsed<Value> = { value: Value } | { errors: Record<string, string[]> }

/**
 * A JSON text as an object of this schema, read as leniently as the original does: names in any case, the last of several wins, members it
 * does not know are passed over. `parameter` is what the original calls the body in its errors (spec 3.7), `demanded` a member that its
 * reader of JSON insists on.
 */
export function parseJson<Schema extends z.ZodObject>(
  { schema, parameter, demanded }: { schema: Schema; parameter: string; demanded?: string },
  text: string,
): Parsed<z.output<Schema>> {
  const refused = (name: string, message: string) => ({ errors: { [name]: [message], ...required(parameter) } })
  if (text.trim() === '') return refused('', 'A JSON object is required in the body.')
  const json = anyJson(text)
  if (json === undefined) return refused('$', 'The body is not JSON.')
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refused('$', 'The body is not a JSON object.')
  const members = withNamesOf(schema, json)
  if (demanded && !(demanded in members)) return refused('$', `The body must have the member ${demanded}.`)
  // A schema would lose it without a word.
  const [lossy] = Object.entries(members).find(([, value]) => Object.hasOwn(Object(value), '__proto__')) ?? []
  if (lossy) return { errors: { [pascalCase(lossy)]: [`A key in ${pascalCase(lossy)} must not be __proto__.`] } }
  const parsed = schema.safeParse(members)
  if (parsed.success) return { value: parsed.data }
  return { errors: errorsOf(parsed.error, members, parameter) }
}

/** The value of a JSON text; undefined when it is none. */
export function anyJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const required = (parameter: string) => ({ [parameter]: [`The ${parameter} field is required.`] })

/** The members under the names that the schema gives them. */
function withNamesOf(schema: z.ZodObject, json: object): Record<string, unknown> {
  const names = new Map(Object.keys(schema.shape).map((name) => [name.toLowerCase(), name]))
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]) => {
      const known = names.get(name.toLowerCase())
      return known ? [[known, value]] : []
    }),
  )
}

/** All that is wrong, a list for each field. A value of the wrong JSON type is told by its path, as the original's reader of JSON does it. */
function errorsOf(error: z.ZodError, members: Record<string, unknown>, parameter: string): Record<string, string[]> {
  const errors: Record<string, string[]> = {}
  for (const issue of error.issues) {
    const [member = '', ...inside] = issue.path
    const isOfWrongType = WRONG_TYPE.includes(issue.code) && (members[String(member)] ?? null) !== null
    const name = isOfWrongType ? jsonPath([member, ...inside]) : pascalCase(String(member))
    errors[name] = [...(errors[name] ?? []), ...messagesOf(issue)]
    if (isOfWrongType) Object.assign(errors, required(parameter))
  }
  return errors
}

/** What an issue says; of a key that is no good, what is wrong with the key. */
export const messagesOf = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message) : [issue.message]

const WRONG_TYPE = ['invalid_type', 'invalid_union']

const jsonPath = (path: PropertyKey[]) =>
  `$${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`

/** `fileName` as `FileName`. */
export const pascalCase = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1)

/** Route and query parameters as the schema says, with errors under their own names. Names match whatever their case. */
export function parseParameters<Schema extends z.ZodObject>(
  schema: Schema,
  values: Record<string, string | undefined>,
): Parsed<z.output<Schema>> {
  const parsed = schema.safeParse(withNamesOf(schema, values))
  if (parsed.success) return { value: parsed.data }
  const errors: Record<string, string[]> = {}
  for (const { path, message } of parsed.error.issues) {
    const name = String(path[0])
    errors[name] = [...(errors[name] ?? []), message]
  }
  return { errors }
}
