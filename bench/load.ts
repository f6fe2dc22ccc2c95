// A bounded load on a running Broker, with a report: docs/operations/load.md. `npm run load -- --minutes 1` without
// BROKER_URL starts a stack for it.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setUpResource } from '../clients/typescript/src/cli/connect.js'
import { organizationClient } from '../local/organizationClient.js'
import { planOf } from './load/plan.js'
import { reportOf } from './load/report.js'
import { runLoad } from './load/run.js'
import { tokensFrom } from './load/tokens.js'

type Target = { broker: string; altinn?: string | undefined; stop(): Promise<void> }

async function findTarget(resource: string, owner: string): Promise<Target> {
  const { BROKER_URL, ALTINN_URL } = process.env
  if (BROKER_URL) return { broker: BROKER_URL.replace(/\/$/, ''), altinn: ALTINN_URL, stop: async () => {} }
  console.log('BROKER_URL is not set; starting a stack for the load ...')
  const { startStack } = await import('../local/stack.js')
  const stack = await startStack({ ports: 'free' })
  await setUpResource(organizationClient(stack.urls, owner), resource, 'Digdir')
  return { broker: stack.urls.app, altinn: stack.urls.altinn, stop: stack.stop }
}

async function load(): Promise<void> {
  const plan = planOf(process.argv.slice(2))
  const stop = new AbortController()
  process.on('SIGINT', () => (stop.signal.aborted ? process.exit(130) : stop.abort())).on('SIGTERM', () => stop.abort())
  const { broker, altinn, stop: end } = await findTarget(plan.resource, plan.sender)
  try {
    const tokens = tokensFrom({ ...process.env, ALTINN_URL: altinn })
    console.log(`Loading ${broker} for ${plan.minutes} minutes; Ctrl-C ends it, and cancels what is under way.`)
    const subscriptionKey = process.env.LOAD_SUBSCRIPTION_KEY
    const result = await runLoad(plan, { broker, subscriptionKey, tokens, log: console.log }, stop.signal)
    await mkdir(dirname(resolve(plan.report)), { recursive: true })
    await writeFile(plan.report, reportOf(plan, broker, result))
    console.log(`The report is in ${plan.report}.`)
  } finally {
    await end()
  }
}

await load().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
