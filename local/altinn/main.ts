import { z } from 'zod'
import { startLocalAltinn } from './localAltinn.js'

/** The process of the Altinn simulator. Its parent reports committed blobs, and it ends with its parent. */

const message = z.object({ type: z.literal('blobCommitted'), container: z.string(), name: z.string() })

async function main(): Promise<void> {
  const altinn = await startLocalAltinn(process.env, console.error).catch((error: unknown) => {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!taken) throw error
    console.error(`port ${process.env.ALTINN_PORT} is taken; set ALTINN_PORT to another one or stop what uses it`)
    process.exit(1)
  })

  const stop = () => {
    // The process may not hang on a Service Bus that went away first.
    setTimeout(() => process.exit(0), 3000).unref()
    void altinn.stop().finally(() => process.exit(0))
  }
  process.on('message', (received) => {
    const blob = message.safeParse(received)
    if (blob.success) altinn.blobCommitted(blob.data.container, blob.data.name)
  })
  process.on('disconnect', stop)
  process.on('SIGTERM', stop)
  // Ctrl-C reaches parent and child alike; with a parent, the parent decides when.
  process.on('SIGINT', () => {
    if (!process.connected) stop()
  })
  process.send?.('ready')
  if (!process.connected) console.log(`Altinn simulator: ${altinn.url}`)
}

await main()
