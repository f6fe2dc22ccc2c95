import { pollUntil } from '../pollUntil.js'
import { type Stack, startStack } from '../stack.js'
import { keepRunning } from './keepRunning.js'
import { readableLine } from './logLines.js'
import { type StartOptions, startOptions } from './options.js'
import { screen } from './screen.js'
import { onStop } from './signals.js'
import { commands } from './usage.js'

/** The whole stack, until it is stopped; tools/start.ts has checked and built. The Service Bus always starts empty. */

const EMPTY_QUEUES_MS = 8000

const { print, pin, unpin } = screen(process.stdout)
try {
  const options = startOptions(process.argv.slice(2), process.env)
  print('Starting ...')
  const stopping = stopAsked()
  const isChatter = (line: string) => /^(azurite|bus): |^app: (ready|ended)/.test(line)
  const stack = await startStack({
    emulators: options.emulators,
    data: options.keep ? 'keep' : 'fresh',
    console: true,
    log: (line) => isChatter(line) || print(options.log === 'json' ? line : readableLine(line)),
  })
  const { altinn, console: page } = stack.urls
  const text = ['', ...readyLines(stack, options), '', ...whatToTry(altinn)].join('\n')
  pin(`What to try next: ${altinn}/try  Console: ${page}  Ctrl-C stops everything`, text)

  const why = await Promise.race([keepRunning(stack, print), stopping])
  if (why === undefined) await drained(stack)
  else print(`${why} Everything stops.`)
  await stack.stop()
  unpin()
  print('Stopped.')
  process.exit(why === undefined ? 0 : 1)
} catch (error) {
  unpin()
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function readyLines({ urls, ports, host, appPid }: Stack, { emulators }: StartOptions): string[] {
  const kind = `under ${host === 'func' ? 'Core Tools (func start)' : 'the embedded host'}, process ${appPid}`
  const by = emulators === 'compose' ? 'from compose.yaml' : 'Azurite'
  const lines = [
    ['Console', urls.console, 'send and receive as any organisation, in a browser'],
    ['Altinn simulator', urls.altinn, 'tokens, rules, registers, events, malware scan; /broker is the app'],
    ['Functions app', urls.app, kind],
    ['Blob storage', `http://127.0.0.1:${ports.blob}`, by],
    ['Queue storage', `http://127.0.0.1:${ports.queue}`, by],
    ['Table storage', `http://127.0.0.1:${ports.table}`, by],
    ['Service Bus', `sb://127.0.0.1:${ports.bus}`, emulators === 'compose' ? by : 'in memory, begins empty'],
  ]
  return lines.map(([name = '', address = '', note]) => `  ready  ${name.padEnd(18)}${address.padEnd(25)}${note}`)
}

function whatToTry(base: string): string[] {
  const [kind, others] =
    process.platform === 'win32' ? (['powerShell', 'a shell'] as const) : (['shell', 'PowerShell'] as const)
  const title = 'What to try next. Paste it into another terminal, all at once:'
  return [title, commands(kind, base), `The same for ${others}: ${base}/try`, '']
}

/** Resolves at the first signal. The next one ends everything immediately: the parts end with this process. */
function stopAsked(): Promise<undefined> {
  return new Promise((done) => {
    const stop = () => {
      print('Stopping when the queues are empty. Ctrl-C again ends immediately.')
      done(undefined)
    }
    onStop(stop, () => process.exit(130))
  })
}

/** Waits until the queues are empty, for a while. */
async function drained(stack: Stack) {
  let left = 0
  const isEmpty = async () => {
    left = await activeMessages(stack)
    return left === 0
  }
  await pollUntil(isEmpty, { withinMs: EMPTY_QUEUES_MS, everyMs: 100 })
  if (left > 0) print(`${left} messages are left and will be lost.`)
}

async function activeMessages(stack: Stack): Promise<number> {
  const counts = await stack.busCounts().catch(() => ({}))
  return Object.values(counts).reduce((sum, { active }) => sum + active, 0)
}
