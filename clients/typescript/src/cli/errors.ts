import {
  BrokenConnection,
  BrokerProblem,
  TokenRefused,
  TransferEnded,
  UnexpectedResponse,
  WrongBytes,
} from '../calls/problem.js'
import { isTransient } from '../calls/retry.js'
import { KeysRefused, NotDecrypted } from '../encryption/errors.js'
import { fileFault, networkFault } from './faultWords.js'
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

/** The error of one of several files: one to be sent has a path, one to be received the id of its transfer. */
export type Failure = { fileTransferId?: string; path?: string; error: unknown }

/** Some of several files failed. */
export class NotAllDone extends Error {
  override readonly name = 'NotAllDone'
  readonly failures: Failure[]

  constructor(failures: Failure[], total: number, notTried = 0) {
    super(`${failures.length} of ${total} file transfers failed${notTried > 0 ? `, ${notTried} were not tried` : ''}`)
    this.failures = failures
  }
}

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof BrokerProblem || error instanceof TokenRefused) return EXIT.refused
  if (error instanceof BrokenConnection || error instanceof UnexpectedResponse) return EXIT.noConnection
  if (error instanceof WrongBytes) return EXIT.wrongBytes
  const isInterrupted = error instanceof NotAllDone && error.failures.some((each) => each.error instanceof Interrupted)
  return error instanceof Interrupted || isInterrupted ? EXIT.interrupted : EXIT.failed
}

/** Whether the same command, given again, goes on where it was. */
export function canGoOn(error: unknown): boolean {
  if (error instanceof NotAllDone) return error.failures.some((each) => canGoOn(each.error))
  return error instanceof Interrupted || error instanceof BrokenConnection || isTransient(error)
}

/** An error in one sentence: what happened, why, and what can be done. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const file = fileFault(error)
  if (file) return file
  if (error instanceof BrokerProblem) return problemSentence(error)
  const why = networkFault(error.cause)
  return error.message + (why ? `: ${why}` : '')
}

function problemSentence({ status, code, detail, message, traceId }: BrokerProblem): string {
  if (/^\s*</.test(detail ?? '')) return `${status}: a web page answers instead of Broker. Is it the right address?`
  if (status === 404 && !code && !traceId) return `${message}: nothing of Broker is there. Is it the right address?`
  return message + (traceId ? ` (trace ${traceId})` : '')
}

/** The error, which names the file transfer that it is about. */
export const errorAbout = (fileTransferId: string | undefined, error: unknown): unknown =>
  error instanceof Error && fileTransferId !== undefined && !idIn(error)
    ? Object.assign(error, { fileTransferId })
    : error

/** An error as one JSON object. `status` is that of HTTP, or of a file transfer that has failed. */
export function documentOf(error: unknown): Record<string, unknown> {
  const sentence = { error: sentenceOf(error) }
  if (error instanceof NotAllDone) return { ...sentence, failures: error.failures.map(failureDocument) }
  if (error instanceof TransferEnded) {
    const { fileTransferId, status, reason } = error
    return { ...sentence, fileTransferId, status, reason }
  }
  if (error instanceof KeysRefused) return { ...sentence, organizations: error.organizations }
  if (!(error instanceof BrokerProblem)) return { ...sentence, fileTransferId: idIn(error), reason: reasonOf(error) }
  const { fileTransferId, status, code, detail, errors, latestExpirationTime, traceId } = error
  return { ...sentence, fileTransferId, status, code, reason: detail, errors, latestExpirationTime, traceId }
}

const idIn = (error: unknown) =>
  error instanceof Error && 'fileTransferId' in error ? error.fileTransferId : undefined

const reasonOf = (error: unknown) =>
  error instanceof Error ? (networkFault(error.cause) ?? sentenceOf(error)) : String(error)

const failureDocument = ({ error, ...which }: Failure) => ({ ...documentOf(error), ...which })

const RESUMABLE = ['send', 'receive', 'watch']

/** The lines of an error: one for each of several files, and one for the command. In JSON one object. */
export function errorLines(
  error: unknown,
  { json, command }: { json: boolean; command?: string | undefined },
): string[] {
  if (json) return [withoutKeys(JSON.stringify(documentOf(error)))]
  const failures = error instanceof NotAllDone ? error.failures : []
  const sentences = failures.map(({ error, ...which }) => `${which.path ?? which.fileTransferId}: ${sentenceOf(error)}`)
  return [...sentences, sentenceOf(error), ...hintOf(error, command)].map((sentence) =>
    withoutKeys(printable(`altinn-broker: ${sentence}`)),
  )
}

/** A private key that was given in the place of something else is not shown, since errors are logged. */
const withoutKeys = (text: string) => text.replaceAll(/AGE-SECRET-KEY-[-\w]*/gi, 'AGE-SECRET-KEY-…')

/** What can be done. */
function hintOf(error: unknown, command: string | undefined): string[] {
  if (command === 'changes' && error instanceof BrokerProblem && error.status === 404 && error.code === undefined)
    return ['A Broker without this list, such as Altinn’s own, has: altinn-broker inbox']
  if (RESUMABLE.includes(command ?? '') && canGoOn(error)) return ['The same command goes on where it was']
  if (command === 'send' && error instanceof TransferEnded && error.status === 'Cancelled')
    return ['The same command sends it anew']
  if (error instanceof KeysRefused && error.reason === 'none')
    return ['A recipient publishes one by: altinn-broker key --identity FILE --new --publish']
  if (error instanceof NotDecrypted) return ['With the private key in --identity the same command goes on where it was']
  const isPublished = command === 'cancel' && error instanceof BrokerProblem && error.code === 'BRO-08002'
  return isPublished ? ['With --reason TEXT a published file is withdrawn'] : []
}
