import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { projectRoot } from './paths.js'

/** Node keeps compiled modules here, so that the next start need not compile them. */
const NODE_COMPILE_CACHE = join(projectRoot, 'node_modules', '.cache', 'node')

/** Takes one line of a process's output. */
export type LineLog = (line: string) => void

/** A process of the stack. */
export type StackProcess = {
  name: string
  process: ChildProcess
  isRunning(): boolean
  /** Resolves when it has ended though nobody stopped it, to the signal or the exit code. */
  endedByItself: Promise<string>
  /** Sends SIGTERM, and kills it after `withinMs`. Resolves when it has exited; idempotent. */
  stop(withinMs?: number): Promise<void>
  /** Kills it and its child processes immediately. */
  kill(): Promise<void>
}

/** Lets this process end while that one runs, which ends with it. */
export function detach(child: ChildProcess): void {
  for (const each of [child, child.channel, child.stdout as Socket, child.stderr as Socket]) each?.unref()
}

/**
 * Starts a compiled program and resolves when it is ready: when it sends 'ready' to its parent, or when `isReady`
 * accepts a line of its output. It has a process group of its own, so that Ctrl-C reaches only the parent, and must
 * exit when the parent does.
 * @throws with the last lines of its output when it exits before that.
 */
export async function startProcess(options: {
  name: string
  file: string
  args?: string[]
  execArgv?: string[]
  env: Record<string, string | undefined>
  onLine: LineLog
  isReady?: (line: string) => boolean
}): Promise<StackProcess> {
  const { name, file, args = [], execArgv = [], env, onLine, isReady } = options
  const child = fork(file, args, {
    execArgv,
    env: { NODE_COMPILE_CACHE, ...process.env, ...env },
    stdio: 'pipe',
    detached: true,
  })
  const lastLines: string[] = []
  const gone = new Promise<void>((done) => child.once('exit', () => done()))
  const ready = new Promise<void>((done) => {
    child.on('message', (message) => message === 'ready' && done())
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface(stream).on('line', (line) => {
        lastLines.push(line)
        if (lastLines.length > 20) lastLines.shift()
        if (isReady?.(line)) done()
        onLine(line)
      })
    }
  })
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  let isWanted = true
  const kill = async () => {
    isWanted = false
    if (!isGone()) killGroup(child)
    await gone
  }

  // When its output is closed, its last lines are there.
  const ended = new Promise<boolean>((done) => child.once('close', () => done(false)))
  const started = await Promise.race([ready.then(() => true), ended, pause(60_000, false, { ref: false })])
  if (!started) {
    await kill()
    throw new Error(`${name} did not start: ${lastLines.join('\n')}`)
  }

  const endedByItself = new Promise<string>((done) => {
    void gone.then(() => isWanted && done(child.signalCode ?? `code ${child.exitCode}`))
  })
  void endedByItself.then((how) => onLine(`ended by itself (${how})`))
  return {
    name,
    process: child,
    isRunning: () => !isGone(),
    endedByItself,
    async stop(withinMs = 5000) {
      isWanted = false
      if (!isGone()) child.kill('SIGTERM')
      await Promise.race([gone, pause(withinMs, undefined, { ref: false })])
      await kill()
    },
    kill,
  }
}

function killGroup({ pid }: ChildProcess) {
  try {
    if (pid) process.kill(-pid, 'SIGKILL')
  } catch {
    // It went by itself meanwhile.
  }
}
