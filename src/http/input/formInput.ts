import type { z } from 'zod'
import { errorsBy, type InputErrors, shown } from './inputErrors.js'
import { messagesOf, noProto, type Parsed, pascalCase } from './jsonInput.js'
import { type Form, type FormNames, MAX_FORM_BYTES, openForm } from './multipart.js'
import { type Body, chunksOf } from './requestBody.js'
import { ILL_FORMED } from './wellFormed.js'

/** What a form holds, checked: its fields, and the file that comes after them. */
export type FormInput<Value> = { value: Value; file: AsyncIterable<Uint8Array>; form: Form }

/**
 * Reads a form up to its file, with fields checked by the schema, or returns all errors in it. The caller closes the
 * form.
 */
export async function formInput<Schema extends z.ZodObject>(
  { schema, form: names }: { schema: Schema; form: FormNames },
  headers: { get(name: string): string | null },
  body: Body,
): Promise<FormInput<z.output<Schema>> | { errors: InputErrors }> {
  if (Number(headers.get('content-length') ?? 0) > MAX_FORM_BYTES) {
    return { errors: { '': [`A form is at most ${MAX_FORM_BYTES} bytes. Send larger files to …/upload.`] } }
  }
  const isComplete = (fields: Form['fields']) => 'value' in parseFields({ schema, form: names }, fields, false)
  const form = await openForm(headers.get('content-type') ?? '', chunksOf(body), names, { isComplete })
  const { file, isFileEarly } = form
  const fields = parseFields({ schema, form: names }, form.fields, isFileEarly)
  const errors = form.errors() ?? {
    ...('errors' in fields && fields.errors),
    ...(!file && !isFileEarly && { [names.file]: [`The ${names.file} field is required: a part with a file name.`] }),
  }
  if (file && 'value' in fields && Object.keys(errors).length === 0) return { value: fields.value, file, form }
  form.close()
  return { errors }
}

/**
 * The fields of a form as an object of the schema (spec 4.3): names in any case, empty values are null, the first of
 * several counts. What is missing may come after a file that is too large to be kept, which is not read: `isFileEarly`
 * adds that to its message.
 */
export function parseFields<Schema extends z.ZodObject>(
  { schema, form: { metadata, file } }: { schema: Schema; form: FormNames },
  fields: [name: string, value: string][],
  isFileEarly: boolean,
): Parsed<z.output<Schema>> {
  const advice = isFileEarly
    ? [`All of ${metadata} comes before ${file} in the form, unless the file is at most 8 MiB.`]
    : []
  const names = new Map(Object.keys(schema.shape).map((name) => [name.toLowerCase(), name]))
  const found = new Map<string, Found[]>()
  const wrong: [name: string, message: string][] = []
  for (const [fullName, text] of fields) {
    const ownName = withoutPrefix(fullName, metadata)
    const [, name = '', key] = NAME.exec(ownName ?? '') ?? []
    const member = names.get((name || (/^\w+/.exec(ownName ?? '')?.[0] ?? '')).toLowerCase())
    if (!member) continue
    if (!isClear(member, name, key)) wrong.push([fullName, `${shown(fullName)} is not a field of this form.`])
    if (!isReadable(fullName + text)) wrong.push([fullName, ILL_FORMED])
    const bareKey = key?.replace(/^\.|^\[|\]$/g, '')
    if (bareKey === '__proto__') wrong.push([fullName, noProto(member)])
    const all = found.get(member) ?? []
    all.push({ key: bareKey, value: text || null })
    found.set(member, all)
  }
  if (wrong.length > 0) return { errors: errorsBy(wrong) }
  if (found.size === 0) return { errors: { [metadata]: [`The ${metadata} field is required.`, ...advice] } }
  const members = Object.fromEntries([...found].map(([member, all]) => [member, valueIn(member, all)]))
  const parsed = schema.safeParse(members)
  if (parsed.success) return { value: parsed.data }
  const messages = parsed.error.issues.flatMap((issue): [string, string][] => {
    const member = String(issue.path[0])
    const all = [...messagesOf(issue), ...(found.has(member) ? [] : advice)]
    return all.map((message) => [`${metadata}.${pascalCase(member)}`, message])
  })
  return { errors: errorsBy(messages) }
}

const LISTS = ['recipients', 'reminders']

/** A field for a member in an unknown form is refused: ignored, its value would be lost. */
function isClear(member: string, name: string, key: string | undefined): boolean {
  if (name === '') return false
  if (member === 'propertyList') return key !== undefined && !/\]\./.test(key)
  return key === undefined || (LISTS.includes(member) && /^\[\d*\]$/.test(key))
}

/** Bytes that are not UTF-8 have become U+FFFD when the form was read: no value has that on purpose. */
const isReadable = (text: string) => text.isWellFormed() && !text.includes('\ufffd')

type Found = { key: string | undefined; value: string | null }

/** `Name`, `Name[key]` or `Name.key`. */
const NAME = /^(\w+)(\[[^\]]*\]|\..+)?$/s

const withoutPrefix = (name: string, metadata: string) =>
  name.toLowerCase().startsWith(`${metadata}.`.toLowerCase()) ? name.slice(metadata.length + 1) : undefined

function valueIn(member: string, found: Found[]): unknown {
  switch (member) {
    case 'reminders': // one empty field is an empty list
      return inOrder(found).flatMap(({ value }) => value ?? [])
    case 'recipients':
      return inOrder(found).map(({ value }) => value)
    case 'propertyList':
      return Object.fromEntries(found.toReversed().map(({ key = '', value }) => [key, value]))
    case 'disableVirusScan':
      return flagOf(found[0]?.value ?? null)
    default:
      return found[0]?.value
  }
}

/** Those without a number as they come, then the others by number. */
const inOrder = (found: Found[]) => found.toSorted((one, other) => Number(one.key || -1) - Number(other.key || -1))

function flagOf(value: string | null): boolean | string | null {
  const text = value?.trim().toLowerCase()
  return text === 'true' || text === 'false' ? text === 'true' : value
}
