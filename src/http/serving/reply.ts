import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { Problem } from '../../domain/problems.js'
import type { ByteSource } from '../../usecases/ports/blobs.js'
import type { Operation } from '../contract/operation.js'
import { type Answer, type ProblemType, problemAnswer, validationProblem } from '../problem/problemJson.js'

/** What a call comes to: JSON, text, or bytes, which are closed when they are sent; with headers of its own. */
export type Reply<Json = unknown> = {
  status?: number
  headers?: Record<string, string>
  json?: Json
  text?: string
  bytes?: ByteSource
}

/** Bytes that hold nothing open before they are read. */
export const generated = (bytes: AsyncGenerator<Uint8Array>): ByteSource => ({
  bytes,
  close: () => void bytes.return(undefined).catch(() => {}),
})

/**
 * A problem, with headers and members of its own, what to add to its detail, and the id of the transfer that the same
 * request started. Or errors in the input.
 */
export type Refusal<P extends Problem> =
  | P
  | {
      problem: P
      headers?: Record<string, string>
      detail?: string
      members?: Record<string, string>
      fileTransferId?: FileTransferId
    }
  | { errors: Record<string, string[]> }

/** The problem in a refusal; undefined: it is errors in the input. */
export const problemIn = (reason: Refusal<Problem>): Problem | undefined =>
  typeof reason === 'string' ? reason : 'errors' in reason ? undefined : reason.problem

/** The answer to what a use case refused. */
export function refusal(reason: Refusal<Problem>, type: ProblemType, traceId: string): Answer {
  if (typeof reason === 'string') return problemAnswer(reason, type, traceId)
  if ('errors' in reason) return validationProblem(reason.errors, type, traceId)
  const answer = problemAnswer(reason.problem, type, traceId, reason.fileTransferId, reason)
  return { ...answer, headers: { ...answer.headers, ...reason.headers } }
}

/** The answer to what a use case came to. */
export function answerWith(
  { success }: Operation,
  { status = success.status, headers = {}, json, text, bytes }: Reply,
): Answer {
  if (json !== undefined) {
    return {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: JSON.stringify(json),
    }
  }
  const plain = { 'content-type': 'text/plain; charset=utf-8' }
  if (text !== undefined) return { status, headers: { ...plain, ...headers }, body: text }
  return { status, headers, ...(bytes && { body: bytes }) }
}

/** The file transfer that the same request started, before it was refused or failed. */
export const startedTransferIn = (reason: unknown): FileTransferId | undefined =>
  typeof reason === 'object' && reason !== null && 'fileTransferId' in reason
    ? String(reason.fileTransferId)
    : undefined
