// Processor time of a call of Altinn in the app: by `fetch`, and by the interface of undici that `fetch` is made of. In
// turn, 16 at a time, against a server in a process of its own: `node dist/bench/altinnCalls.js 3000`.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Request, undiciRequest } from '../src/adapters/altinn/request.js'

const WIDTH = 16
const CALLS = Number(process.argv[2] ?? 3000)
const DECISION = JSON.stringify({ response: [{ decision: 'Permit', obligations: 'x'.repeat(500) }] })
const BODY = JSON.stringify({ request: 'x'.repeat(800) })

function serve() {
  const server = createServer((request, response) =>
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(DECISION)),
  )
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
}

/** Milliseconds of processor time for each call. */
async function cost(request: Request, url: URL, calls: number): Promise<number> {
  const before = process.cpuUsage()
  const callSome = async () => {
    for (let number = 0; number < calls / WIDTH; number++) {
      const headers = new Headers({ 'content-type': 'application/json', authorization: 'Bearer a-token' })
      await (await request(url, { method: 'POST', headers, body: BODY })).json()
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, callSome))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / calls
}

if (process.argv[2] === 'serve') serve()
else {
  const server = fork(import.meta.filename, ['serve'])
  const [port] = await once(server, 'message')
  const url = new URL(`http://127.0.0.1:${port}/authorization/api/v1/authorize`)
  const ways: [string, Request][] = [
    ['fetch', (to, { signal, ...init } = {}) => fetch(to, { ...init, signal: signal ?? null })],
    ['undici', undiciRequest()],
  ]
  for (const [, request] of ways) await cost(request, url, CALLS) // warms up
  for (const [name, request] of ways) console.log(`${name}: ${(await cost(request, url, CALLS)).toFixed(3)} ms each`)
  server.kill()
  process.exit()
}
