import type { HttpFunctionOptions, HttpRequest, InvocationContext } from '@azure/functions'
import type { z } from 'zod'
import { isOutage, retryAfterSeconds } from '../../domain/outage.js'
import type { Result } from '../../domain/result.js'
import type { Caller } from '../../usecases/ports/access.js'
import type { Log, Measure } from '../../usecases/ports/telemetry.js'
import { isUpload, type Operation } from '../contract/operation.js'
import { clientAddress } from '../gate/clientAddress.js'
import { corsHeaders } from '../gate/cors.js'
import type { RateLimit } from '../gate/rateLimit.js'
import { accessRefusal, type SecurityLog, type SecurityRefusal, tokenRefusal } from '../gate/securityLog.js'
import { type KeyCheck, SUBSCRIPTION_KEY } from '../gate/subscriptionKey.js'
import type { Admit } from '../gate/webhookGuard.js'
import { abortable } from '../input/abortable.js'
import { bodyOf } from '../input/bodyInput.js'
import { refusedBytes } from '../input/contentCoding.js'
import { type Parsed, parseParameters, parseQuery } from '../input/jsonInput.js'
import { isAccepted, isRefusedAtOnce, mediaTypeOf } from '../input/mediaTypes.js'
import { chunksOf } from '../input/requestBody.js'
import {
  type Answer,
  plainProblem,
  problemTypeOf,
  tooManyRequests,
  traceIdOf,
  unexpected,
  validationProblem,
  waitingFor,
} from '../problem/problemJson.js'
import { streamWithBackpressure, takeResponse } from './backpressure.js'
import { answerWith, begunBefore, problemIn, type Refusal, type Reply, refusal } from './reply.js'
import './workerServer.js'

/** What a use case is called with: everything in it has been checked. */
export type Call<O extends Operation> = {
  /** Nobody (all undefined) where the operation is open. */
  caller: Caller
  params: O['params'] extends z.ZodObject ? z.output<O['params']> : undefined
  query: O['query'] extends z.ZodObject ? z.output<O['query']> : undefined
  headers: O['headers'] extends z.ZodObject ? z.output<O['headers']> : undefined
  body: O['body'] extends { schema: infer Schema extends z.ZodObject } ? z.output<Schema> : unknown
  file: { body: AsyncIterable<Uint8Array>; declaredBytes: number | undefined }
  range: string | undefined
  url: URL
}

/** The JSON that the row declares; anything, where it declares none. */
type JsonOf<O extends Operation> = O['success'] extends { json: infer Schema extends z.ZodType }
  ? z.input<Schema>
  : unknown

export type Handle<O extends Operation> = (
  call: Call<O>,
) => Promise<Result<Reply<JsonOf<O>>, Refusal<O['problems'][number]>>>

type Deps = {
  verify: (token: string) => Promise<{ caller: Caller } | { refused: string; expired?: Caller }>
  log: Log
  /** Undefined: files that break off are logged, and not measured. */
  measure?: Measure
  /** The step of a trace that the call is, as a W3C trace parent; undefined: the one that the host names. */
  traceParent?: () => string | undefined
  /** Undefined: refusals are not logged. */
  security?: SecurityLog
  /** Undefined: no key of a gateway is asked for. */
  checkKey?: KeyCheck
  /** Undefined: anyone may call as often as they like. */
  rateLimit?: RateLimit | undefined
  /** Undefined: pages of no other origin may read the answers. */
  corsOrigins?: readonly string[]
  /** Ends the files that are being sent. Undefined: nothing does. */
  shutdown?: AbortSignal
}

/** On every answer (spec 3.2). */
export const SECURITY_HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

/** The token in an `Authorization` header. */
export const bearerIn = (header: string | null): string | undefined => /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]

/** An answer, and the refusal that it is, if it is one for the security log. */
type Answered = Answer & { security?: SecurityRefusal }

const NOBODY: Caller = { organization: undefined, vendor: undefined, scopes: [], claims: {} }

/**
 * Makes a function of a row of the contract and what does it. The function answers whatever happens: in stream mode the Functions host leaves
 * the client waiting when a handler throws or returns nothing.
 */
export const serveWith =
  (deps: Deps) =>
  <O extends Operation>(operation: O, handle: Handle<O>, admit?: Admit): HttpFunctionOptions => ({
    methods: [operation.method],
    route: operation.path,
    authLevel: 'anonymous',
    handler: async (request: HttpRequest, context: InvocationContext) => {
      const response = takeResponse(context.invocationId)
      const traceId = traceIdOf(deps.traceParent?.() ?? context.traceContext?.traceParent)
      const answering: Promise<Answered> = answerTo({ ...deps, admit }, operation, handle, request, traceId)
      const answer = await answering.catch((error: unknown): Answered => {
        const isPassing = isOutage(error)
        const { functionName } = context
        deps.log(isPassing ? 'dependency.failed' : 'request.unexpectedFailure', { functionName, traceId, error })
        const begun = begunBefore(error)
        if (!isPassing) return unexpected(new URL(request.url).pathname, traceId, begun)
        const detail = 'Something that Broker depends on does not answer. Try again.'
        return waitingFor(retryAfterSeconds(error), plainProblem(503, detail, problemTypeOf(operation), traceId, begun))
      })
      const { status, headers, body, security } = answer
      if (security) {
        const token = bearerIn(request.headers.get('authorization'))
        deps.security?.({ ...security, operation: context.functionName, token, traceId })
      }
      const { functionName } = context
      const onFailure = (error: unknown) => {
        deps.log('download.failed', { functionName, traceId, error })
        deps.measure?.('requestTime', 0, { operation: functionName, outcome: 'broken' })
      }
      const streamed =
        typeof body === 'object' ? streamWithBackpressure(body, response, onFailure) : untyped(headers, body)
      const all = { ...SECURITY_HEADERS, ...corsHeaders(deps.corsOrigins, request), ...headers }
      return { status, headers: all, ...(streamed !== undefined && { body: streamed }) }
    },
  })

/** A text without a content type goes as bytes: as a text it would be given one. */
const untyped = (headers: Answer['headers'], text: string | undefined) =>
  text === undefined || 'content-type' in headers ? text : new TextEncoder().encode(text)

// The order is the original's, since it decides which refusal a caller sees (spec 3.1).
async function answerTo<O extends Operation>(
  { verify, checkKey, rateLimit, shutdown, admit }: Deps & { admit: Admit | undefined },
  operation: O,
  handle: Handle<O>,
  request: HttpRequest,
  traceId: string,
): Promise<Answered> {
  const type = problemTypeOf(operation)
  const refusedKey = operation.scopes.length > 0 && checkKey?.(request.headers.get(SUBSCRIPTION_KEY))
  // First of all, as the gateway in front does.
  if (refusedKey) return { ...refusedKey, security: { reason: 'subscriptionKey' } }

  const mediaType = mediaTypeOf(request.headers)
  if (isRefusedAtOnce(operation, mediaType)) return { status: 415, headers: {} }
  if (operation.produces && !isAccepted(request.headers.get('accept'), operation.produces)) {
    return { status: 406, headers: {}, body: `This operation answers ${operation.produces}.` }
  }

  const admission = await admit?.(request)
  if (admission && 'refused' in admission) {
    const refused = challenged(plainProblem(401, admission.refused, type, traceId), 'Bearer')
    return { ...refused, security: { reason: 'webhook' } }
  }
  if (admission && 'answer' in admission) return { ...admission.answer, security: { reason: admission.reason } }
  const answer = await answerAdmitted({ verify, rateLimit, shutdown }, operation, handle, request, traceId, mediaType)
  return admission ? { ...answer, headers: { ...admission.headers, ...answer.headers } } : answer
}

async function answerAdmitted<O extends Operation>(
  { verify, rateLimit, shutdown }: Pick<Deps, 'verify' | 'rateLimit'> & { shutdown: AbortSignal | undefined },
  operation: O,
  handle: Handle<O>,
  request: HttpRequest,
  traceId: string,
  mediaType: string | undefined,
): Promise<Answered> {
  const type = problemTypeOf(operation)
  let caller = NOBODY
  if (operation.scopes.length > 0) {
    const token = bearerIn(request.headers.get('authorization'))
    const verified = token === undefined ? undefined : await verify(token)
    if (!verified || 'refused' in verified) {
      const detail = verified ? `The token is no good: ${verified.refused}` : 'Send a token: Authorization: Bearer …'
      const challenge = verified ? 'Bearer error="invalid_token"' : 'Bearer'
      const refused = challenged(plainProblem(401, detail, type, traceId), challenge)
      return { ...refused, security: tokenRefusal(verified) }
    }
    caller = verified.caller
    if (!operation.scopes.some((scope) => caller.scopes.includes(scope))) {
      const refused = plainProblem(403, `The token needs the scope ${operation.scopes.join(' or ')}.`, type, traceId)
      return { ...refused, security: { reason: 'scope', caller } }
    }
  }

  const wait = rateLimit?.(operation, caller.organization ?? clientAddress(request.headers))
  if (wait !== undefined) {
    return { ...tooManyRequests(wait, type, traceId), security: { reason: 'rateLimit', caller } }
  }

  const refused = isUpload(operation) ? refusedBytes(request.headers) : undefined
  if (refused) return withHeaders(plainProblem(refused.status, refused.detail, type, traceId), refused.headers)

  const url = new URL(request.url)
  const params = parametersOf(operation.params, request.params)
  const query = operation.query ? parseQuery(operation.query, url.searchParams) : { value: undefined }
  const headers = parametersOf(operation.headers, Object.fromEntries(request.headers))
  const body = await bodyOf(operation, request, mediaType)
  if ('status' in body) return withHeaders(plainProblem(body.status, body.detail, type, traceId), body.headers)
  // Not by assignment, which would lose a field named __proto__.
  const errors = Object.fromEntries(
    [params, query, headers, body].flatMap((parsed) => ('errors' in parsed ? Object.entries(parsed.errors) : [])),
  )
  const form = 'form' in body ? body : undefined
  if (Object.keys(errors).length > 0) {
    form?.form.close()
    return validationProblem(errors, type, traceId)
  }

  const length = request.headers.get('content-length')
  const declaredBytes = form || length === null ? undefined : Number(length)
  const called = handle({
    caller,
    params: parsedValue(params),
    query: parsedValue(query),
    headers: parsedValue(headers),
    body: parsedValue(body),
    file: { body: abortable(shutdown, form?.file ?? chunksOf(request.body)), declaredBytes },
    range: request.headers.get('range') ?? undefined,
    url,
  } as unknown as Call<O>) // parsed just now by the schemas that `Call` is inferred from
  const result = await called.finally(() => form?.form.close())
  if (result.ok) return answerWith(operation, result.value)
  const late = form?.form.errors() // of a form whose file was already on its way
  const answer = late
    ? validationProblem(late, type, traceId, begunBefore(result.reason))
    : refusal(result.reason, type, traceId)
  return { ...answer, ...accessRefusal(problemIn(result.reason), caller) }
}

const challenged = (refused: Answer, challenge: string): Answer =>
  withHeaders(refused, { 'www-authenticate': challenge })

const withHeaders = (answer: Answer, headers: Record<string, string> = {}): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
})

const parametersOf = (schema: z.ZodObject | undefined, values: Record<string, string | undefined>): Parsed<unknown> =>
  schema ? parseParameters(schema, values) : { value: undefined }

const parsedValue = (parsed: Parsed<unknown>) => ('value' in parsed ? parsed.value : undefined)
