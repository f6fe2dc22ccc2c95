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
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return refused('$', 'The body is not JSON.')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return refused('$', 'The body is not a JSON object.')
  const members = withNamesOf(schema, json)
  if (demanded && !(demanded in members)) return refused('$', `The body must have the member ${demanded}.`)
  const parsed = schema.safeParse(members)
  if (parsed.success) return { value: parsed.data }
  return { errors: errorsOf(parsed.error, members, parameter) }
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
    const messages = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message) : [issue.message]
    errors[name] = [...(errors[name] ?? []), ...messages]
    if (isOfWrongType) Object.assign(errors, required(parameter))
  }
  return errors
}

const WRONG_TYPE = ['invalid_type', 'invalid_union']

const jsonPath = (path: PropertyKey[]) =>
  `$${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`

const pascalCase = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1)

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
