import { setTimeout as pause } from 'node:timers/promises'
import { pollUntil } from '../../local/pollUntil.js'
import { type Stack, startStack } from '../../local/stack.js'
import { forEachConcurrent } from '../../src/lib/forEachConcurrent.js'
import { detailsOf } from '../transfers/details.js'
import { randomFrom } from '../transfers/random.js'
import { type Client, retryingClient } from '../transfers/retryingClient.js'
import { checkOutbox, checkStores, type Findings } from '../transfers/stores.js'
import { checkTransfers, expectedStatus } from './check.js'
import { OWNER, planFrom, RESOURCES } from './plan.js'
import { playTransfer, type TransferRecord } from './transfer.js'

/** How much is played and killed. The same seed gives the same plan. */
export type ChaosOptions = {
  seed: number
  transfers: number
  /** Up to `most` kills, each after a random time between these, in milliseconds. */
  kills: { afterMs: [number, number]; most: number }
  log: (line: string) => void
}

/** What was found, how many calls there were and how many broke, and how many transfers ended in each status. */
export type ChaosReport = Findings & { kills: number; calls: number; broken: number; ends: Record<string, number> }

const MAX_CONCURRENT = 12
const QUIET_WITHIN_MS = 120_000

/**
 * Runs many concurrent transfers on a stack of its own while the app is killed repeatedly; then lets the app finish
 * and checks every transfer and every store.
 */
export async function chaos({ seed, transfers, kills, log }: ChaosOptions): Promise<ChaosReport> {
  const settings = { ALTINN_EVENT_FORM: 'urn', LOCAL_LOCK_SECONDS: '5' }
  const stack = await startStack({ ports: 'free', settings })
  try {
    const client = retryingClient(stack.urls)
    await configure(client)
    const stop = new AbortController()
    const killing = killAgainAndAgain(stack, seed, kills, log, stop.signal)
    const records: TransferRecord[] = []
    const plans = Array.from({ length: transfers }, (_, number) => planFrom(randomFrom(seed + number), number))
    await forEachConcurrent(plans, MAX_CONCURRENT, async (plan) => {
      records.push(await playTransfer(client, plan, seed))
      if (records.length % 10 === 0) log(`${records.length} of ${transfers} transfers are over`)
    })
    stop.abort()
    const killed = await killing

    log('waiting until everything is quiet')
    await untilQuiet(stack, client, records, log)
    const outside = await checkTransfers(stack, client, records)
    await untilQuiet(stack, client, records, log)
    const inside = await checkStores(
      stack,
      OWNER,
      records.map(({ id }) => id),
    )
    const { calls, broken, serverErrors } = client.seen
    return {
      kills: killed,
      calls,
      broken,
      ends: counted(records.map(expectedStatus)),
      wrong: [...serverErrors, ...outside.wrong, ...inside.wrong],
      explained: [...outside.explained, ...inside.explained],
    }
  } finally {
    await stack.stop()
  }
}

async function configure(client: Client): Promise<void> {
  await client.call(OWNER, 'serviceowner', client.post({ name: 'Digitaliseringsdirektoratet' }))
  for (const { id, settings } of Object.values(RESOURCES)) {
    const answer = await client.call(OWNER, `resource/${id}`, { ...client.post(settings), method: 'PUT' })
    if (answer.status >= 300) throw new Error(`${id} cannot be configured: ${answer.bytes}`)
  }
}

/** Kills the app with SIGKILL and starts it again until `stop` fires. Resolves to the number of kills. */
async function killAgainAndAgain(
  stack: Stack,
  seed: number,
  { afterMs: [min, most], most: limit }: ChaosOptions['kills'],
  log: ChaosOptions['log'],
  stop: AbortSignal,
): Promise<number> {
  const random = randomFrom(seed ^ 0x6b696c6c)
  for (let kills = 0; ; kills++) {
    const isTime = await pause(min + random.below(most - min), true, { signal: stop }).catch(() => false)
    if (!isTime || kills >= limit) return kills
    log(`kill ${kills + 1}`)
    await stack.killApp()
    await stack.startApp()
  }
}

/** Runs the timers until nothing is in progress, or until the time-out: then the checks say why. */
async function untilQuiet(
  stack: Stack,
  client: Client,
  records: TransferRecord[],
  log: ChaosOptions['log'],
): Promise<void> {
  let nextLog = Date.now() + 10_000
  const open = new Set(records.filter(({ id }) => id !== ''))
  const isQuiet = async () => {
    for (const timer of ['announcePending', 'expireDue']) {
      const path = `${stack.urls.app}/admin/functions/${timer}`
      await client.call(OWNER, path, client.post({ input: '' }))
    }
    for (const record of open) {
      const { fileTransferStatus } = await detailsOf(client, OWNER, record.id)
      if (fileTransferStatus === expectedStatus(record)) open.delete(record)
    }
    const counts = Object.values(await stack.busCounts())
    const messages = counts.reduce((sum, { active, scheduled }) => sum + active + scheduled, 0)
    const outboxEntries = (await checkOutbox(stack, OWNER)).wrong.length
    if (messages + open.size + outboxEntries === 0) return true
    if (Date.now() > nextLog) {
      log(`still in progress: ${open.size} transfers, ${messages} messages, ${outboxEntries} outbox entries`)
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
