import { z } from 'zod'
import type { Client } from './authentication/assertions.js'
import { azureDefender } from './defender/azureDefender.js'
import { startAltinn } from './simulator.js'

/** The process of the Altinn simulator. Its parent reports committed blobs, and it ends with its parent. */

const settings = z.object({
  ALTINN_PORT: z.coerce.number().int().min(0).max(65535).default(7072),
  /** Where the app answers. */
  BROKER_URL: z.url(),
  MASKINPORTEN_CLIENT_ID: z.string().min(1),
  MASKINPORTEN_JWK: z.string().min(1),
  ScannedBlobs: z.string().min(1),
  ServiceBus: z.string().min(1),
  /** `off`: the scanner says nothing. */
  LOCAL_DEFENDER: z.string().optional(),
})

const privateJwk = z.looseObject({ kty: z.string() })
const message = z.object({ type: z.literal('blobCommitted'), container: z.string(), name: z.string() })
const log = (line: string) => console.error(`altinn: ${line}`)

/** The client whose private key this is, known by the public half alone. */
function clientOf(id: string, base64: string): Client {
  const { d, p, q, dp, dq, qi, oth, key_ops, ...publicJwk } = privateJwk.parse(
    JSON.parse(Buffer.from(base64, 'base64').toString('utf8')),
  )
  return { id, publicJwk }
}

async function main(): Promise<void> {
  const { ALTINN_PORT: port, ...env } = settings.parse(process.env)
  const client = clientOf(env.MASKINPORTEN_CLIENT_ID, env.MASKINPORTEN_JWK)
  const altinn = await startAltinn({ port, client, broker: env.BROKER_URL, log }).catch((error: unknown) => {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!taken) throw error
    log(`port ${port} is taken; set ALTINN_PORT to another one or stop what uses it`)
    process.exit(1)
  })
  const defender = azureDefender({ scannedBlobs: env.ScannedBlobs, serviceBus: env.ServiceBus, log })

  const stop = () => {
    // The process may not hang on a Service Bus that went away first.
    setTimeout(() => process.exit(0), 3000).unref()
    void Promise.all([altinn.stop(), defender.stop()]).finally(() => process.exit(0))
  }
  process.on('message', (received) => {
    const blob = message.safeParse(received)
    if (blob.success && env.LOCAL_DEFENDER !== 'off') defender.blobCommitted(blob.data.container, blob.data.name)
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
