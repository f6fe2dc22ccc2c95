import type { HttpRequest } from '@azure/functions'
import type { Operation } from '../contract/operation.js'
import type { Encoder } from '../gate/gate.js'
import { type Answer, plainProblem, problemTypeOf, unexpected } from '../problem/problemJson.js'
import { startedTransferIn } from './reply.js'

/** Writes refusals as problem documents (RFC 9457). */
export const problemEncoder = (operation: Operation, request: HttpRequest, traceId: string): Encoder => ({
  refused: ({ status, detail, headers }, error) =>
    withHeaders(plainProblem(status, detail, problemTypeOf(operation), traceId, startedTransferIn(error)), headers),
  failed: (error) => unexpected(new URL(request.url).pathname, traceId, startedTransferIn(error)),
})

const withHeaders = (answer: Answer, headers: Record<string, string> = {}): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
})
