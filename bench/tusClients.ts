// TUS clients send a file to the app, and to a bare server that keeps the bytes in the same storage emulator, or on
// disk: how fast each is, and how soon the file is published. 8 MiB a request, as the clients of the original do it.
// MiB, runs of each: `node dist/bench/tusClients.js 100 3`.
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { program, projectRoot } from '../local/paths.js'
import { startStack } from '../local/stack.js'
import { prepare } from './prepare.js'
import { quantile } from './quantile.js'
import { bytes, md5Of } from './transferring.js'

const SIZE = Number(process.argv[2] ?? 100) * 2 ** 20
const RUNS = Number(process.argv[3] ?? 3)
const run = promisify(execFile)
const sources = join(projectRoot, 'bench', 'tusClients')
const folder = await mkdtemp(join(tmpdir(), 'tus-clients-'))
const file = join(folder, 'file.bin')

/** A client: its name, the command, how many parts it sends in parallel, and what shows that it is on this machine. */
type Client = { name: string; command: string[]; parts: number; prepared: string[] }

const javascript = { command: [process.execPath, program('bench/tusClients/javascript.js')], prepared: ['true'] }
const python = {
  command: ['/usr/bin/python3', join(sources, 'python.py')],
  prepared: ['/usr/bin/python3', '-c', 'import tusclient'],
}
const dotnet = {
  command: ['dotnet', join(folder, 'dotnet', 'dotnet.dll')],
  prepared: [
    'dotnet',
    'build',
    join(sources, 'dotnet.cs'),
    '--configuration',
    'Release',
    '--output',
    join(folder, 'dotnet'),
  ],
}
const clients: Client[] = [
  { name: 'JavaScript', parts: 1, ...javascript },
  { name: 'JavaScript, 4 parts', parts: 4, ...javascript },
  { name: 'Python', parts: 1, ...python },
  { name: '.NET', parts: 1, ...dotnet },
  { name: '.NET, 4 parts', parts: 4, ...dotnet },
]

const stack = await startStack({ ports: 'free' })
const bareServers = [stack.settings.UnscannedBlobs ?? '', folder].map((place) =>
  fork(program('bench/bareTusServer.js'), [place]),
)

/** MiB a second, as the client itself has measured it. */
async function rate({ command: [program = '', ...args], parts }: Client, endpoint: string, authorization: string) {
  const env = { ...process.env, AUTHORIZATION: authorization }
  const { stdout } = await run(program, [...args, endpoint, file, String(parts)], { env })
  return SIZE / 2 ** 20 / Number(stdout)
}

const isHere = ({ prepared: [program = '', ...args] }: Client) =>
  run(program, args, { cwd: folder }).then(
    () => true,
    () => false,
  )

const median = (values: number[]) => quantile(values, 0.5)

try {
  const [inStorage, onDisk] = await Promise.all(
    bareServers.map(async (server) => `http://127.0.0.1:${(await once(server, 'message'))[0]}/`),
  )
  const { api, write, initialize, published } = await prepare(stack)
  const content = [...bytes(0, SIZE)]
  await writeFile(file, content)
  const md5 = md5Of(content)

  console.log(
    `${SIZE / 2 ** 20} MiB by TUS, MiB/s    app  bare, emulator  app to it  bare, disk  app to it  published after s`,
  )
  for (const client of clients) {
    if (!(await isHere(client))) {
      console.log(`${client.name}: not on this machine`)
      continue
    }
    const rates: Record<'app' | 'inStorage' | 'onDisk' | 'late', number[]> = {
      app: [],
      inStorage: [],
      onDisk: [],
      late: [],
    }
    for (let number = 0; number < RUNS; number++) {
      const id = await initialize()
      rates.app.push(await rate(client, `${api}/filetransfer/upload/tus/${id}`, write.authorization))
      const sent = performance.now()
      const checksum = await published(id)
      rates.late.push((performance.now() - sent) / 1000)
      if (checksum !== md5) throw new Error(`The MD5 is ${checksum}, not ${md5}.`)
      rates.inStorage.push(await rate(client, inStorage ?? '', write.authorization))
      rates.onDisk.push(await rate(client, onDisk ?? '', write.authorization))
    }
    const app = median(rates.app)
    const share = (of: number[]) => [median(of).toFixed(0), `${((100 * app) / median(of)).toFixed(0)} %`]
    const cells = [app.toFixed(0), ...share(rates.inStorage), ...share(rates.onDisk), median(rates.late).toFixed(1)]
    const widths = [6, 16, 11, 12, 11, 19]
    console.log(`${client.name.padEnd(22)}${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('')}`)
  }
} finally {
  for (const server of bareServers) server.disconnect()
  await stack.stop()
  await rm(folder, { recursive: true, force: true })
}
