import type { ProblemDetails } from '../wire/types.js'

/** A call that Broker, or what stands before it, has refused. */
export class BrokerProblem extends Error {
  override readonly name = 'BrokerProblem'
  readonly status: number
  /** `BRO-00001`; undefined where the problem has no number of its own. */
  readonly code: string | undefined
  readonly detail: string | undefined
  /** What is wrong with the input, by the name of the field. */
  readonly errors: Record<string, string[]>
  /** The file transfer that the refused call had begun. */
  readonly fileTransferId: string | undefined
  /** What to tell those who run Broker. */
  readonly traceId: string | undefined
  /** From `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, document: ProblemDetails, retryAfterSeconds?: number) {
    const { code, title, detail, errors = {}, fileTransferId, traceId } = document
    const fields = Object.entries(errors).map(([field, messages]) => `${field}: ${messages.join(' ')}`)
    super([status, code, detail ?? title, ...fields].filter((part) => part !== undefined && part !== '').join(' '))
    this.status = status
    this.code = code
    this.detail = detail
    this.errors = errors
    this.fileTransferId = fileTransferId
    this.traceId = traceId
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** For `catch`: undefined when what was asked for does not exist. @throws any other error. */
export function undefinedIfNotFound(error: unknown): undefined {
  if (!(error instanceof BrokerProblem) || error.status !== 404) throw error
}

/** The connection broke, or there was none. */
export class BrokenConnection extends Error {
  override readonly name = 'BrokenConnection'
}

/** Who gives tokens has refused one. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A file transfer has ended otherwise than it was waited for. */
export class TransferEnded extends Error {
  override readonly name = 'TransferEnded'
  readonly fileTransferId: string
  readonly status: string
  /** In Broker's words. */
  readonly reason: string

  constructor(fileTransferId: string, status: string, reason: string) {
    super(`The file transfer ${fileTransferId} is ${status}: ${reason}`)
    this.fileTransferId = fileTransferId
    this.status = status
    this.reason = reason
  }
}

/** The bytes that arrived are not those that were sent. */
export class WrongBytes extends Error {
  override readonly name = 'WrongBytes'
}

/** The problem that a response tells: a document of RFC 9457, else the text that it is. */
export async function problemIn(response: Response): Promise<BrokerProblem> {
  const text = await response.text().catch(() => '')
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const document = documentIn(text) ?? { detail: text.slice(0, 500) || response.statusText }
  return new BrokerProblem(response.status, document, Number.isFinite(seconds) ? seconds : undefined)
}

function documentIn(text: string): ProblemDetails | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
