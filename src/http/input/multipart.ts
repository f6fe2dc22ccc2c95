import { shown } from './inputErrors.js'
import { boundaryIn, type FormPart, parseMultipart } from './parseMultipart.js'

type Errors = Record<string, string[]>
type Field = [name: string, value: string]
type Fields = Field[]

/** A form whose fields have been read up to its file, or to its end. */
export type Form = {
  /** What came before the file, or around a small one, in the order of the form. */
  fields: Fields
  /**
   * The bytes of the file. They end well only if the whole form does: a form that breaks off never looks like a whole
   * file.
   */
  file: AsyncIterable<Uint8Array> | undefined
  /** A file came before the fields were complete, and is too large to be kept until they are. */
  isFileEarly: boolean
  /** What is wrong with the form as a whole, as far as it has been read. */
  errors(): Errors | undefined
  /** Discards the rest, which the Functions host wants read. */
  close(): void
}

/** The names that a form's file and the fields around it go by, in any case. */
export type FormNames = { metadata: string; file: string }

type Limits = {
  /** Whether these fields are all that is needed to take the file as it comes. */
  isComplete?: (fields: Fields) => boolean
  maxBytes?: number
}

/** The longest form, file and all (spec 3.6). */
export const MAX_FORM_BYTES = 2_147_483_647
/** A file up to this size may come before its metadata. */
const MAX_EARLY_FILE_BYTES = 8 * 2 ** 20
// 1,000 recipients, 10 properties and six more, with some that are ignored.
const MAX_FIELDS = 1100
// 4,096 characters of three bytes each, and room for an error about a longer value.
const MAX_FIELD_BYTES = 16 * 1024
const MAX_FIELDS_BYTES = 4 * 2 ** 20
const MAX_PARTS = MAX_FIELDS + 100

/**
 * Reads a multipart/form-data body (RFC 7578) as far as the file, and streams the file: the body is read no faster than
 * the file is. A small file that comes before its metadata is kept, and the form read to its end. A file is a part with
 * a file name, whatever its content type.
 */
export async function openForm(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  names: FormNames,
  { isComplete = () => true, maxBytes = MAX_FORM_BYTES }: Limits = {},
): Promise<Form> {
  const fields: Fields = []
  let kept: Buffer | undefined
  let isFileEarly = false
  let errors: Errors | undefined

  /** The form up to its file, which begins with nothing; then the bytes of that, and the rest of the form. */
  async function* readForm(): AsyncGenerator<Uint8Array> {
    const readField = fieldReader()
    let isStreamed = false
    for await (const part of partsOf(contentType, limitBytes(body, maxBytes))) {
      if (!part.fileName) {
        const field = await readField(part)
        if (isStreamed) refuseFieldAfterFile(field, names)
        else fields.push(field)
      } else if (!isStreamed && !kept && part.name.toLowerCase() === names.file.toLowerCase()) {
        isStreamed = isComplete(fields)
        if (isStreamed) yield* withEmptyFirstChunk(part.content)
        else kept = await readAtMost(MAX_EARLY_FILE_BYTES, part.content)
        isFileEarly = !isStreamed && !kept
        if (isFileEarly) return
      }
    }
  }

  async function* readWithErrors() {
    try {
      yield* readForm()
    } catch (error) {
      errors = errorsIn(error)
      throw error
    }
  }

  const streamed = readWithErrors()
  const isStreamed = await streamed.next().then(
    ({ done }) => !done,
    () => false,
  )
  return {
    fields,
    isFileEarly,
    errors: () => errors,
    file: isStreamed ? streamed : kept && ReadableStream.from([kept]),
    close: () => void streamed.return(undefined).catch(() => {}),
  }
}

/** What is wrong, by the name of the field if it is one. */
const refusal = (field: string, message: string) => Object.assign(new Error(message), { field })
const errorsIn = (error: unknown): Errors => {
  const { field = '', message } = error as Partial<ReturnType<typeof refusal>>
  return { [field]: [String(message)] }
}

async function* partsOf(contentType: string, body: AsyncIterable<Uint8Array>) {
  const boundary = boundaryIn(contentType)
  if (boundary === undefined) {
    throw refusal('', 'The Content-Type of a form names its boundary: multipart/form-data; boundary=…')
  }
  let partCount = 0
  let fieldCount = 0
  for await (const part of parseMultipart(boundary, body)) {
    if (!part.fileName) fieldCount++
    if (++partCount > MAX_PARTS || fieldCount > MAX_FIELDS) {
      throw refusal('', `A form has at most ${MAX_FIELDS} fields.`)
    }
    yield part
  }
}

async function* limitBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let length = 0
  try {
    for await (const chunk of body) {
      length += chunk.length
      if (length > maxBytes) break
      yield chunk
    }
  } catch (cause) {
    throw new Error('The form breaks off.', { cause })
  }
  if (length > maxBytes) throw refusal('', `A form is at most ${maxBytes} bytes. Send larger files to …/upload.`)
}

/** Reads fields, one after the other, that are not too long, each and together. */
function fieldReader() {
  let length = 0
  return async ({ name, charset, content }: FormPart): Promise<Field> => {
    const bytes = await readAtMost(MAX_FIELD_BYTES, content)
    length += name.length + (bytes?.length ?? 0)
    if (bytes && length <= MAX_FIELDS_BYTES) return [name, textIn(bytes, charset)]
    const [longest, all] = [`${MAX_FIELD_BYTES} bytes`, `${MAX_FIELDS_BYTES} together`]
    throw refusal(shown(name), `A field is at most ${longest}, and all of them ${all}.`)
  }
}

/** A field of the metadata that comes after the file would change what has begun already. */
function refuseFieldAfterFile([name]: Field, { metadata, file }: FormNames) {
  if (!name.toLowerCase().startsWith(`${metadata}.`.toLowerCase())) return
  throw refusal(
    metadata,
    `The fields of ${metadata} must come before ${file} in the form: ${shown(name)} comes after it.`,
  )
}

async function* withEmptyFirstChunk(bytes: AsyncIterable<Uint8Array>) {
  yield new Uint8Array()
  yield* bytes
}

/** All of the bytes; undefined when they are more than `maxBytes`. */
async function readAtMost(maxBytes: number, content: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content) {
    length += chunk.length
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** In UTF-8, unless the field declares another charset that is known. */
function textIn(bytes: Uint8Array, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(bytes)
  } catch {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  }
}
