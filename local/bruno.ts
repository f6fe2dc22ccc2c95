import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { projectRoot } from './paths.js'

/** `npm run bruno`: the Bruno collection against the stack at BROKER_URL and ALTINN_URL, or one of its own for the while. */

type Stack = { urls: { app: string; altinn: string }; stop(): Promise<void> }

async function stackToUse(): Promise<Stack> {
  const { BROKER_URL, ALTINN_URL } = process.env
  if (BROKER_URL && !ALTINN_URL)
    throw new Error('BROKER_URL is set, so ALTINN_URL is needed too: the tokens come from there.')
  if (BROKER_URL && ALTINN_URL) return { urls: { app: BROKER_URL, altinn: ALTINN_URL }, stop: async () => {} }
  console.log('Starting a stack for the collection ...')
  const { startStack } = await import('./stack.js')
  return startStack({ ports: 'free' })
}

/** Runs every request in its order. Resolves to the exit code of Bruno. */
async function runCollection({ app, altinn }: Stack['urls']): Promise<number> {
  const manifest = createRequire(import.meta.url).resolve('@usebruno/cli/package.json')
  const addresses = ['--env-var', `brokerUrl=${app}`, '--env-var', `altinnUrl=${altinn}`]
  const run = spawn(
    process.execPath,
    [join(dirname(manifest), 'bin/bru.js'), 'run', '--env', 'local', '--noproxy', ...addresses],
    { cwd: join(projectRoot, 'bruno'), stdio: 'inherit' },
  )
  const [code] = await once(run, 'exit')
  return code ?? 1
}

const stack = await stackToUse()
const code = await runCollection(stack.urls).finally(() => stack.stop())
process.exit(code)
