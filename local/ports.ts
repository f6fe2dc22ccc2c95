import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { listenOnLoopback } from './loopback.js'

/** The port of every part. */
export type Ports = {
  app: number
  altinn: number
  console: number
  blob: number
  queue: number
  table: number
  bus: number
}

type PortOf = { variable: string; usual: number; part: string }

const parts: Record<keyof Ports, PortOf> = {
  app: { variable: 'APP_PORT', usual: 7071, part: 'the Functions app' },
  altinn: { variable: 'ALTINN_PORT', usual: 7072, part: 'the Altinn simulator' },
  console: { variable: 'CONSOLE_PORT', usual: 7073, part: 'the console' },
  blob: { variable: 'BLOB_PORT', usual: 10000, part: 'the blob storage' },
  queue: { variable: 'QUEUE_PORT', usual: 10001, part: 'the queue storage' },
  table: { variable: 'TABLE_PORT', usual: 10002, part: 'the table storage' },
  bus: { variable: 'BUS_PORT', usual: 5672, part: 'the Service Bus' },
}
const names = Object.keys(parts) as (keyof Ports)[]

const portsBy = (portOf: (name: keyof Ports) => number) =>
  Object.fromEntries(names.map((name) => [name, portOf(name)])) as Ports

/** The ports that local.settings.sample.json is written for. */
export const usualPorts: Ports = portsBy((name) => parts[name].usual)

/** The ports in the environment, else the usual ones. @throws when one is not a port number. */
export const portsOf = (environment: Record<string, string | undefined>): Ports =>
  portsBy((name) => {
    const { variable, usual } = parts[name]
    const port = Number(environment[variable] || usual)
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new Error(`${variable} is "${environment[variable]}", which is not a port.`)
    }
    return port
  })

/** Below the range that systems take ports of outgoing connections from, which would come between. */
const OWN_RANGE = { from: 10_240, to: 32_768 }
const BLOCK = names.length + 1

/**
 * Ports that nothing listens on, all different, and that nobody else is given by this function while this process lives: it holds one more
 * beside them for as long.
 */
export async function freePorts(): Promise<Ports> {
  for (;;) {
    const first = OWN_RANGE.from + BLOCK * randomInt(Math.floor((OWN_RANGE.to - OWN_RANGE.from) / BLOCK))
    const ports = portsBy((name) => first + 1 + names.indexOf(name))
    const held = await bound(first).catch(() => undefined)
    if (!held) continue
    if (await areFree(ports)) {
      held.unref()
      return ports
    }
    await closed(held)
  }
}

const areFree = (ports: Ports) =>
  mustBeFree(ports).then(
    () => true,
    () => false,
  )

/** @throws with a sentence that says which port is taken, what it is for, and how to choose another. */
export async function mustBeFree(ports: Ports, which: (keyof Ports)[] = names): Promise<void> {
  for (const name of which) {
    const { variable, part } = parts[name]
    const port = ports[name]
    try {
      await closed(await bound(port))
    } catch (cause) {
      const sentence = `Port ${port} for ${part} is taken. Stop what uses it, or set ${variable} to another port.`
      throw new Error(sentence, { cause })
    }
  }
}

async function bound(port: number): Promise<Server> {
  const server = createServer()
  await listenOnLoopback(server, port)
  return server
}

const closed = (server: Server) => new Promise((done) => server.close(done))
