import { randomBytes } from 'node:crypto'
import { parseTraceParent } from '@opentelemetry/core'
import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import { type Problem, problems } from '../../domain/problems.js'
import type { ByteSource } from '../../usecases/ports/blobs.js'
import type { Operation } from '../contract/operation.js'
import { retryAfter } from './retryAfter.js'

/** An answer before it is sent. */
export type Answer = { status: number; headers: Record<string, string>; body?: string | ByteSource }

// The section that defines each status, of RFC 9110 if no other is named, and its reason phrase (spec 3.7).
const STATUSES: Record<number, { rfc?: string; section: string; title: string }> = {
  400: { section: '15.5.1', title: 'Bad Request' },
  401: { section: '15.5.2', title: 'Unauthorized' },
  403: { section: '15.5.4', title: 'Forbidden' },
  404: { section: '15.5.5', title: 'Not Found' },
  409: { section: '15.5.10', title: 'Conflict' },
  410: { section: '15.5.11', title: 'Gone' },
  413: { section: '15.5.14', title: 'Content Too Large' },
  415: { section: '15.5.16', title: 'Unsupported Media Type' },
  416: { section: '15.5.17', title: 'Range Not Satisfiable' },
  429: { rfc: 'rfc6585', section: '4', title: 'Too Many Requests' },
  500: { section: '15.6.1', title: 'Internal Server Error' },
  501: { section: '15.6.2', title: 'Not Implemented' },
  502: { section: '15.6.3', title: 'Bad Gateway' },
  503: { section: '15.6.4', title: 'Service Unavailable' },
}

/** The members of a problem document that follow from the status. @throws for a status that is not in the table. */
function statusMembers(status: number) {
  const known = STATUSES[status]
  if (!known) throw new Error(`No problem document has the status ${status}.`)
  const { rfc = 'rfc9110', section, title } = known
  return { type: `https://tools.ietf.org/html/${rfc}#section-${section}`, title, status }
}

/** The media type of a problem document. */
export type ProblemType = 'application/json' | 'application/problem+json'

/**
 * How an operation labels its problem documents: one that answers JSON says `application/json` (spec 3.7), any other by
 * RFC 9457.
 */
export const problemTypeOf = ({ produces }: Operation): ProblemType =>
  produces === 'application/json' ? produces : 'application/problem+json'

const answer = (status: number, type: ProblemType, document: object): Answer => ({
  status,
  headers: {
    'content-type': `${type}; charset=utf-8`,
    ...(status === 503 && retryAfter()),
  },
  body: JSON.stringify(document),
})

/** Names the transfer that the same request started, so that its file can still be sent. */
const withFileTransferId = (detail: string, fileTransferId: FileTransferId | undefined, canRetry = true) => {
  if (fileTransferId === undefined) return { detail }
  if (!canRetry) return { detail, fileTransferId }
  const upload = `/broker/api/v1/filetransfer/${fileTransferId}/upload`
  const advice = `The file transfer ${fileTransferId} is there: as long as it waits for a file, upload it to ${upload}.`
  return { detail: [detail, advice].join(' ').trim(), fileTransferId }
}

/**
 * The problem as a document of RFC 9457, with Broker's code. `started` is the transfer that the same request started,
 * `more.detail` is added to the detail, and `more.members` are those of this problem alone.
 */
export function problemAnswer(
  problem: Problem,
  type: ProblemType,
  traceId: string,
  started?: FileTransferId,
  more: { detail?: string; members?: Record<string, string> } = {},
): Answer {
  const { code, status, ...known } = problems[problem]
  const detail = [known.detail, more.detail].filter(Boolean).join(' ')
  const statusDescription = status === 500 ? 'The request could not be processed.' : statusMembers(status).title
  const document = {
    ...statusMembers(status),
    ...withFileTransferId(detail, started, problem !== 'ChecksumMismatch'),
    ...more.members,
    code: brokerCode(code),
    traceId,
    statusDescription,
  }
  return answer(status, type, document)
}

/** `BRO-00001` */
export const brokerCode = (code: number): string => `BRO-${String(code).padStart(5, '0')}`

/** A refusal that has no code of its own. */
export const plainProblem = (
  status: number,
  detail: string,
  type: ProblemType,
  traceId: string,
  started?: FileTransferId,
): Answer => answer(status, type, { ...statusMembers(status), ...withFileTransferId(detail, started), traceId })

/** What is wrong with the input, by the name of the field. */
export function validationProblem(
  errors: Record<string, string[]>,
  type: ProblemType,
  traceId: string,
  started?: FileTransferId,
): Answer {
  const title = 'One or more validation errors occurred.'
  return answer(400, type, {
    ...statusMembers(400),
    title,
    ...(started && withFileTransferId('', started)),
    errors,
    traceId,
  })
}

/** The answer to an unexpected failure (spec 3.2 and 3.7). What went wrong is in the log, under the trace id. */
export const unexpected = (instance: string, traceId: string, started?: FileTransferId): Answer => {
  const { headers, ...rest } = answer(500, 'application/problem+json', {
    ...statusMembers(500),
    ...withFileTransferId('', started),
    instance,
    traceId,
  })
  return { ...rest, headers: { ...headers, 'cache-control': 'no-cache,no-store', pragma: 'no-cache', expires: '-1' } }
}

/** The trace id of a problem document: the W3C trace parent of the invocation, or a new one. */
export const traceIdOf = (traceParent = ''): string =>
  parseTraceParent(traceParent)
    ? traceParent
    : `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`
