import type { HttpRequest } from '@azure/functions'
import type { Operation } from '../contract/operation.js'
import { isCoded, UNCODED } from './contentCoding.js'
import { type FormInput, formInput } from './formInput.js'
import { anyJson, type Parsed, parseJson } from './jsonInput.js'
import { NOT_UTF8, TOO_LONG, textOf } from './requestBody.js'

const DEFAULT_MAX_JSON_BYTES = 256 * 2 ** 10

/** The longest JSON body that an operation reads. */
export const maxJsonBytes = ({ maxJsonBytes = DEFAULT_MAX_JSON_BYTES }: Operation): number => maxJsonBytes

/** The body of a request as its operation takes it, or what is wrong with it. The bytes of a file are not touched. */
export async function bodyOf(
  operation: Operation,
  request: HttpRequest,
  mediaType: string | undefined,
): Promise<
  Parsed<unknown> | FormInput<unknown> | { status: number; detail: string; headers?: Record<string, string> }
> {
  const { body } = operation
  if (body === undefined || body === 'file') return { value: undefined }
  if (typeof body === 'object' && 'form' in body) return formInput(body, request.headers, request.body)
  const refused = refusedJson(operation, request, mediaType)
  const isOptional = typeof body === 'object' && body.isOptional
  if (refused && !isOptional) return refused
  const maxBytes = maxJsonBytes(operation)
  const isDeclaredTooLong = Number(request.headers.get('content-length') ?? 0) > maxBytes
  const text = isDeclaredTooLong ? TOO_LONG : await textOf(request.body, maxBytes)
  const isNone = typeof text === 'string' && ['', 'null'].includes(text.trim())
  if (isOptional && isNone) return { value: body.schema.parse({}) }
  if (refused) return refused
  if (text === TOO_LONG) return { status: 413, detail: `The body is at most ${maxBytes} bytes.` }
  if (text === NOT_UTF8) return { errors: { $: ['The body is not text in UTF-8.'] } }
  return body === 'json' ? { value: anyJson(text) } : parseJson(body, text)
}

/** Why a body that is to be JSON is refused before it is read. */
function refusedJson({ body, consumes }: Operation, { headers }: HttpRequest, mediaType: string | undefined) {
  const mayBeUndeclared = body === 'json' && consumes !== undefined && mediaType === undefined
  if (!mayBeUndeclared && !/^(application|text)\/json$|^application\/[^/]+\+json$/.test(mediaType ?? '')) {
    return { status: 415, detail: 'The body must be JSON, and its Content-Type application/json.' }
  }
  if (!isCoded(headers)) return undefined
  return { status: 415, detail: 'The body must be JSON as it is, without a Content-Encoding.', headers: UNCODED }
}
