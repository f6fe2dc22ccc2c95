import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** What is thrown when nothing has come for this long. */
const timeoutError = (milliseconds: number) =>
  Object.assign(new Error(`Nothing came for ${milliseconds} ms.`), { code: 'ETIMEDOUT', name: 'TimeoutError' })

/** The answer, if it comes in time; `onTimeout` ends what does not. @throws a TimeoutError otherwise. */
export async function withTimeout<Value>(
  answer: Promise<Value>,
  milliseconds: number,
  onTimeout = () => {},
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(timeoutError(milliseconds))
      onTimeout()
    }, milliseconds)
  })
  return Promise.race([answer, timeout]).finally(() => clearTimeout(timer))
}

/** The bytes; a stream that stalls is ended with a TimeoutError. A consumer may take as long as it likes. */
export async function* withStallTimeout(stream: Readable, milliseconds: number): AsyncGenerator<Uint8Array> {
  let isAwaited = true
  const timer = setTimeout(() => {
    if (stream.destroyed) return // closed by its consumer
    if (isAwaited) stream.destroy(timeoutError(milliseconds))
    else timer.refresh()
  }, milliseconds)
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      isAwaited = false
      yield chunk
      isAwaited = true
      timer.refresh()
    }
  } finally {
    clearTimeout(timer)
    stream.destroy()
  }
}

/** So long an idle connection is kept. Shorter than the time after which load balancers drop a connection (Azure's: four minutes). */
export const IDLE_MS = 60_000

/**
 * An agent for requests to this address whose connections break, with ETIMEDOUT, when nothing has moved on them for
 * `stallMs`: a connection may be dead without a sign. Bytes that flow, however slowly, keep it up, in either direction.
 */
export function agentWithTimeout(address: string, stallMs: number): HttpAgent {
  const agent = new (address.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, timeout: stallMs })
  const connect = agent.createConnection.bind(agent)
  const keep = agent.keepSocketAlive.bind(agent)
  const reuse = agent.reuseSocket.bind(agent)
  agent.createConnection = (options, done) => {
    const socket = connect(options, done)
    return socket?.once('timeout', () => socket.destroy(timeoutError(stallMs)))
  }
  // A connection that is not in use may be idle for longer.
  agent.keepSocketAlive = (socket) => {
    const isKept = keep(socket)
    if (socket instanceof Socket) socket.setTimeout(IDLE_MS)
    return isKept
  }
  agent.reuseSocket = (socket, request) => {
    reuse(socket, request)
    if (socket instanceof Socket) socket.setTimeout(stallMs)
  }
  return agent
}
