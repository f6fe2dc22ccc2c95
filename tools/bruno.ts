import { join } from 'node:path'
import { projectRoot } from '../local/paths.js'
import { runCollection } from './brunoCollection.js'

/** `npm run bruno`: the Bruno collection against the stack at BROKER_URL and ALTINN_URL, or one that it starts. */

type Stack = { urls: { app: string; altinn: string }; stop(): Promise<void> }

async function stackToUse(): Promise<Stack> {
  const { BROKER_URL, ALTINN_URL } = process.env
  if (BROKER_URL && !ALTINN_URL)
    throw new Error('BROKER_URL is set, so ALTINN_URL is needed too: the tokens come from there.')
  if (BROKER_URL && ALTINN_URL) return { urls: { app: BROKER_URL, altinn: ALTINN_URL }, stop: async () => {} }
  console.log('Starting a stack for the collection ...')
  const { startStack } = await import('../local/stack.js')
  return startStack({ ports: 'free' })
}

const stack = await stackToUse()
try {
  await runCollection(join(projectRoot, 'bruno'), { brokerUrl: stack.urls.app, altinnUrl: stack.urls.altinn })
} finally {
  await stack.stop()
}
