import type { HttpFunctionOptions, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions'
import { isOutage, retryAfterSeconds } from '../../domain/outage.js'
import { problems } from '../../domain/problems.js'
import type { Result } from '../../domain/result.js'
import { tusProblems } from '../../domain/tus/problems.js'
import type { Caller } from '../../usecases/ports/access.js'
import type { Log } from '../../usecases/ports/telemetry.js'
import type { TusCaller, TusRefusal } from '../../usecases/ports/tus.js'
import type { TusResource } from '../contract/operation.js'
import { clientAddress } from '../gate/clientAddress.js'
import { corsHeaders, preflight } from '../gate/cors.js'
import type { RateLimit } from '../gate/rateLimit.js'
import { accessRefusal, type SecurityLog, type SecurityRefusal, tokenRefusal } from '../gate/securityLog.js'
import { type KeyCheck, SUBSCRIPTION_KEY } from '../gate/subscriptionKey.js'
import { abortable } from '../input/abortable.js'
import { refusedBytes } from '../input/contentCoding.js'
import { chunksOf } from '../input/requestBody.js'
import { traceIdOf } from '../problem/problemJson.js'
import { retryAfter } from '../problem/retryAfter.js'
import { bearerIn, SECURITY_HEADERS } from '../serving/serve.js'
import { capabilities, TUS_VERSION } from './tusHeaders.js'

const SCOPE = 'altinn:broker.write'
const METHODS = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'] as const
type Method = Exclude<(typeof METHODS)[number], 'OPTIONS'>

/** A request whose caller is known. `fileTransferId` is a GUID; `partId` as it came. */
export type TusCall = {
  caller: TusCaller
  method: Method
  fileTransferId: string
  partId: string | undefined
  headers: { get(name: string): string | null }
  body: AsyncIterable<Uint8Array>
  /** Undefined when the client does not tell. */
  declaredBytes: number | undefined
}

export type TusReply = { status: number; headers?: Record<string, string>; text?: string }

/** What a handler comes to: an answer, a refusal, or what is wrong with a header. */
export type TusHandle = (call: TusCall) => Promise<Result<TusReply, TusRefusal | { wrong: string; status?: number }>>

type Deps = {
  verify: (token: string) => Promise<{ caller: Caller } | { refused: string; expired?: Caller }>
  /** Undefined: refusals are not logged. */
  security?: SecurityLog
  checkKey?: KeyCheck
  rateLimit?: RateLimit | undefined
  corsOrigins?: readonly string[]
  traceParent?: () => string | undefined
  shutdown?: AbortSignal
  log: Log
}

/** A reply, and the refusal that it is, if it is one for the security log. */
type Answered = TusReply & { security?: SecurityRefusal }

const TUS = { 'tus-resumable': TUS_VERSION }
const text = (status: number, detail: string, headers: Record<string, string> = {}): TusReply => ({
  status,
  headers,
  text: detail,
})

/** Makes a function of a TUS resource and what does it. Refusals are texts, not problem documents (spec 6). It answers whatever happens. */
export const serveTusWith =
  (deps: Deps) =>
  (operation: TusResource, handle: TusHandle): HttpFunctionOptions => ({
    methods: [...operation.methods],
    route: operation.path,
    authLevel: 'anonymous',
    handler: async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => {
      const traceId = traceIdOf(deps.traceParent?.() ?? context.traceContext?.traceParent)
      const reply = await answerTo(deps, operation, handle, request).catch((error: unknown): Answered => {
        const isPassing = isOutage(error)
        const { functionName } = context
        deps.log(isPassing ? 'dependency.failed' : 'request.unexpectedFailure', { functionName, traceId, error })
        const wait = retryAfter(retryAfterSeconds(error))
        return isPassing
          ? text(503, 'Something that Broker depends on does not answer. Try again.', { ...TUS, ...wait })
          : text(500, `The request could not be processed. It is in the log as ${traceId}.`, TUS)
      })
      if (reply.security) {
        const token = bearerIn(request.headers.get('authorization'))
        deps.security?.({ ...reply.security, operation: context.functionName, token, traceId })
      }
      const cors = corsHeaders(deps.corsOrigins, request)
      const content = reply.text === undefined ? {} : { 'content-type': 'text/plain; charset=utf-8' }
      const headers = { ...SECURITY_HEADERS, ...cors, ...content, ...reply.headers }
      const hasBody = reply.text !== undefined && request.method !== 'HEAD'
      return { status: reply.status, headers, ...(hasBody && { body: reply.text }) }
    },
  })

async function answerTo(
  deps: Deps,
  operation: TusResource,
  handle: TusHandle,
  request: HttpRequest,
): Promise<Answered> {
  const { headers } = request
  const asked = preflight(deps.corsOrigins, request, operation.methods.join(', '))
  if (asked) return asked
  const refusedKey = deps.checkKey?.(headers.get(SUBSCRIPTION_KEY))
  if (refusedKey) {
    const { status, headers, body } = refusedKey
    return { status, headers, text: String(body), security: { reason: 'subscriptionKey' } }
  }

  const method = methodOf(request)
  if (!method) return { status: 405, headers: { allow: operation.methods.join(', ') } }
  // Spec 6.1: to who does not speak TUS there is nothing here.
  if (method !== 'OPTIONS' && headers.get('tus-resumable') === null) return { status: 404 }

  const caller = await callerOf(deps, headers.get('authorization'), method !== 'OPTIONS')
  if ('status' in caller) return caller
  const wait = deps.rateLimit?.(operation, caller.organization ?? clientAddress(headers))
  if (wait !== undefined) {
    const refused = text(429, `There were too many calls of this kind. Try again in ${wait} s.`, retryAfter(wait))
    return { ...refused, security: { reason: 'rateLimit', caller } }
  }
  if (method === 'OPTIONS') return { status: 204, headers: { ...TUS, ...capabilities } }
  if (headers.get('tus-resumable') !== TUS_VERSION) {
    return text(412, `This server speaks TUS ${TUS_VERSION}.`, { ...TUS, 'tus-version': TUS_VERSION })
  }

  const fileTransferId = parameter(request, 'fileTransferId')?.toLowerCase()
  if (!fileTransferId || !GUID.test(fileTransferId)) return refusalText('FileTransferNotFound')
  const length = headers.get('content-length')
  const mayHaveBytes = (method === 'PATCH' || method === 'POST') && length !== '0'
  const refused = mayHaveBytes ? refusedBytes(headers) : undefined
  if (refused) return text(refused.status, refused.detail, { ...TUS, ...refused.headers })
  const result = await handle({
    ...{ caller, method, fileTransferId, partId: parameter(request, 'partId'), headers },
    body: abortable(deps.shutdown, chunksOf(request.body)),
    declaredBytes: length === null ? undefined : Number(length),
  })
  if (result.ok) return { ...result.value, headers: { ...TUS, ...result.value.headers } }
  const { reason } = result
  return typeof reason === 'string'
    ? { ...refusalText(reason), ...accessRefusal(reason, caller) }
    : text(reason.status ?? 400, reason.wrong, TUS)
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A value of the route, whatever the case of its name: the host takes over the spelling of the query. */
const parameter = ({ params }: HttpRequest, name: string): string | undefined =>
  Object.entries(params).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

/** The method, or the one that a POST asks for in its place: not every client can send PATCH. */
function methodOf({ method, headers }: HttpRequest): Method | 'OPTIONS' | undefined {
  const override = method === 'POST' ? headers.get('x-http-method-override') : null
  return METHODS.find((each) => each === (override ?? method).toUpperCase())
}

/** Who holds the token. One whose time is over is let in to go on with what it began (spec 6.8). */
async function callerOf(
  { verify }: Deps,
  authorization: string | null,
  mayBeExpired: boolean,
): Promise<TusCaller | Answered> {
  const token = bearerIn(authorization)
  if (token === undefined) {
    const refused = text(401, 'Send a token: Authorization: Bearer …', { 'www-authenticate': 'Bearer' })
    return { ...refused, security: tokenRefusal(undefined) }
  }
  const verified = await verify(token)
  const known = 'caller' in verified ? verified.caller : mayBeExpired ? verified.expired : undefined
  if (!known) {
    const refused = 'refused' in verified ? verified.refused : ''
    return { ...invalidToken(refused), security: tokenRefusal(verified) }
  }
  if (!known.scopes.includes(SCOPE)) {
    return { ...text(403, `The token needs the scope ${SCOPE}.`), security: { reason: 'scope', caller: known } }
  }
  return { ...known, isExpired: !('caller' in verified) }
}

const invalidToken = (why: string) =>
  text(401, `The token is no good: ${why}`, { 'www-authenticate': 'Bearer error="invalid_token"' })

/** The texts of Broker's own refusals are those of its problem documents (spec 6.9), without the header of TUS. */
function refusalText(refusal: TusRefusal): TusReply {
  if (refusal === 'TokenExpired') return invalidToken('its time is over, and it has begun no upload that runs.')
  if (refusal in tusProblems) {
    const { status, detail } = tusProblems[refusal as keyof typeof tusProblems]
    return text(status, detail, TUS)
  }
  const { status, detail } = problems[refusal as keyof typeof problems]
  return text(status, detail, status === 503 ? retryAfter() : {})
}
