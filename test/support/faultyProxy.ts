import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * `refuses`: every connection breaks immediately. `silent`: connections are accepted, and no byte is passed on.
 * `slowMs`: each answer is delayed by it. A status: HTTP requests get it, with `Retry-After`, and are not passed on.
 */
export type ProxyFault =
  | 'none'
  | 'refuses'
  | 'silent'
  | { slowMs: number }
  | { status: number; retryAfterSeconds?: number }

export type FaultyProxy = Awaited<ReturnType<typeof startFaultyProxy>>

/** A TCP proxy of a server on this machine, with faults. HTTP requests for which `isMeant` is false have none. */
export async function startFaultyProxy(target: number) {
  let fault: ProxyFault = 'none'
  let isMeant = (_path: string) => true
  let thawed = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  const blocksTaken: string[] = []

  const server = createServer({ noDelay: true }, (client): void => {
    if (fault === 'refuses' && isMeant('')) return void client.destroy()
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true })
    let path = ''
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from
        .on('error', () => {})
        .once('close', () => {
          sockets.delete(from)
          to.destroy()
        })
      void passOn(from, to, from === client)
    }

    async function passOn(from: Socket, to: Socket, isRequest: boolean) {
      try {
        for await (const chunk of from as AsyncIterable<Buffer>) {
          if (isRequest && client.writableEnded) continue
          if (isRequest) path = /^[A-Z]{3,7} (\S+) HTTP\/1\.1\r\n/.exec(chunk.toString('latin1', 0, 4096))?.[1] ?? path
          while (fault === 'silent' && isMeant(path)) await thawed.promise
          if (fault === 'refuses' && isMeant(path)) return void client.destroy()
          if (!isRequest && /[?&]comp=block&/.test(path) && chunk.toString('latin1', 0, 13) === 'HTTP/1.1 201 ')
            blocksTaken.push(path)
          if (typeof fault === 'object' && isMeant(path)) {
            if ('status' in fault && isRequest) {
              // What is still on its way is taken, or the connection would break before the answer is read.
              client.end(refusal(fault))
              continue
            }
            if ('slowMs' in fault && !isRequest) await pause(fault.slowMs)
          }
          if (!to.write(chunk)) await drained(to)
        }
        to.end()
      } catch {
        to.destroy()
      }
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,

    /** From now on it has this fault; connections that are there have it too. */
    have(next: ProxyFault, meant: (path: string) => boolean = () => true) {
      const isFrozen = fault === 'silent'
      fault = next
      isMeant = meant
      if (next === 'refuses' && meant('')) for (const each of sockets) each.destroy()
      if (!isFrozen || next === 'silent') return
      thawed.resolve()
      thawed = Promise.withResolvers()
    },

    /** How many blocks of this transfer the storage behind it has taken so far. */
    blocksTaken: (id: string) => blocksTaken.filter((path) => path.includes(id)).length,

    async stop() {
      for (const each of sockets) each.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const refusal = ({ status, retryAfterSeconds }: { status: number; retryAfterSeconds?: number }) => {
  const retryAfter = retryAfterSeconds === undefined ? '' : `retry-after: ${retryAfterSeconds}\r\n`
  return `HTTP/1.1 ${status} Fault\r\n${retryAfter}content-length: 0\r\nconnection: close\r\n\r\n`
}

const drained = (socket: Socket) =>
  new Promise<void>((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
