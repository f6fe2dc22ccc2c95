import { setTimeout as pause } from 'node:timers/promises'
import { pollUntil } from '../../local/pollUntil.js'
import { type Stack, startStack } from '../../local/stack.js'
import { forEachOf } from '../../src/usecases/forEachOf.js'
import { checkMarks, checkStores, checkTransfers, expectedStatus, type Findings } from './check.js'
import { OWNER, planFrom, RESOURCES } from './plan.js'
import { randomFrom } from './random.js'
import { type Client, patientClient } from './retryingClient.js'
import { detailsOf, play, type Told } from './transfer.js'

export type ChaosOptions = {
  seed: number
  transfers: number
  /** Kills come after a random time between these, in milliseconds, at most so many. */
  kills: { afterMs: [number, number]; most: number }
  log: (line: string) => void
}

export type ChaosReport = Findings & { kills: number; calls: number; broken: number; ends: Record<string, number> }

const AT_ONCE = 12
const QUIET_WITHIN_MS = 120_000

/** Plays many transfers at once on a stack of its own while the app is killed again and again; then lets it finish, and checks everything. */
export async function chaos({ seed, transfers, kills, log }: ChaosOptions): Promise<ChaosReport> {
  const settings = { ALTINN_EVENT_FORM: 'urn', LOCAL_LOCK_SECONDS: '5' }
  const stack = await startStack({ ports: 'free', settings })
  try {
    const client = patientClient(stack.urls)
    await configure(client)
    const over = new AbortController()
    const killing = killAgainAndAgain(stack, seed, kills, log, over.signal)
    const stories: Told[] = []
    const plans = Array.from({ length: transfers }, (_, number) => planFrom(randomFrom(seed + number), number))
    await forEachOf(plans, AT_ONCE, async (plan) => {
      stories.push(await play(client, plan, seed))
      if (stories.length % 10 === 0) log(`${stories.length} of ${transfers} transfers are told`)
    })
    over.abort()
    const killed = await killing

    log('waiting until everything is quiet')
    await untilQuiet(stack, client, stories, log)
    const outside = await checkTransfers(stack, client, stories)
    await untilQuiet(stack, client, stories, log)
    const inside = await checkStores(stack, stories)
    const { calls, broken, serverErrors } = client.seen
    return {
      kills: killed,
      calls,
      broken,
      ends: counted(stories.map(expectedStatus)),
      wrong: [...serverErrors, ...outside.wrong, ...inside.wrong],
      explained: [...outside.explained, ...inside.explained],
    }
  } finally {
    await stack.stop()
  }
}

async function configure(client: Client): Promise<void> {
  await client.ask(OWNER, 'serviceowner', client.post({ name: 'Digitaliseringsdirektoratet' }))
  for (const { id, settings } of Object.values(RESOURCES)) {
    const answer = await client.ask(OWNER, `resource/${id}`, { ...client.post(settings), method: 'PUT' })
    if (answer.status >= 300) throw new Error(`${id} cannot be configured: ${answer.bytes}`)
  }
}

/** Kills the app with SIGKILL and starts it again, until it is over. Returns how often. */
async function killAgainAndAgain(
  stack: Stack,
  seed: number,
  { afterMs: [least, most], most: limit }: ChaosOptions['kills'],
  log: ChaosOptions['log'],
  over: AbortSignal,
): Promise<number> {
  const random = randomFrom(seed ^ 0x6b696c6c)
  for (let kills = 0; ; kills++) {
    const isTime = await pause(least + random.below(most - least), true, { signal: over }).catch(() => false)
    if (!isTime || kills >= limit) return kills
    log(`kill ${kills + 1}`)
    await stack.killApp()
    await stack.startApp()
  }
}

/** Runs the timers until nothing is under way any more, or patience ends: then the checks tell why. */
async function untilQuiet(stack: Stack, client: Client, stories: Told[], log: ChaosOptions['log']): Promise<void> {
  let nextLog = Date.now() + 10_000
  const open = new Set(stories.filter(({ id }) => id !== ''))
  const isQuiet = async () => {
    for (const timer of ['announcePending', 'expireDue']) {
      const path = `${stack.urls.app}/admin/functions/${timer}`
      await client.ask(OWNER, path, client.post({ input: '' }))
    }
    for (const told of open) {
      const { fileTransferStatus } = await detailsOf(client, told.id)
      if (fileTransferStatus === expectedStatus(told)) open.delete(told)
    }
    const counts = Object.values(await stack.busCounts())
    const messages = counts.reduce((sum, { active, scheduled }) => sum + active + scheduled, 0)
    const marks = (await checkMarks(stack)).wrong.length
    if (messages + open.size + marks === 0) return true
    if (Date.now() > nextLog) {
      log(`still under way: ${open.size} transfers, ${messages} messages, ${marks} marks`)
      nextLog = Date.now() + 10_000
    }
    return false
  }
  await pollUntil(isQuiet, { withinMs: QUIET_WITHIN_MS, everyMs: 500 })
}

function counted(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
