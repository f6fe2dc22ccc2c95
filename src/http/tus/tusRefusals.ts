import { problems } from '../../domain/problems.js'
import { tusProblems } from '../../domain/tus/problems.js'
import type { TusRefusal } from '../../usecases/ports/tus.js'
import type { Encoder } from '../gate/gate.js'
import { invalidToken } from '../gate/refusals.js'
import type { Answer } from '../problem/problemJson.js'
import { retryAfter } from '../problem/retryAfter.js'
import { TUS_VERSION } from './tusHeaders.js'

// Refusals of TUS are texts, not problem documents (spec 6).

/** On every answer of the protocol itself. */
export const TUS = { 'tus-resumable': TUS_VERSION }

/** An answer that is a text in UTF-8. */
export const textAnswer = (status: number, detail: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: detail,
})

/** How the refusals of the gate are written on TUS resources. */
export const textEncoder = (traceId: string): Encoder => ({
  refused: ({ status, detail, headers }) => textAnswer(status, detail, { ...(status === 503 && TUS), ...headers }),
  failed: () => textAnswer(500, `The request could not be processed. It is in the log as ${traceId}.`, TUS),
})

/** The texts of Broker's own refusals are those of its problem documents (spec 6.9), without the header of TUS. */
export function refusalText(refusal: TusRefusal): Answer {
  if (refusal === 'TokenExpired') {
    const { status, detail, headers } = invalidToken('its time is over, and it has begun no upload that runs.')
    return textAnswer(status, detail, headers)
  }
  if (refusal in tusProblems) {
    const { status, detail } = tusProblems[refusal as keyof typeof tusProblems]
    return textAnswer(status, detail, TUS)
  }
  const { status, detail } = problems[refusal as keyof typeof problems]
  return textAnswer(status, detail, status === 503 ? retryAfter() : {})
}
