import type { Client } from '../../transfers/retryingClient.js'
import { checkOutbox } from '../../transfers/stores.js'
import type { Finding } from '../ledger/judge.js'
import { totalsOf } from '../ledger/statistics.js'
import { OWNER, RESOURCES, settingsOf } from '../mix.js'
import type { Times } from '../options.js'
import type { Parts } from './parts.js'

/** Registers the service owner and configures the resources. */
export async function configure(client: Client, times: Times): Promise<void> {
  await client.call(OWNER, 'serviceowner', client.post({ name: 'Digitaliseringsdirektoratet' }))
  const settings = settingsOf(times)
  for (const [name, id] of Object.entries(RESOURCES)) {
    const change = { ...client.post(settings[name as keyof typeof settings]), method: 'PUT' }
    const answer = await client.call(OWNER, `resource/${id}`, change)
    if (answer.status >= 300) throw new Error(`${id} cannot be configured: ${answer.bytes}`)
  }
}

/** The timers, beside their own schedule. */
export async function runTimers(client: Client, { urls }: Parts): Promise<void> {
  for (const timer of ['announcePending', 'expireDue'])
    await client.call(OWNER, `${urls.app}/admin/functions/${timer}`, client.post({ input: '' }))
}

/** Committed changes that wait to be resumed, and messages. */
export async function underWay(parts: Parts): Promise<string[]> {
  const { wrong } = await checkOutbox(parts, OWNER)
  const queues = Object.entries(await parts.busCounts()).filter(([, { active, scheduled }]) => active + scheduled > 0)
  return [...wrong, ...queues.map(([name, { active, scheduled }]) => `${name} has ${active + scheduled} messages`)]
}

/** The monthly reports of the run, which may have begun in another month. */
export async function statistics(client: Client, startedAt: number) {
  const months = new Set([startedAt, Date.now()].map((at) => new Date(at).toISOString().slice(0, 7)))
  const reports: string[] = []
  for (const each of months) {
    const [year = '', month = ''] = each.split('-')
    const query = new URLSearchParams({ year, month: `${Number(month)}` })
    const answer = await client.call(OWNER, `statistics/monthly?${query}`)
    reports.push(answer.bytes.toString())
  }
  return totalsOf(reports)
}

/** A blob that belongs to nothing is one too many; everything else is missing. */
export const storeFinding = (what: string): Finding => ({
  verdict: what.startsWith('the blob ') ? 'doubled' : 'lost',
  what,
  id: /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(what)?.[0] ?? '',
  number: -1,
})
