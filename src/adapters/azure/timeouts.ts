import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Socket } from 'node:net'

/** Not so long that what lies between may have forgotten the connection (Azure's load balancers do after four minutes). */
const REST_MS = 60_000

/**
 * An agent for requests to this address whose connections break, with ETIMEDOUT, when nothing has moved on them for so long: a connection
 * may be dead without a sign. Bytes that flow, however slowly, keep it up, in either direction.
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
  // A connection that nobody uses at the moment may rest for longer.
  agent.keepSocketAlive = (socket) => {
    const isKept = keep(socket)
    if (socket instanceof Socket) socket.setTimeout(REST_MS)
    return isKept
  }
  agent.reuseSocket = (socket, request) => {
    reuse(socket, request)
    if (socket instanceof Socket) socket.setTimeout(stallMs)
  }
  return agent
}

/** What is thrown when nothing has moved for so long. */
export const timeoutError = (stallMs: number) =>
  Object.assign(new Error(`Nothing came for ${stallMs} ms.`), { code: 'ETIMEDOUT', name: 'TimeoutError' })

/** The answer, if it comes in time. `late` ends what does not. @throws a TimeoutError otherwise. */
export async function withTimeout<Value>(
  answer: Promise<Value>,
  milliseconds: number,
  late = () => {},
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(timeoutError(milliseconds))
      late()
    }, milliseconds)
  })
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer))
}
