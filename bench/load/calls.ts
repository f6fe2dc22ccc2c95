import { createHash } from 'node:crypto'
import type { TokenProvider } from '../../clients/typescript/src/index.js'
import { bytes } from '../transferring.js'
import type { Measurements } from './measurements.js'

/** A failed call. Its reason is a status with Broker's code, or the error code. */
export class FailedCall extends Error {
  readonly reason: string
  constructor(name: string, reason: string) {
    super(`${name}: ${reason}`)
    this.reason = reason
  }
}

type Send = {
  method?: string
  json?: unknown
  /** Bytes to upload. */
  size?: number
  token: TokenProvider
  signal: AbortSignal
  /** Whether it is left out of the measurements. */
  isUnmeasured?: boolean
}
/** The answer: size, MD5, and the JSON if there is any. */
export type Answer = { bytes: number; md5: string; json: unknown }

const TIMEOUT_MS = 600_000

/** Calls Broker once, without a retry, and measures each call from its start to its last byte. */
export function callsTo(broker: string, subscriptionKey: string | undefined, measured: Measurements) {
  return async function call(
    name: string,
    path: string,
    { method = 'GET', json, size, token, signal, isUnmeasured = false }: Send,
  ): Promise<Answer> {
    const body = size === undefined ? JSON.stringify(json) : ReadableStream.from(bytes(0, size)) // chunked
    const start = performance.now()
    try {
      const headers: Record<string, string> = {
        authorization: `Bearer ${await token()}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(size !== undefined && { 'content-type': 'application/octet-stream' }),
        ...(subscriptionKey && { 'ocp-apim-subscription-key': subscriptionKey }),
      }
      const response = await fetch(`${broker}/broker/api/v1/${path}`, {
        method,
        headers,
        duplex: 'half',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        ...(body !== undefined && { body }),
      } as RequestInit)
      const answer = await read(response)
      if (!response.ok) throw new FailedCall(name, [response.status, codeOf(answer.json)].filter(Boolean).join(' '))
      if (!isUnmeasured) measured.took(name, performance.now() - start)
      return answer
    } catch (error) {
      const failure = error instanceof FailedCall ? error : new FailedCall(name, reasonOf(error))
      if (!isUnmeasured && !signal.aborted) measured.failed(name, failure.reason)
      throw failure
    }
  }
}

async function read(response: Response): Promise<Answer> {
  const hash = createHash('md5')
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const text: Uint8Array[] = []
  let count = 0
  for await (const chunk of response.body ?? []) {
    count += chunk.length
    hash.update(chunk)
    if (isJson) text.push(chunk)
  }
  return {
    bytes: count,
    md5: hash.digest('hex'),
    json: isJson ? JSON.parse(Buffer.concat(text).toString()) : undefined,
  }
}

const codeOf = (problem: unknown) => (problem as { code?: string } | undefined)?.code

const reasonOf = (error: unknown) => {
  const { name, cause } = error as Error
  return (cause as { code?: string } | undefined)?.code ?? name
}

/** The MD5 of what is uploaded with this size. */
export function md5Of(size: number): string {
  const hash = createHash('md5')
  for (const chunk of bytes(0, size)) hash.update(chunk)
  return hash.digest('hex')
}
