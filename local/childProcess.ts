import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

/** Takes one line of a part's output. */
export type LineLog = (line: string) => void

/** A part of the stack that runs in a process of its own. */
export type StackProcess = {
  name: string
  process: ChildProcess
  /** Asks it to stop, and ends it if it does not within `withinMs`. Resolves when it is gone; again is fine. */
  stop(withinMs?: number): Promise<void>
  /** Ends it and what it started, at once. */
  kill(): Promise<void>
}

/**
 * Starts a compiled program and resolves when it is ready: when it says 'ready' to its parent, or when `isReady` finds that its line says so.
 * It has a process group of its own, so that Ctrl-C reaches the supervisor alone, and it must stop when the supervisor is gone.
 * @throws with the program's last lines when it ends before that.
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
  const child = fork(file, args, { execArgv, env: { ...process.env, ...env }, stdio: 'pipe', detached: true })
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

  void gone.then(() => isWanted && onLine(`ended by itself (${child.signalCode ?? `code ${child.exitCode}`})`))
  return {
    name,
    process: child,
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
