import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach } from 'vitest'
import type { Stack } from './journey.js'

const MAIN = join(import.meta.dirname, '../../clients/typescript/dist/cli/main.js')

type Input = { env?: Record<string, string>; input?: string | Uint8Array }

/** The command line, as a user whose home and working folder are new for each test. */
export function commandLine(stack: { urls: Pick<Stack['urls'], 'app' | 'altinn'> }) {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-test-'))
    return () => rm(folder, { recursive: true })
  })

  const environment = (more: Record<string, string> = {}) => ({
    PATH: process.env.PATH,
    HOME: folder,
    BROKER_URL: stack.urls.app,
    ALTINN_URL: stack.urls.altinn,
    ...more,
  })

  const start = (args: string[], more?: Record<string, string>): ChildProcess =>
    spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: environment(more), stdio: 'pipe' })

  /** The output and the exit code of a command. */
  async function cli(args: string[], { env, input }: Input = {}) {
    const child = start(args, env)
    const said = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      said.stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      said.stderr += text
    })
    // The command may end before it has read its input.
    child.stdin?.on('error', () => {}).end(input)
    const code = await new Promise((resolve) => child.once('close', resolve))
    return { code, ...said }
  }

  /** The JSON of each line that a command writes. */
  const jsonLines = async (...args: string[]) => {
    const { stdout, stderr } = await cli([...args, '--json', '--local'])
    return (stdout || stderr)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  return {
    start,
    cli,
    jsonLines,
    json: async (...args: string[]) => (await jsonLines(...args))[0],
    pathOf: (...names: string[]) => join(folder, ...names),
  }
}
