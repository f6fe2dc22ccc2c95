import {
  BrokenConnection,
  BrokerProblem,
  KeysRefused,
  NotDecrypted,
  TokenRefused,
  TransferEnded,
  WrongBytes,
} from '../../../typescript/src/index.js'
import { organizationNumber } from '../../../typescript/src/wire/organization.js'
import { isTooLarge } from '../state/sending/refusal.js'
import type { Texts } from '../texts/nb.js'
import { cancelReason } from './cancelReason.js'
import { failureWords } from './failureWords.js'
import { recipientsText } from './recipientsText.js'

/** How many recipients without a key are named. */
const KEYS_SHOWN = 20

type NameOf = (number: string) => string | undefined

/** An error for people: what is wrong, and the code and trace id for the operator of Broker. */
export type ProblemWords = {
  says: string
  code: string | undefined
  traceId: string | undefined
  fields: string[]
  /** Broker's own words, to be shown on demand. */
  details?: string
}

/**
 * An error in the user's language when the texts have it, else in Broker's words. `nameOf`: the names of organisations,
 * as far as they are known.
 */
export function problemWords(error: unknown, texts: Texts, nameOf: NameOf = () => undefined): ProblemWords {
  const none = { code: undefined, traceId: undefined, fields: [] }
  if (error instanceof BrokenConnection) return { ...none, says: texts.brokenConnection }
  if (error instanceof TokenRefused) return { ...none, says: texts.tokenRefused }
  if (error instanceof TransferEnded) return { ...none, ...wordsForEnd(error, texts) }
  if (error instanceof WrongBytes) return { ...none, says: texts.wrongBytes, details: error.message }
  if (error instanceof NotDecrypted) return { ...none, says: texts.notDecrypted, details: error.message }
  if (error instanceof KeysRefused) return { ...none, says: wordsForKeys(error, texts, nameOf) }
  if (isFull(error)) return { ...none, says: texts.noRoom }
  if (isUnreadable(error)) return { ...none, says: texts.fileChanged }
  if (!(error instanceof BrokerProblem))
    return { ...none, says: error instanceof Error ? error.message : String(error) }
  const { code, detail, status, traceId, errors } = error
  if (isTooLarge(error)) return { ...none, code, traceId, says: texts.tooLarge }
  const own = code === undefined ? undefined : texts.problems[code]
  const usual = code === undefined ? wordsForStatus(status, texts) : undefined
  return {
    says: own ?? usual ?? detail ?? error.message,
    ...(usual === texts.refused && detail && { details: detail }),
    code: code ?? String(status),
    traceId,
    fields: Object.entries(errors).map(([field, messages]) => `${field}: ${messages.join(' ')}`),
  }
}

function wordsForKeys({ organizations }: KeysRefused, texts: Texts, nameOf: NameOf): string {
  return texts.haveNoKey(recipientsText(organizations.map(organizationNumber), nameOf, texts, KEYS_SHOWN))
}

/** Without a code of Broker's: problems of the token, of the gateway, of TUS, and of what is filled in. */
function wordsForStatus(status: number, texts: Texts): string {
  if (status === 401) return texts.tokenRefused
  if (status === 403) return texts.lacksScope
  if (status >= 500) return texts.brokerFails
  return isPassing(status) ? texts.brokerIsBusy : texts.refused
}

function wordsForEnd({ status, reason }: TransferEnded, texts: Texts) {
  if (status === 'Cancelled') {
    const given = cancelReason(reason)
    return { says: given ? `${texts.wasCancelled} ${texts.reasonWas(given)}` : texts.wasCancelled }
  }
  if (status === 'Purged') return { says: texts.wasPurged }
  return failureWords(reason, texts)
}

/** The disk, or the page's part of it, while a file is encrypted. */
const isFull = (error: unknown) => error instanceof DOMException && error.name === 'QuotaExceededError'

/** A file that was changed or deleted after it was chosen. */
const isUnreadable = (error: unknown) =>
  error instanceof DOMException && ['NotReadableError', 'NotFoundError'].includes(error.name)

/** A time-out, an upload that another request holds, and too many calls. */
const isPassing = (status: number) => [408, 423, 429].includes(status)

/** Whether a retry cannot succeed. */
export const isPermanent = (error: unknown): boolean =>
  error instanceof TransferEnded ||
  error instanceof WrongBytes ||
  error instanceof NotDecrypted ||
  isUnreadable(error) ||
  ((error instanceof BrokerProblem || error instanceof TokenRefused) && error.status < 500 && !isPassing(error.status))
