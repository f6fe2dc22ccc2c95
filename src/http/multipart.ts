import { Busboy, type BusboyFileStream } from '@fastify/busboy'

type Errors = Record<string, string[]>

/** A form whose fields have been read up to its file, or to its end. */
export type Form = {
  /** What came before the file, in the order of the form. */
  fields: [name: string, value: string][]
  /** The bytes of the file. They end well only if the whole form does: a form that breaks off never looks like a whole file. */
  file: AsyncIterable<Uint8Array> | undefined
  /** What is wrong with the form as a whole, as far as it has been read. */
  errors(): Errors | undefined
  /** Says that nobody wants the rest: it runs to waste, as the Functions host demands. */
  close(): void
}

/** The names that a form's file and the fields around it go by, in any case. */
export type FormNames = { metadata: string; file: string }

export const MAX_FORM_BYTES = 2_147_483_647 // spec 3.6, for the whole body
// 1,000 recipients, 10 properties and six more, with some that are passed over.
const MAX_FIELDS = 1100
// 4,096 characters of three bytes each, and room for a longer value to be told what is wrong with it.
const MAX_FIELD_BYTES = 16 * 1024
const MAX_FIELDS_BYTES = 4 * 2 ** 20
const MAX_PARTS = MAX_FIELDS + 100
const MAX_HEADER_BYTES = 8 * 1024

/**
 * Reads a multipart/form-data body (RFC 7578) as far as the file, and hands on the file as it comes: the body is read no faster than the file
 * is. A file is a part with a file name, whatever its content type.
 */
export async function openForm(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  { metadata, file: fileName }: FormNames,
  maxBytes = MAX_FORM_BYTES,
): Promise<Form> {
  const fields: [string, string][] = []
  let fieldsBytes = 0
  let file: BusboyFileStream | undefined
  let errors: Errors | undefined
  let failure: Error | undefined
  let isClosed = false
  let wake = () => {}
  const opened = Promise.withResolvers<void>()

  const fail = (error: Error) => {
    failure ??= error
    file?.destroy(failure)
    wake()
  }
  const refuse = (key: string, message: string) => {
    errors ??= { [key]: [message] }
    fail(new Error(message))
  }
  const close = () => {
    isClosed = true
    wake()
  }
  const formOf = () => ({ fields, file: file && wholeFile(file), errors: () => errors, close })

  const parser = parserOf(contentType)
  if (!parser) {
    refuse('', 'The Content-Type of a form names its boundary: multipart/form-data; boundary=…')
    return formOf()
  }
  parser.on('file', (name, stream) => {
    stream.on('error', () => {}) // told by the end of the form
    if (file || name?.toLowerCase() !== fileName.toLowerCase()) return void stream.resume()
    file = stream
    opened.resolve()
  })
  parser.on('field', (name = '', value, _, isTruncated) => {
    fieldsBytes += name.length + value.length
    if (isTruncated || fieldsBytes > MAX_FIELDS_BYTES) {
      const [longest, all] = [`${MAX_FIELD_BYTES} bytes`, `${MAX_FIELDS_BYTES} together`]
      return refuse(name.slice(0, 100), `A field is at most ${longest}, and all of them ${all}.`)
    }
    if (!file) return void fields.push([name, value])
    if (!name.toLowerCase().startsWith(`${metadata}.`.toLowerCase())) return
    refuse(metadata, `The fields of ${metadata} must come before ${fileName} in the form: ${name} comes after it.`)
  })
  const tooMany = () => refuse('', `A form has at most ${MAX_FIELDS} fields.`)
  parser.on('fieldsLimit', tooMany).on('partsLimit', tooMany).on('error', fail)

  /** Resolves when the parser is ready for more, or there is no use in waiting. */
  const parsed = (begin: (done: () => void) => unknown) =>
    new Promise<void>((resolve) => {
      wake = resolve
      begin(resolve)
    })
  const isOver = () => isClosed || failure !== undefined

  async function parseAll() {
    let length = 0
    for await (const chunk of body) {
      length += chunk.length
      if (length > maxBytes) refuse('', `A form is at most ${maxBytes} bytes. Send larger files to …/upload.`)
      else if (!isOver()) await parsed((done) => parser?.write(chunk, done))
      if (isOver()) return
    }
    await parsed((done) => parser?.once('finish', done).end())
  }
  const ended = parseAll().catch(fail)

  async function* wholeFile(stream: BusboyFileStream) {
    try {
      yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
      await ended
      if (failure) throw failure
    } finally {
      close()
    }
  }

  await Promise.race([opened.promise, ended])
  if (failure && !file) refuse('', `The form breaks off: ${failure.message}.`)
  return formOf()
}

function parserOf(contentType: string) {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      preservePath: true,
      isPartAFile: (_name, _type, fileName) => fileName !== undefined && fileName !== '',
      limits: {
        ...{ fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES, parts: MAX_PARTS },
        ...{ headerSize: MAX_HEADER_BYTES, headerPairs: 32 },
      },
    })
  } catch {
    return undefined
  }
}
