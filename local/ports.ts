import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import { listenOnLoopback } from './loopback.ts'

/** The port of every process of the stack. */
export type Ports = {
  app: number
  altinn: number
  console: number
  blob: number
  queue: number
  table: number
  bus: number
}

type PortSetting = { variable: string; defaultPort: number; use: string }

const portSettings: Record<keyof Ports, PortSetting> = {
  app: { variable: 'APP_PORT', defaultPort: 7071, use: 'the Functions app' },
  altinn: { variable: 'ALTINN_PORT', defaultPort: 7072, use: 'the Altinn simulator' },
  console: { variable: 'CONSOLE_PORT', defaultPort: 7073, use: 'the console' },
  blob: { variable: 'BLOB_PORT', defaultPort: 10000, use: 'the blob storage' },
  queue: { variable: 'QUEUE_PORT', defaultPort: 10001, use: 'the queue storage' },
  table: { variable: 'TABLE_PORT', defaultPort: 10002, use: 'the table storage' },
  bus: { variable: 'BUS_PORT', defaultPort: 5672, use: 'the Service Bus' },
}
const names = Object.keys(portSettings) as (keyof Ports)[]

const portsBy = (portOf: (name: keyof Ports) => number) =>
  Object.fromEntries(names.map((name) => [name, portOf(name)])) as Ports

/** The ports that local.settings.sample.json is written for. */
export const defaultPorts: Ports = portsBy((name) => portSettings[name].defaultPort)

/** The ports in the environment, else the default ones. @throws when one is not a port number. */
export const portsOf = (environment: Record<string, string | undefined>): Ports =>
  portsBy((name) => {
    const { variable, defaultPort } = portSettings[name]
    const port = Number(environment[variable] || defaultPort)
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new Error(`${variable} is "${environment[variable]}", which is not a port.`)
    }
    return port
  })

/** Below the range that systems take ports of outgoing connections from, which would come between. */
const OWN_RANGE = { from: 10_240, to: 32_768 }
const BLOCK = names.length + 1

/**
 * Free ports, all different, that this function does not return again while this process lives: it holds one more
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
  assertFree(ports).then(
    () => true,
    () => false,
  )

/** The ports that a stack opens itself; with `compose`, the emulators have opened theirs already. */
export const portsToOpen = (emulators: 'own' | 'compose'): (keyof Ports)[] =>
  emulators === 'compose' ? ['app', 'altinn', 'console'] : names

/** @throws with a sentence for each port that is taken: what it is for, and how to choose another. */
export async function assertFree(ports: Ports, which: (keyof Ports)[] = names): Promise<void> {
  const taken: { sentence: string; cause: unknown }[] = []
  for (const name of which) {
    const { variable, use } = portSettings[name]
    const sentence = `Port ${ports[name]} for ${use} is taken. Stop what uses it, or set ${variable} to another port.`
    await bound(ports[name]).then(closed, (cause: unknown) => taken.push({ sentence, cause }))
  }
  const [first] = taken
  if (first) throw new Error(taken.map(({ sentence }) => sentence).join('\n'), { cause: first.cause })
}

async function bound(port: number): Promise<Server> {
  const server = createServer()
  await listenOnLoopback(server, port)
  return server
}

const closed = (server: Server) => new Promise((done) => server.close(done))
