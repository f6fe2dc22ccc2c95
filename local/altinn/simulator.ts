import { eventStore } from './eventStore.js'
import { publishRoutes, receivedRoutes } from './events.js'
import { orderedFaults } from './faults.js'
import { listen, serve } from './http.js'
import { prepareIssuer } from './issuers.js'
import { type Client, tokenRoutes } from './maskinporten.js'
import { pdpRoutes } from './pdp.js'
import { registerRoutes, resourceRegistryRoutes } from './registries.js'
import { webhookSubscriptions } from './subscriptions.js'
import { tokenGeneratorRoutes } from './tokenGenerator.js'
import { readWorld } from './world.js'

type Options = {
  /** 0 is any free one. */
  port: number
  /** Who may get a token from the Maskinporten-like issuer; without it nobody. */
  client?: Client
  log?: (line: string) => void
}

/** The Altinn that Broker sees, on one port of this machine; `url` has no slash at its end. */
export type Altinn = { url: string; stop(): Promise<void> }

/** Starts the simulator, with fresh keys and no events. @throws when the port is taken. */
export async function startAltinn({ port, client, log = console.error }: Options): Promise<Altinn> {
  const [altinnIssuer, maskinportenIssuer] = await Promise.all([prepareIssuer(), prepareIssuer()])
  const listening = await listen(port)
  const base = `http://127.0.0.1:${listening.port}`
  const altinn = altinnIssuer(`${base}/authentication/api/v1/openid/`)
  const maskinporten = maskinportenIssuer(`${base}/maskinporten/`)
  const world = readWorld()
  const events = eventStore()
  const subscriptions = webhookSubscriptions(base, log)
  const faults = orderedFaults()

  serve(
    listening.server,
    base,
    [
      ...tokenRoutes({ base, altinn, maskinporten, client, world }),
      ...tokenGeneratorRoutes({ altinn, maskinporten }, world),
      ...faults.failing('pdp', pdpRoutes(altinn, world)),
      ...faults.failing('resourceregistry', resourceRegistryRoutes(world)),
      ...faults.failing('register', registerRoutes(world)),
      ...faults.failing('events', publishRoutes(altinn, events, subscriptions)),
      ...subscriptions.routes,
      ...receivedRoutes(events, world),
      ...faults.routes,
    ],
    log,
  )

  return {
    url: base,
    stop: async () => {
      await subscriptions.stop()
      const closed = new Promise<void>((resolve) => listening.server.close(() => resolve()))
      listening.server.closeAllConnections()
      await closed
    },
  }
}
