import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programPath } from '../../tools/chromium.js'

// Firefox by WebDriver BiDi (https://w3c.github.io/webdriver-bidi): Playwright drives a Firefox of its own alone.

export const NO_FIREFOX = 'No Firefox is found. Install it (on Debian: apt-get install firefox-esr).'

/** Where Firefox is on the PATH; undefined when it is not installed. */
export const firefoxPath = ({ PATH }: Record<string, string | undefined>): string | undefined =>
  programPath(['firefox', 'firefox-esr'], PATH)

/** A window of Firefox. */
export type Firefox = {
  goto(url: string): Promise<void>
  resize(width: number, height: number): Promise<void>
  /** The value of an expression in the page, as JSON has it. */
  evaluate<Value>(expression: string): Promise<Value>
  /** A PNG of the whole page. */
  screenshot(): Promise<Buffer>
  close(): Promise<void>
}

/** Starts it headless, with a profile that is removed again. */
export async function launchFirefox(path: string): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), 'firefox-'))
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank']
  const firefox = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } })
  const socket = new WebSocket(`${await addressOf(firefox)}/session`)
  await once(socket, 'open')
  const call = callsOn(socket)
  await call('session.new', { capabilities: {} })
  const { context } = await call('browsingContext.create', { type: 'tab' })

  return {
    goto: (url) => call('browsingContext.navigate', { context, url, wait: 'complete' }),
    resize: (width, height) => call('browsingContext.setViewport', { context, viewport: { width, height } }),
    async evaluate(expression) {
      const json = `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`
      const evaluated = await call('script.evaluate', { expression: json, target: { context }, awaitPromise: true })
      if (evaluated.type !== 'success') throw new Error(evaluated.exceptionDetails.text)
      return JSON.parse(evaluated.result.value)
    },
    async screenshot() {
      const { data } = await call('browsingContext.captureScreenshot', { context, origin: 'document' })
      return Buffer.from(data, 'base64')
    },
    async close() {
      const exited = once(firefox, 'exit')
      firefox.kill()
      await exited
      await rm(profile, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

/** @throws when Firefox ends before it listens. */
function addressOf(firefox: ChildProcess): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    // All that it says is read, so that it never waits for a reader.
    firefox.stderr?.on('data', (part) => {
      said += part
      const [, address] = /listening on (ws:\S+)/.exec(said) ?? []
      if (address) resolve(address)
    })
    firefox.on('exit', () => reject(new Error(`Firefox has ended: ${said}`)))
    firefox.on('error', reject)
  })
}

/** Commands and their results, by their ids. */
function callsOn(socket: WebSocket) {
  type Answer = { id?: number; type: string; result: never; error?: string; message?: string }
  const waiting = new Map<number, (answer: Answer) => void>()
  socket.addEventListener('message', ({ data }) => {
    const answer: Answer = JSON.parse(String(data))
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  let last = 0
  // biome-ignore lint/suspicious/noExplicitAny: the protocol has another shape for each command
  return async (method: string, params: object): Promise<any> => {
    last += 1
    const id = last
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    waiting.delete(id)
    if (answer.type !== 'success') throw new Error(`${method}: ${answer.error} ${answer.message}`)
    return answer.result
  }
}
