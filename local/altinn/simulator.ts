import { createServer } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { closeHttpServer, listenOn } from '../loopback.js'
import { commands, whatToTry } from '../start/usage.js'
import type { Client } from './authentication/assertions.js'
import { prepareIssuer } from './authentication/issuers.js'
import { tokenRoutes } from './authentication/maskinporten.js'
import { systemUserRoutes } from './authentication/systemUsers.js'
import { tokenGeneratorRoutes } from './authentication/tokenGenerator.js'
import { brokerProxy } from './brokerProxy.js'
import { eventStore } from './events/eventStore.js'
import { publishRoutes, readRoutes, receivedRoutes } from './events/events.js'
import { webhookSubscriptions } from './events/subscriptions.js'
import { orderedFaults } from './faults.js'
import { pdpRoutes } from './pdp.js'
import { registerRoutes, resourceRegistryRoutes } from './registries.js'
import { readWorld } from './world.js'

type Options = {
  /** 0 is any free one. */
  port: number
  /** Where to listen. Default: on this machine only. */
  hostname?: string
  /** The client that may get a token from the Maskinporten-like issuer; without it none. */
  client?: Client
  /** The app, which is passed on to below /broker; without it nothing is there. */
  broker?: string
  /** A folder for what outlives a restart: the keys, and each event as it was received, a line of `events.jsonl`. */
  state?: string | undefined
  log?: (line: string) => void
}

/** The Altinn that Broker sees, on one port of this machine; `url` has no slash at its end. */
export type Altinn = { url: string; stop(): Promise<void> }

/** Starts the simulator, with no events, and with fresh keys unless it has a folder for them. @throws when the port is taken. */
export async function startAltinn(options: Options): Promise<Altinn> {
  const { port, hostname = '127.0.0.1', client, broker, state, log = console.error } = options
  const keep = (name: string) => (state === undefined ? undefined : join(state, name))
  const [altinnIssuer, maskinportenIssuer] = await Promise.all([
    prepareIssuer(keep('altinn.jwk')),
    prepareIssuer(keep('maskinporten.jwk')),
  ])
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 })
  const base = `http://127.0.0.1:${await listenOn(server, port, hostname)}`
  const altinn = altinnIssuer(`${base}/authentication/api/v1/openid/`)
  const maskinporten = maskinportenIssuer(`${base}/maskinporten/`)
  const world = readWorld()
  const events = eventStore({ file: keep('events.jsonl') })
  const subscriptions = webhookSubscriptions(base, log)
  const faults = orderedFaults()

  const app = new Hono({ strict: false })
  app.use(cors({ allowMethods: ['GET', 'POST', 'DELETE'], allowHeaders: ['authorization', 'content-type'] }))
  app.use(methodNotAllowed({ app, onMethodNotAllowed: wrongMethod }))
  app.use('/authorization/*', faults.failing('pdp'))
  app.use('/resourceregistry/*', faults.failing('resourceregistry'))
  app.use('/register/*', faults.failing('register'))
  app.use('/events/api/v1/events', faults.failing('events'))
  app.route('/', tokenRoutes({ base, altinn, maskinporten, client, world, log }))
  app.route('/', tokenGeneratorRoutes({ altinn, maskinporten }, world))
  app.route('/', systemUserRoutes(base, world))
  app.route('/', pdpRoutes(altinn, world))
  app.route('/', resourceRegistryRoutes(world))
  app.route('/', registerRoutes(world))
  app.route('/', publishRoutes(altinn, events, subscriptions))
  app.route('/', readRoutes(events))
  app.route('/', subscriptions.routes)
  app.route('/', receivedRoutes(events, world))
  app.route('/', faults.routes)
  app.get('/try', (c) => c.text(whatToTry(base)))
  app.get('/try/sh', (c) => c.text(commands('shell', base)))
  app.get('/try/ps1', (c) => c.text(commands('powerShell', base)))
  app.notFound((c) => c.text(`Nothing is here: ${c.req.path}`, 404))
  app.onError((error, c) => {
    log(`${c.req.method} ${c.req.url} failed: ${error}`)
    return c.text('The simulator failed; its log says why', 500)
  })
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const proxy = broker === undefined ? undefined : brokerProxy(broker)
  server.on('request', (request, response) => {
    if (proxy?.handles(request)) void proxy.pass(request, response)
    else void answer(request, response)
  })

  return {
    url: base,
    stop: async () => {
      await subscriptions.stop()
      await closeHttpServer(server)
      await proxy?.stop()
    },
  }
}

const wrongMethod = (c: Context, methods: string[]) => c.text('Wrong method', 405, { allow: methods.join(', ') })
