// Large files through the app, beside a bare server that pipes the same bytes into the SDK and back, against the same
// storage emulator: throughput, processor time of the process, and memory. Then many uploads at once, and many
// downloads whose readers do not read. GiB: `node dist/bench/streams.js 1`.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startStack } from '../local/stack.js'
import { prepare } from './prepare.js'
import { bytes, cpuSeconds, drained, memory, send } from './transferring.js'

const SIZE = Math.floor(Number(process.argv[2] ?? 1) * 2 ** 30)
const MANY = 16
const MANY_BYTES = 100 * 2 ** 20
/** Long enough for every buffer on the way to be full. */
const STALLED_MS = 5000
const BYTES = { 'content-type': 'application/octet-stream' }

const stack = await startStack({ ports: 'free' })
const bare = fork(join(import.meta.dirname, 'bareServer.js'), [stack.settings.UnscannedBlobs ?? ''])

type Figures = { rate: number; cpu: number; growth: number }

async function measured(pid: number | undefined, size: number, work: () => Promise<unknown>): Promise<Figures> {
  const [cpu, held] = [await cpuSeconds(pid), await memory(pid, 'VmRSS')]
  const start = performance.now()
  await work()
  const rate = size / 1e6 / ((performance.now() - start) / 1000)
  const perGib = ((await cpuSeconds(pid)) - cpu) / (size / 2 ** 30)
  return { rate, cpu: perGib, growth: (await memory(pid, 'VmHWM')) - held }
}

function report(name: string, { rate, cpu, growth }: Figures, of?: Figures) {
  const share = of ? `${((100 * rate) / of.rate).toFixed(0)} %` : ''
  const cells = [
    rate.toFixed(0).padStart(6),
    share.padStart(9),
    cpu.toFixed(1).padStart(14),
    growth.toFixed(0).padStart(17),
  ]
  console.log(`${name.padEnd(24)}${cells.join('')}`)
}

try {
  const [port] = (await once(bare, 'message')) as [number]
  const { api, write, read, initialize } = await prepare(stack)
  const upload = (id: string, size: number) =>
    send(`${api}/filetransfer/${id}/upload`, {
      method: 'POST',
      agent: new Agent(),
      headers: { ...write, ...BYTES },
      body: bytes(0, size),
    }).then(drained)
  const toBare = (name: string, size: number) =>
    send(`http://127.0.0.1:${port}/${name}`, { method: 'POST', body: bytes(0, size) }).then(drained)
  const fromBare = (name: string) => send(`http://127.0.0.1:${port}/${name}`, { method: 'GET' }).then(drained)
  const download = (id: string) =>
    send(`${api}/filetransfer/${id}/download`, { method: 'GET', headers: read }).then(drained)

  // Code that has run before is compiled.
  const [first, id] = [await initialize(), await initialize()]
  await toBare('first', MANY_BYTES)
  await fromBare('first')
  await upload(first, MANY_BYTES)
  await download(first)

  console.log(`${SIZE / 2 ** 30} GiB                   MB/s  of the bare  CPU s per GiB  grows by MiB`)
  const bareUp = await measured(bare.pid, SIZE, () => toBare('large', SIZE))
  report('bare server, up', bareUp)
  report('the app, up', await measured(stack.appPid, SIZE, () => upload(id, SIZE)), bareUp)
  const bareDown = await measured(bare.pid, SIZE, () => fromBare('large'))
  report('bare server, down', bareDown)
  report('the app, down', await measured(stack.appPid, SIZE, () => download(id)), bareDown)

  await stack.killApp() // the most memory that it ever held is counted from its start
  await stack.startApp()
  const ids = await Promise.all(Array.from({ length: MANY }, initialize))
  const many = await measured(stack.appPid, MANY * MANY_BYTES, () =>
    Promise.all(ids.map((each) => upload(each, MANY_BYTES))),
  )
  report(`${MANY} x 100 MiB at once, up`, many)

  await stack.killApp()
  await stack.startApp()
  const stalled = await measured(stack.appPid, MANY * SIZE, async () => {
    const answers = await Promise.all(
      Array.from({ length: MANY }, () =>
        send(`${api}/filetransfer/${id}/download`, { method: 'GET', agent: new Agent(), headers: read }),
      ),
    )
    await pause(STALLED_MS)
    for (const answer of answers) answer.destroy()
  })
  console.log(`${MANY} downloads whose readers stand still: ${(stalled.growth / MANY).toFixed(1)} MiB each`)
} finally {
  bare.disconnect()
  await stack.stop()
}
