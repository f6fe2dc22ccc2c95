import {
  BrokenConnection,
  BrokerProblem,
  TokenRefused,
  TransferEnded,
  WrongBytes,
} from '../../../typescript/src/index.js'
import type { Texts } from '../texts/nb.js'

/** An error for people: what is wrong, and what to tell those who run Broker. */
export type ProblemWords = { says: string; code: string | undefined; traceId: string | undefined; fields: string[] }

/** What went wrong, in the user's language where that is known, else as Broker says it. */
export function problemWords(error: unknown, texts: Texts): ProblemWords {
  const none = { code: undefined, traceId: undefined, fields: [] }
  if (error instanceof BrokenConnection) return { ...none, says: texts.brokenConnection }
  if (error instanceof TokenRefused) return { ...none, says: texts.tokenRefused }
  if (error instanceof TransferEnded && error.status === 'Failed')
    return { ...none, says: texts.failedBecause(error.reason) }
  if (!(error instanceof BrokerProblem))
    return { ...none, says: error instanceof Error ? error.message : String(error) }
  const { code, detail, status, traceId, errors } = error
  const own = code === undefined ? undefined : texts.problems[code]
  const usual = code === undefined ? usualWords(status, texts) : undefined
  return {
    says: own ?? usual ?? detail ?? error.message,
    code: code ?? String(status),
    traceId,
    fields: Object.entries(errors).map(([field, messages]) => `${field}: ${messages.join(' ')}`),
  }
}

/** Broker has no code for what is wrong with the token alone. */
function usualWords(status: number, texts: Texts): string | undefined {
  if (status === 401) return texts.tokenRefused
  if (status === 403) return texts.lacksScope
  return undefined
}

/** Whether the same would be refused again, however often it is tried. */
export const isForGood = (error: unknown): boolean =>
  error instanceof TransferEnded ||
  error instanceof WrongBytes ||
  (error instanceof BrokerProblem && error.code !== undefined && error.status < 500)
