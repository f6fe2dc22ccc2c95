// The command line sends and receives a file, as it is and encrypted for its recipient; and the program age, where it is
// installed, encrypts and decrypts the same file. Seconds, throughput, and the most memory that the process held.
// MiB: `node dist/bench/encryption.js 1024`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../local/paths.js'
import { startStack } from '../local/stack.js'
import { bytes, memory } from './transferring.js'

const SIZE = Number(process.argv[2] ?? 1024) * 2 ** 20
const RECIPIENT = '986252932'
const MAIN = join(projectRoot, 'clients/typescript/dist/cli/main.js')

const stack = await startStack({ ports: 'free' })
const folder = await mkdtemp(join(tmpdir(), 'encryption-'))
const at = (name: string) => join(folder, name)
const env = { ...process.env, HOME: folder, BROKER_URL: stack.urls.app, ALTINN_URL: stack.urls.altinn }

type Figures = { seconds: number; peakMib: number; output: string }

/** Runs a program to its end. @throws when it fails. */
async function measured(command: string, ...args: string[]): Promise<Figures> {
  const start = performance.now()
  const child: ChildProcess = spawn(command, args, { env, cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  let peakMib = 0
  const looking = setInterval(async () => {
    // A process that is just ending holds none.
    peakMib = (await memory(child.pid, 'VmHWM').catch(() => 0)) || peakMib
  }, 100)
  const [code] = await once(child, 'close')
  clearInterval(looking)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
  return { seconds: (performance.now() - start) / 1000, peakMib, output: output.trim() }
}

const broker = (...args: string[]) => measured(process.execPath, MAIN, ...args, '--local', '--quiet')

function report(name: string, { seconds, peakMib }: Figures, of?: Figures) {
  const times = of ? `${(seconds / of.seconds).toFixed(2)} x` : ''
  const cells = [seconds.toFixed(1).padStart(8), (SIZE / 1e6 / seconds).toFixed(0).padStart(8), times.padStart(10)]
  console.log(`${name.padEnd(24)}${cells.join('')}${peakMib.toFixed(0).padStart(12)}`)
}

try {
  await writeFile(at('file.bin'), bytes(0, SIZE))
  const { output: key } = await broker('key', '--identity', 'keys.txt', '--new')
  await broker('key', '--identity', 'keys.txt', '--publish')
  // Code and connections of the app that have run before are warm.
  await writeFile(at('small.bin'), bytes(0, 2 ** 20))
  await broker('send', 'small.bin', '--to', RECIPIENT)

  console.log(`${SIZE / 2 ** 20} MiB                     seconds    MB/s  of plain  peak in MiB`)
  const sent = await broker('send', 'file.bin', '--to', RECIPIENT)
  report('send', sent)
  const encrypted = await broker('send', 'file.bin', '--to', RECIPIENT, '--encrypt')
  report('send --encrypt', encrypted, sent)
  const received = await broker('receive', sent.output, '--out', 'plain.bin')
  report('receive', received)
  report(
    'receive --identity',
    await broker('receive', encrypted.output, '--out', 'decrypted.bin', '--identity', 'keys.txt'),
    received,
  )
  const { output: same } = await measured('cmp', 'file.bin', 'decrypted.bin')
  if (same !== '') throw new Error(same)
  const age = await measured('age', '-r', key, '-o', 'file.age', 'file.bin').catch(() => undefined)
  if (!age) console.log('The program age is not installed.')
  else {
    report('age, encrypting', age)
    report('age, decrypting', await measured('age', '-d', '-i', 'keys.txt', '-o', 'age.bin', 'file.age'))
  }
} finally {
  await stack.stop()
  await rm(folder, { recursive: true })
}
