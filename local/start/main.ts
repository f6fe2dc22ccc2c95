import { pollUntil } from '../pollUntil.js'
import { type Stack, startStack } from '../stack.js'
import { usage } from './usage.js'

/**
 * `npm start`: the whole stack until Ctrl-C. `--keep` keeps the data of Azurite; the Service Bus always starts empty.
 */

const EMPTY_QUEUES_MS = 8000

try {
  const emulators = process.env.LOCAL_EMULATORS === 'compose' ? 'compose' : 'own'
  console.log('Starting ...')
  const isChatter = (line: string) => /^(azurite|bus): |^app: ready/.test(line)
  const log = (line: string) => isChatter(line) || console.log(line)
  const stack = await startStack({
    emulators,
    data: process.argv.includes('--keep') ? 'keep' : 'fresh',
    console: true,
    log,
  })
  console.log(['', ...readyLines(stack, emulators)].join('\n'))
  console.log(usage(stack.urls))
  stopOnSignals(stack)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function readyLines({ urls, ports, host }: Stack, emulators: 'own' | 'compose'): string[] {
  const kind = host === 'func' ? 'under Core Tools (func start)' : 'under the embedded host'
  const by = emulators === 'compose' ? 'from compose.yaml' : 'Azurite'
  const lines = [
    ['Console', urls.console, 'send and receive as any organisation, in a browser'],
    ['Functions app', urls.app, kind],
    ['Altinn simulator', urls.altinn, 'tokens, rules, registers, events, malware scan'],
    ['Blob storage', `http://127.0.0.1:${ports.blob}`, by],
    ['Queue storage', `http://127.0.0.1:${ports.queue}`, by],
    ['Table storage', `http://127.0.0.1:${ports.table}`, by],
    ['Service Bus', `sb://127.0.0.1:${ports.bus}`, emulators === 'compose' ? by : 'in memory, begins empty'],
  ]
  return lines.map(([name = '', address = '', note]) => `  ready  ${name.padEnd(18)}${address.padEnd(25)}${note}`)
}

/** A terminal and npm may both send a signal for one Ctrl-C: what comes within half a second is the same. */
function stopOnSignals(stack: Stack) {
  let stoppingSince: number | undefined
  const onSignal = () => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now()
      console.log('\nStopping when the queues are empty. Ctrl-C again ends immediately.')
      void stop(stack)
    } else if (Date.now() - stoppingSince > 500) {
      process.exit(130) // the parts end with this process
    }
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
}

async function stop(stack: Stack) {
  let left = 0
  const isEmpty = async () => {
    left = await activeMessages(stack)
    return left === 0
  }
  await pollUntil(isEmpty, { withinMs: EMPTY_QUEUES_MS, everyMs: 100 })
  if (left > 0) console.log(`${left} messages are left and will be lost.`)
  await stack.stop()
  console.log('Stopped.')
  process.exit(0)
}

async function activeMessages(stack: Stack): Promise<number> {
  const counts = await stack.busCounts().catch(() => ({}))
  return Object.values(counts).reduce((sum, { active }) => sum + active, 0)
}
