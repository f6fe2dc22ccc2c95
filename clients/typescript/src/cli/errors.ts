import { BrokenConnection, BrokerProblem, TokenRefused, WrongBytes } from '../calls/problem.js'
import { printable } from './printable.js'

/** The exit codes of a command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, noConnection: 4, wrongBytes: 5, interrupted: 130 }

/** Their meanings, for the help. */
export const EXIT_MEANINGS: [number, string][] = [
  [EXIT.ok, 'done'],
  [EXIT.failed, 'failed, also by what became of the file transfer'],
  [EXIT.usage, 'the command was not understood'],
  [EXIT.refused, 'Broker, or who gives tokens, has refused'],
  [EXIT.noConnection, 'nobody answers'],
  [EXIT.wrongBytes, 'the bytes that arrived are not those that were sent'],
  [EXIT.interrupted, 'interrupted; the same command goes on where it was'],
]

/** The command was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** The error of one of several file transfers. */
export type Failure = { fileTransferId: string; error: unknown }

/** Some of several file transfers failed. */
export class NotAllReceived extends Error {
  override readonly name = 'NotAllReceived'
  readonly failures: Failure[]

  constructor(failures: Failure[], total: number) {
    super(`${failures.length} of ${total} file transfers failed`)
    this.failures = failures
  }
}

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof BrokerProblem || error instanceof TokenRefused) return EXIT.refused
  if (error instanceof BrokenConnection) return EXIT.noConnection
  if (error instanceof WrongBytes) return EXIT.wrongBytes
  const isInterrupted =
    error instanceof NotAllReceived && error.failures.some((each) => each.error instanceof Interrupted)
  return error instanceof Interrupted || isInterrupted ? EXIT.interrupted : EXIT.failed
}

/** An error and its cause in one sentence: `fetch failed` alone explains little. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  const why = cause instanceof Error ? `: ${cause.cause instanceof Error ? cause.cause.message : cause.message}` : ''
  const trace = error instanceof BrokerProblem && error.traceId ? ` (trace ${error.traceId})` : ''
  return message + why + trace
}

/** An error for programs. */
export function documentOf(error: unknown): object {
  const sentence = sentenceOf(error)
  if (!(error instanceof BrokerProblem)) return { error: sentence }
  const { status, code, detail, errors, fileTransferId, traceId } = error
  return { error: sentence, status, code, detail, errors, fileTransferId, traceId }
}

/** The lines of an error: one for each of several file transfers, and one for the command. */
export function errorLines(error: unknown, { json }: { json: boolean }): string[] {
  const failures = error instanceof NotAllReceived ? error.failures : []
  if (json) {
    const documents = failures.map(({ fileTransferId, error }) => ({ ...documentOf(error), fileTransferId }))
    return [...documents, documentOf(error)].map((document) => JSON.stringify(document))
  }
  const sentences = failures.map(({ fileTransferId, error }) => `${fileTransferId}: ${sentenceOf(error)}`)
  return [...sentences, sentenceOf(error)].map((sentence) => printable(`altinn-broker: ${sentence}`))
}
