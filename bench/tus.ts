// A large file by TUS, in one go and in four parts side by side: how fast it goes up, how much the app's process grows
// meanwhile, and how long it takes from the last byte's answer until the file is published, with its MD5 known. GiB:
// `node dist/bench/tus.js 1`; 5 if none is given.
import { rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { projectRoot } from '../local/paths.js'
import { startStack } from '../local/stack.js'
import { prepare } from './prepare.js'
import { bytes, drained, md5Of, memory, send } from './transferring.js'

const GIB = Number(process.argv[2] ?? 5)
const SIZE = Math.floor(GIB * 2 ** 30)
const PATCH_BYTES = 256 * 2 ** 20
const PARTS = 4

const stack = await startStack({ ports: 'free', data: 'fresh' })
const agent = new Agent({ keepAlive: true })
const { api, write, initialize, published } = await prepare(stack)

/** A TUS request. @throws for any answer but a good one. */
async function tus(method: string, url: string, headers: Record<string, string>, body?: Iterable<Buffer>) {
  const sent = { 'tus-resumable': '1.0.0', ...write, ...headers }
  const answer = await send(url, { method, agent, headers: sent, ...(body && { body }) })
  await drained(answer)
  return answer.headers
}

/** Sends these bytes of the file as an upload, in several PATCH requests. */
async function upload(url: string, first: number, last: number) {
  for (let at = first; at < last; at += PATCH_BYTES) {
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(at - first) }
    await tus('PATCH', url, headers, bytes(at, Math.min(last, at + PATCH_BYTES)))
  }
}

const create = async (id: string, headers: Record<string, string>) => {
  const { location } = await tus('POST', `${api}/filetransfer/upload/tus/${id}`, headers)
  return `${stack.urls.app}${String(location)}`
}

async function inOneGo(id: string) {
  await upload(await create(id, { 'upload-length': String(SIZE) }), 0, SIZE)
}

async function inParts(id: string) {
  const edges = Array.from({ length: PARTS + 1 }, (_, number) => Math.floor((SIZE / PARTS) * number))
  const urls = await Promise.all(
    edges.slice(1).map(async (last, number) => {
      const first = edges[number] ?? 0
      const url = await create(id, { 'upload-concat': 'partial', 'upload-length': String(last - first) })
      await upload(url, first, last)
      return url
    }),
  )
  await create(id, { 'upload-concat': `final;${urls.join(' ')}` })
}

try {
  const begun = performance.now()
  const md5 = md5Of(bytes(0, SIZE))
  console.log(`${GIB} GiB by TUS; MD5 alone takes ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  console.log('               MB/s  app grows by MiB  published after s')
  for (const [name, send] of [['in one go', inOneGo] as const, ['in four parts', inParts] as const]) {
    const id = await initialize()
    const before = await memory(stack.appPid, 'VmRSS')
    const start = performance.now()
    await send(id)
    const sent = performance.now()
    const checksum = await published(id)
    const [seconds, late] = [(sent - start) / 1000, (performance.now() - sent) / 1000]
    if (checksum !== md5) throw new Error(`The MD5 is ${checksum}, not ${md5}.`)
    const cells = [
      (SIZE / 1e6 / seconds).toFixed(0),
      ((await memory(stack.appPid, 'VmHWM')) - before).toFixed(0),
      late.toFixed(1),
    ]
    console.log(`${name.padEnd(14)} ${cells.map((cell, index) => cell.padStart([4, 16, 17][index] ?? 0)).join('  ')}`)
    await stack.killApp() // the most memory that it ever held is counted from its start
    await stack.startApp()
  }
} finally {
  agent.destroy()
  await stack.stop()
  await rm(join(projectRoot, '.local', `azurite-${stack.ports.blob}`), { recursive: true, force: true })
}
