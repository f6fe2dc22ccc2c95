import { createServer, type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

type Faults = {
  /** Nothing of a request is read for so long. */
  holdsRequestsForMs?: number
  /** What is asked is done, and the connection breaks before the answer. */
  losesAnswerTo?: (request: IncomingMessage) => boolean
  /** The connection breaks, in both directions, after this many bytes of the body. */
  cutsAfter?: (request: IncomingMessage) => number | undefined
  /** It is answered with this status, and goes no further. */
  refuses?: (request: IncomingMessage) => number | undefined
}

/** A faulty proxy of a server on this machine. */
export async function startProxy(target: number, faults: Faults) {
  const { holdsRequestsForMs = 0, losesAnswerTo = () => false, cutsAfter = () => {}, refuses = () => {} } = faults
  const server = createServer(async (request, answer) => {
    if (holdsRequestsForMs > 0) await pause(holdsRequestsForMs)
    const { method, url: path, headers } = request
    const isLost = losesAnswerTo(request)
    const refusal = refuses(request)
    if (refusal !== undefined) {
      request.resume().once('end', () => answer.writeHead(refusal, { 'content-length': 0 }).end())
      return
    }
    let bytesLeft = cutsAfter(request) ?? Number.POSITIVE_INFINITY
    const onward = send({ host: '127.0.0.1', port: target, method, path, headers }, (answered) => {
      if (isLost) {
        answered.resume().once('end', () => request.socket.destroy())
        return
      }
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(answer)
    })
    onward.on('error', () => request.socket.destroy())
    request.on('data', (chunk: Buffer) => {
      bytesLeft -= chunk.length
      if (bytesLeft > 0) return
      onward.destroy()
      request.socket.destroy()
    })
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
