import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { listenOnLoopback } from '../../../local/loopback.js'

/**
 * One address for several instances: each new connection goes to the next one that accepts it, and breaks with it.
 */
export async function startBalancer(port: number, instances: number[]): Promise<{ stop(): Promise<void> }> {
  let next = 0
  const open = new Set<Socket>()

  const reach = async (): Promise<Socket | undefined> => {
    for (let tries = 0; tries < instances.length; tries++) {
      const onward = connect({ port: instances[next++ % instances.length] ?? 0, host: '127.0.0.1', noDelay: true })
      const isConnected = await once(onward, 'connect').then(
        () => true,
        () => false,
      )
      if (isConnected) return onward
    }
    return undefined
  }

  const server = createServer({ noDelay: true }, async (socket) => {
    open.add(socket)
    socket.on('error', () => {}).once('close', () => open.delete(socket))
    const onward = await reach()
    if (!onward || socket.destroyed) {
      socket.destroy()
      onward?.destroy()
      return
    }
    onward.on('error', () => {}).once('close', () => socket.destroy())
    socket.once('close', () => onward.destroy())
    socket.pipe(onward)
    onward.pipe(socket)
  })
  await listenOnLoopback(server, port)

  return {
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
