import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy of a server on this machine that counts the bytes of answers and the open connections. */
export async function startCountingProxy(target: number) {
  const seen = { receivedBytes: 0, connections: 0 }
  const clients = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true })
    seen.connections++
    clients.add(client)
    client.once('close', () => {
      seen.connections--
      clients.delete(client)
      upstream.destroy()
    })
    upstream.once('close', () => client.destroy())
    for (const socket of [client, upstream]) socket.on('error', () => {})
    upstream.on('data', (chunk) => {
      seen.receivedBytes += chunk.length
    })
    client.pipe(upstream)
    upstream.pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    seen,
    port: (server.address() as AddressInfo).port,
    stop() {
      for (const each of clients) each.destroy()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
