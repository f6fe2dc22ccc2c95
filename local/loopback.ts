import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/** Has a server listen on this machine only, 0 being any free port. Resolves to the port. @throws when it is taken. */
export const listenOnLoopback = (server: Server, port: number): Promise<number> => listenOn(server, port, '127.0.0.1')

/** As `listenOnLoopback`, at the address of any network that this machine is in: in a container, every one. */
export async function listenOn(server: Server, port: number, hostname: string): Promise<number> {
  await once(server.listen(port, hostname), 'listening')
  return (server.address() as AddressInfo).port
}

/** Closes a server and its connections. */
export async function closeHttpServer(server: HttpServer): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
