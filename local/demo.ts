import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HostKind, recordThatCoreToolsWork } from './appHost.js'
import { runDemo } from './demo/runDemo.js'
import type { Addresses } from './organizationClient.js'

/** `npm run demo -- FILE`: one file through all of Broker, on the running stack or one that is started for the demo. */

type Stack = { urls: Addresses; appPid: number | undefined; host?: HostKind; stop(): Promise<void> }

const DISCOVERY = '/authentication/api/v1/openid/.well-known/openid-configuration'

/** The stack that runs on the default ports, if it answers. */
async function runningStack(): Promise<Stack | undefined> {
  const { APP_PORT = '7071', ALTINN_PORT = '7072' } = process.env
  const urls = { app: `http://127.0.0.1:${APP_PORT}`, altinn: `http://127.0.0.1:${ALTINN_PORT}` }
  const answers = await Promise.all([isUp(`${urls.app}/health`), isUp(urls.altinn + DISCOVERY)])
  return answers.every(Boolean) ? { urls, appPid: undefined, stop: async () => undefined } : undefined
}

async function isUp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

async function ownStack(): Promise<Stack> {
  console.log('No stack is running; starting one for the demo ...')
  const { startStack } = await import('./stack.js')
  return startStack({ ports: 'free' })
}

/** A file to send when none is named, in a folder to remove afterwards. */
async function exampleFile(): Promise<{ file: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-demo-'))
  const file = join(folder, 'hilsen fra Brønnøysund.txt')
  await writeFile(file, 'Hei! Denne filen går fra én avsender til to mottakere.\n'.repeat(20))
  return { file, folder }
}

/** @throws when it is not a file that can be sent. */
async function assertFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new Error(`There is no file ${path}`)
  if (!found.isFile()) throw new Error(`${path} is not a file`)
}

/** The most memory the process has held so far, in MiB; undefined where the system does not say. */
async function peakMemory(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / 1024)
}

async function run(named: string | undefined): Promise<void> {
  if (named !== undefined) await assertFile(named)
  const example = named === undefined ? await exampleFile() : undefined
  const file = named ?? example?.file ?? ''
  const cleanUp: (() => Promise<void>)[] = []
  if (example) cleanUp.push(() => rm(example.folder, { recursive: true }))
  const end = async () => {
    for (const step of cleanUp.splice(0)) await step()
  }
  process.once('SIGINT', () => void end().finally(() => process.exit(130)))

  try {
    const stack = (await runningStack()) ?? (await ownStack())
    cleanUp.push(() => stack.stop())
    const before = await peakMemory(stack.appPid)
    await runDemo(stack.urls, file, process.stdout)
    const after = await peakMemory(stack.appPid)
    if (stack.host === 'func') await recordThatCoreToolsWork()
    if (before !== undefined && after !== undefined)
      console.log(`The app held at most ${after} MiB of memory, ${after - before} MiB more than before the file.`)
  } finally {
    await end()
  }
}

/** What went wrong, with what caused it: `fetch failed` alone says little. */
function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return error.message + cause
}

await run(process.argv[2]).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(`The demo stopped. ${sentence(error)}.`)
    process.exit(1)
  },
)
