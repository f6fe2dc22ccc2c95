import type { ProblemDetails } from '../wire/types.js'

/** Broker, or a gateway in front of it, refused a call. */
export class BrokerProblem extends Error {
  override readonly name = 'BrokerProblem'
  readonly status: number
  /** `BRO-00001`; undefined when the problem has no code of its own. */
  readonly code: string | undefined
  readonly detail: string | undefined
  /** The errors of the input by field. */
  readonly errors: Record<string, string[]>
  /** The file transfer that the refused call had created, or the one of a group that it is refused for. */
  readonly fileTransferId: string | undefined
  /** The latest expiry there can be, of a change to a later one. */
  readonly latestExpirationTime: string | undefined
  /** For the operator of Broker. */
  readonly traceId: string | undefined
  /** From `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, document: ProblemDetails, retryAfterSeconds?: number) {
    const { code, title, detail, errors = {}, fileTransferId, latestExpirationTime, traceId } = document
    const fields = Object.entries(errors).map(([field, messages]) => `${field}: ${messages.join(' ')}`)
    super([status, code, detail ?? title, ...fields].filter((part) => part !== undefined && part !== '').join(' '))
    this.status = status
    this.code = code
    this.detail = detail
    this.errors = errors
    this.fileTransferId = fileTransferId
    this.latestExpirationTime = latestExpirationTime
    this.traceId = traceId
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** For `catch`: undefined when what was asked for does not exist. @throws any other error. */
export function undefinedIfNotFound(error: unknown): undefined {
  if (!(error instanceof BrokerProblem) || error.status !== 404) throw error
}

/** The connection failed or was closed too early. */
export class BrokenConnection extends Error {
  override readonly name = 'BrokenConnection'
}

/** A response that is not JSON: it is not Broker that answers. */
export class UnexpectedResponse extends Error {
  override readonly name = 'UnexpectedResponse'
}

/** The token endpoint refused to issue a token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A file transfer reached another final status than the expected one. */
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

/** The bytes received are not the bytes sent. */
export class WrongBytes extends Error {
  override readonly name = 'WrongBytes'
}

/** The text of a response. @throws BrokenConnection when it breaks off. */
export const textOf = (response: Response, url: string): Promise<string> =>
  response.text().catch((cause: unknown) => {
    throw new BrokenConnection(`The answer of ${url} broke off`, { cause })
  })

/** The problem in a response: its problem document (RFC 9457), else its text. */
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
