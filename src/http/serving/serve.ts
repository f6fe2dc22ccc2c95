import type { HttpFunctionOptions, HttpRequest, InvocationContext } from '@azure/functions'
import type { z } from 'zod'
import type { Result } from '../../domain/result.js'
import type { Caller } from '../../usecases/ports/access.js'
import type { Measure } from '../../usecases/ports/telemetry.js'
import { isUpload, type Operation } from '../contract/operation.js'
import { type Answered, admit, answerAlways, type Encoder, encode, type Gate, refusedKey } from '../gate/gate.js'
import { accessRefusal } from '../gate/securityLog.js'
import type { Admit } from '../gate/webhookGuard.js'
import { abortable } from '../input/abortable.js'
import { bodyOf } from '../input/bodyInput.js'
import { refusedBytes } from '../input/contentCoding.js'
import { type Parsed, parseParameters, parseQuery } from '../input/jsonInput.js'
import { isAccepted, isUnsupported, mediaTypeOf } from '../input/mediaTypes.js'
import { fileOf } from '../input/requestBody.js'
import { type Answer, problemTypeOf, traceIdOf, validationProblem } from '../problem/problemJson.js'
import { streamWithBackpressure, takeResponse } from './backpressure.js'
import { endingOf } from './endingOf.js'
import { problemEncoder } from './problemEncoder.js'
import { answerWith, problemIn, type Refusal, type Reply, refusal, startedTransferIn } from './reply.js'
import './workerServer.js'

/** What a use case is called with: everything in it has been checked. */
export type Call<O extends Operation> = {
  /** All undefined where the operation is open. */
  caller: Caller
  params: O['params'] extends z.ZodObject ? z.output<O['params']> : undefined
  query: O['query'] extends z.ZodObject ? z.output<O['query']> : undefined
  headers: O['headers'] extends z.ZodObject ? z.output<O['headers']> : undefined
  body: O['body'] extends { schema: infer Schema extends z.ZodObject } ? z.output<Schema> : unknown
  file: { body: AsyncIterable<Uint8Array>; declaredBytes: number | undefined }
  range: string | undefined
  url: URL
  /** Aborts when nobody waits for the answer any more. */
  ending(): AbortSignal
}

/** The JSON that the row declares; anything, where it declares none. */
type JsonOf<O extends Operation> = O['success'] extends { json: infer Schema extends z.ZodType }
  ? z.input<Schema>
  : unknown

/** What an operation does with a call: a reply, or one of the refusals that its row declares. */
export type Handle<O extends Operation> = (
  call: Call<O>,
) => Promise<Result<Reply<JsonOf<O>>, Refusal<O['problems'][number]>>>

type Deps = Gate & {
  /** Undefined: downloads that fail are logged, and not measured. */
  measure?: Measure
  /** The span of the call, as a W3C trace parent; undefined: the one that the host names. */
  traceParent?: () => string | undefined
}

/**
 * Makes a function of a row of the contract and what does it. It always answers: in stream mode the Functions host
 * leaves the client waiting when a handler throws or returns nothing.
 */
export const serveWith =
  (deps: Deps) =>
  <O extends Operation>(operation: O, handle: Handle<O>, admission?: Admit): HttpFunctionOptions => ({
    methods: [operation.method],
    route: operation.path,
    authLevel: 'anonymous',
    handler: async (request: HttpRequest, context: InvocationContext) => {
      const response = takeResponse(context.invocationId)
      const traceId = traceIdOf(deps.traceParent?.() ?? context.traceContext?.traceParent)
      const { functionName } = context
      const encoder = problemEncoder(operation, request, traceId)
      const { status, headers, body } = await answerAlways(deps, { request, functionName, traceId }, encoder, () =>
        answerOperation(
          { ...deps, admission },
          operation,
          (call) => handle({ ...call, ending: () => endingOf(response, deps.shutdown) }),
          request,
          encoder,
          traceId,
        ),
      )
      const onFailure = (error: unknown) => {
        deps.log('download.failed', { functionName, traceId, error })
        deps.measure?.('requestTime', 0, { operation: functionName, outcome: 'broken' })
      }
      const sent = typeof body === 'object' ? streamWithBackpressure(body, response, onFailure) : textOf(headers, body)
      return { status, headers, ...(sent !== undefined && { body: sent }) }
    },
  })

/** A text without a content type is sent as bytes: as a text it would get one. */
const textOf = (headers: Answer['headers'], text: string | undefined) =>
  text === undefined || 'content-type' in headers ? text : new TextEncoder().encode(text)

// The order is the original's, since it decides which refusal a caller sees (spec 3.1).
async function answerOperation<O extends Operation>(
  gate: Gate & { admission: Admit | undefined },
  operation: O,
  handle: Handle<O>,
  request: HttpRequest,
  encoder: Encoder,
  traceId: string,
): Promise<Answered> {
  // First of all, as the gateway in front does.
  const refused = operation.scopes.length > 0 ? refusedKey(gate, request) : undefined
  if (refused) return refused

  if (isUnsupported(operation, mediaTypeOf(request.headers))) return { status: 415, headers: {} }
  if (operation.produces && !isAccepted(request.headers.get('accept'), operation.produces)) {
    return { status: 406, headers: {}, body: `This operation answers ${operation.produces}.` }
  }

  const admission = await gate.admission?.(request)
  if (admission && 'refusal' in admission) return encode(encoder, admission.refusal)
  if (admission && 'answer' in admission) return admission.answer
  const answer = await answerAdmitted(gate, operation, handle, request, encoder, traceId)
  return admission ? { ...answer, headers: { ...admission.headers, ...answer.headers } } : answer
}

async function answerAdmitted<O extends Operation>(
  gate: Gate,
  operation: O,
  handle: Handle<O>,
  request: HttpRequest,
  encoder: Encoder,
  traceId: string,
): Promise<Answered> {
  const type = problemTypeOf(operation)
  const admitted = await admit(gate, operation, request)
  if ('refusal' in admitted) return encode(encoder, admitted.refusal)
  const { caller } = admitted

  const refused = isUpload(operation) ? refusedBytes(request.headers) : undefined
  if (refused) return encode(encoder, refused)

  const url = new URL(request.url)
  const params = parametersOf(operation.params, request.params)
  const query = operation.query ? parseQuery(operation.query, url.searchParams) : { value: undefined }
  const headers = parametersOf(operation.headers, Object.fromEntries(request.headers))
  const body = await bodyOf(operation, request, mediaTypeOf(request.headers))
  if ('status' in body) return encode(encoder, body)
  // Not by assignment, which would lose a field named __proto__.
  const errors = Object.fromEntries(
    [params, query, headers, body].flatMap((parsed) => ('errors' in parsed ? Object.entries(parsed.errors) : [])),
  )
  const form = 'form' in body ? body : undefined
  if (Object.keys(errors).length > 0) {
    form?.form.close()
    return validationProblem(errors, type, traceId)
  }

  const called = handle({
    caller,
    params: parsedValue(params),
    query: parsedValue(query),
    headers: parsedValue(headers),
    body: parsedValue(body),
    file: form
      ? { body: abortable(gate.shutdown, form.file), declaredBytes: undefined }
      : fileOf(request, gate.shutdown),
    range: request.headers.get('range') ?? undefined,
    url,
  } as unknown as Call<O>) // parsed just now by the schemas that `Call` is inferred from
  const result = await called.finally(() => form?.form.close())
  if (result.ok) return answerWith(operation, result.value)
  const errorsAfterFile = form?.form.errors()
  const answer = errorsAfterFile
    ? validationProblem(errorsAfterFile, type, traceId, startedTransferIn(result.reason))
    : refusal(result.reason, type, traceId)
  return { ...answer, ...accessRefusal(problemIn(result.reason), caller) }
}

const parametersOf = (schema: z.ZodObject | undefined, values: Record<string, string | undefined>): Parsed<unknown> =>
  schema ? parseParameters(schema, values) : { value: undefined }

const parsedValue = (parsed: Parsed<unknown>) => ('value' in parsed ? parsed.value : undefined)
