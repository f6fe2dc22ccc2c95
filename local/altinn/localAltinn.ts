import { z } from 'zod'
import type { Client } from './authentication/assertions.js'
import { azureDefender } from './defender/azureDefender.js'
import { startAltinn } from './simulator.js'

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
  /** A folder for what outlives a restart of the simulator. */
  ALTINN_STATE: z.string().optional(),
})

const privateJwk = z.looseObject({ kty: z.string() })

/** The client whose private key this is, known by the public half alone. */
function clientOf(id: string, base64: string): Client {
  const { d, p, q, dp, dq, qi, oth, key_ops, ...publicJwk } = privateJwk.parse(
    JSON.parse(Buffer.from(base64, 'base64').toString('utf8')),
  )
  return { id, publicJwk }
}

export type LocalAltinn = {
  url: string
  /** The scanner looks at a blob. */
  blobCommitted(container: string, name: string): void
  stop(): Promise<void>
}

/** The simulator and the scanner of blobs, with these settings of the stack. @throws when the port is taken. */
export async function startLocalAltinn(
  environment: Record<string, string | undefined>,
  log: (line: string) => void,
  hostname?: string,
): Promise<LocalAltinn> {
  const { ALTINN_PORT: port, BROKER_URL: broker, ...env } = settings.parse(environment)
  const client = clientOf(env.MASKINPORTEN_CLIENT_ID, env.MASKINPORTEN_JWK)
  const altinn = await startAltinn({
    port,
    client,
    broker,
    log,
    state: env.ALTINN_STATE,
    ...(hostname && { hostname }),
  })
  const defender = azureDefender({ scannedBlobs: env.ScannedBlobs, serviceBus: env.ServiceBus, log })
  return {
    url: altinn.url,
    blobCommitted: (container, name) => {
      if (env.LOCAL_DEFENDER !== 'off') defender.blobCommitted(container, name)
    },
    stop: async () => {
      await Promise.all([altinn.stop(), defender.stop()])
    },
  }
}
