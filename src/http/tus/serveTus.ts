import type { HttpFunctionOptions, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions'
import { z } from 'zod'
import type { Result } from '../../domain/result.js'
import type { TusCaller, TusRefusal } from '../../usecases/ports/tus.js'
import type { TusResource } from '../contract/operation.js'
import { preflight } from '../gate/cors.js'
import { type Answered, admit, answerAlways, encode, type Gate, refusedKey } from '../gate/gate.js'
import { accessRefusal } from '../gate/securityLog.js'
import { refusedBytes } from '../input/contentCoding.js'
import { fileOf } from '../input/requestBody.js'
import { traceIdOf } from '../problem/problemJson.js'
import { capabilities, TUS_VERSION } from './tusHeaders.js'
import { refusalText, TUS, textAnswer, textEncoder } from './tusRefusals.js'

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
  /** Undefined when the client does not declare it. */
  declaredBytes: number | undefined
}

/** An answer to a TUS request, which has no body. */
export type TusReply = { status: number; headers?: Record<string, string> }

/** What a handler comes to: an answer, a refusal, or what is wrong with a header. */
export type TusHandle = (call: TusCall) => Promise<Result<TusReply, TusRefusal | { wrong: string; status?: number }>>

type Deps = Gate & { traceParent?: () => string | undefined }

/** Makes a function of a TUS resource and what does it. */
export const serveTusWith =
  (deps: Deps) =>
  (resource: TusResource, handle: TusHandle): HttpFunctionOptions => ({
    methods: [...resource.methods],
    route: resource.path,
    authLevel: 'anonymous',
    handler: async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => {
      const traceId = traceIdOf(deps.traceParent?.() ?? context.traceContext?.traceParent)
      const { functionName } = context
      const { status, headers, body } = await answerAlways(
        deps,
        { request, functionName, traceId },
        textEncoder(traceId),
        () => answerTus(deps, resource, handle, request, traceId),
      )
      const hasBody = typeof body === 'string' && request.method !== 'HEAD'
      return { status, headers, ...(hasBody && { body }) }
    },
  })

async function answerTus(
  gate: Deps,
  resource: TusResource,
  handle: TusHandle,
  request: HttpRequest,
  traceId: string,
): Promise<Answered> {
  const { headers } = request
  const allowed = resource.methods.join(', ')
  const early = preflight(gate.corsOrigins, request, allowed) ?? refusedKey(gate, request)
  if (early) return early

  const method = methodOf(request)
  if (!method) return { status: 405, headers: { allow: allowed } }
  // Spec 6.1: without TUS there is no such resource.
  if (method !== 'OPTIONS' && headers.get('tus-resumable') === null) return { status: 404, headers: {} }

  // An expired token may continue the upload that it began (spec 6.8).
  const admitted = await admit(gate, resource, request, { mayBeExpired: method !== 'OPTIONS' })
  if ('refusal' in admitted) return encode(textEncoder(traceId), admitted.refusal)
  if (method === 'OPTIONS') return { status: 204, headers: { ...TUS, ...capabilities } }
  if (headers.get('tus-resumable') !== TUS_VERSION) {
    return textAnswer(412, `This server speaks TUS ${TUS_VERSION}.`, { ...TUS, 'tus-version': TUS_VERSION })
  }

  const fileTransferId = parameter(request, 'fileTransferId')?.toLowerCase()
  if (!fileTransferId || !isGuid(fileTransferId)) return refusalText('FileTransferNotFound')
  const mayHaveBytes = (method === 'PATCH' || method === 'POST') && headers.get('content-length') !== '0'
  const refused = mayHaveBytes ? refusedBytes(headers) : undefined
  if (refused) return textAnswer(refused.status, refused.detail, { ...TUS, ...refused.headers })

  const result = await handle({
    caller: { ...admitted.caller, isExpired: admitted.isExpired },
    method,
    fileTransferId,
    partId: parameter(request, 'partId'),
    headers,
    ...fileOf(request, gate.shutdown),
  })
  if (result.ok) return { status: result.value.status, headers: { ...TUS, ...result.value.headers } }
  const { reason } = result
  if (typeof reason === 'object') return textAnswer(reason.status ?? 400, reason.wrong, TUS)
  return { ...refusalText(reason), ...accessRefusal(reason, admitted.caller) }
}

const isGuid = (text: string) => z.guid().safeParse(text).success

/** A value of the route, whatever the case of its name: the host takes over the spelling of the query. */
const parameter = ({ params }: HttpRequest, name: string): string | undefined =>
  Object.entries(params).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

/** The method, or the one that a POST asks for in its place: not every client can send PATCH. */
function methodOf({ method, headers }: HttpRequest): Method | 'OPTIONS' | undefined {
  const override = method === 'POST' ? headers.get('x-http-method-override') : null
  return METHODS.find((each) => each === (override ?? method).toUpperCase())
}
