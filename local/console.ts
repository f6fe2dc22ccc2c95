import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { setUpResource } from '../clients/typescript/src/cli/connect.js'
import { readWorld } from './altinn/world.js'
import { closeHttpServer, listenOn } from './loopback.js'
import { type Addresses, organizationClient } from './organizationClient.js'
import { projectRoot } from './paths.js'

const BUILT = join(projectRoot, 'clients/console/dist')
const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The origins that the console has in a browser. */
export const consoleOrigins = (port: number): string[] => [`http://127.0.0.1:${port}`, `http://localhost:${port}`]

/** Serves the built console, which acts for the organisations of the local world. @throws when the port is taken. */
export async function startConsole(
  port: number,
  addresses: Addresses,
  hostname = '127.0.0.1',
): Promise<{ stop(): Promise<void> }> {
  const headers = headersFor(addresses)
  let prepared: Promise<string> | undefined
  const localJson = () => {
    // At the first call, so that Broker stays empty while the console is not used.
    prepared ??= prepare(addresses).catch((error: unknown) => {
      prepared = undefined
      throw error
    })
    return prepared
  }

  const answer = async ({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(`http://console${url}`).pathname
    const file = path === '/' ? '/index.html' : path
    if (!/^(\/[\w-]+)?\/[\w.-]+$/.test(file)) return void response.writeHead(404, headers).end()
    const type = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }
    const isForever = file.startsWith('/assets/')
    const cache = { 'cache-control': isForever ? 'public, max-age=31536000, immutable' : 'no-cache' }
    const body = file === '/local.json' ? await localJson() : await readFile(join(BUILT, file))
    response.writeHead(200, { ...headers, ...type, ...cache }).end(body)
  }

  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end()
      return
    }
    answer(request, response).catch((error: unknown) => {
      const isMissing = error instanceof Error && 'code' in error && ['ENOENT', 'EISDIR'].includes(String(error.code))
      const says = isMissing ? 'Nothing is here. Is the console built? npm run console' : String(error)
      response.writeHead(isMissing ? 404 : 503, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end(says)
    })
  })
  await listenOn(server, port, hostname)
  return { stop: () => closeHttpServer(server) }
}

/** The page talks to itself, to Broker and to who gives tokens, and is nowhere inside another page. */
const headersFor = ({ app, altinn }: Addresses) => ({
  'content-security-policy': [
    "default-src 'none'",
    // MD5 is computed by WebAssembly.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${app} ${altinn}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
})

/** Sets up the resources of the local world, and describes them to the page. */
async function prepare(addresses: Addresses): Promise<string> {
  const { organisations, resources, organisation } = readWorld()
  for (const { id, owner } of resources) {
    await setUpResource(organizationClient(addresses, owner), id, organisation(owner)?.name ?? owner)
  }
  const owners = new Set(resources.map(({ owner }) => owner))
  return JSON.stringify({
    brokerUrl: addresses.app,
    tokenUrl: `${addresses.altinn}/token`,
    organisations: organisations.map(({ number, name }) => ({ number, name, isServiceOwner: owners.has(number) })),
    resources: resources.map(({ id, title }) => ({ id, title })),
  })
}
