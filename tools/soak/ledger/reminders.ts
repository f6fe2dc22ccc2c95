import { confirmedAt } from '../../transfers/details.js'
import type { Entry, Outage, Seen } from './ledger.js'

/** The clock of Broker and that of its clients is one; what happens at one time may be in either order. */
const CLOCK_MS = 1000
/** The app looks for deadlines at each full and half minute, and needs some time for those of an outage before it. */
const TIMER_MS = 30_000
const RUN_MS = 15_000

type Deps = {
  find(verdict: 'lost' | 'doubled', what: string): void
  late(what: string, from: number, to: number): void
  /** From the publication, and before the expiry, in seconds. */
  reminder: number
  outages: readonly Outage[]
}

/** Each reminder must have come once, at its time, to exactly those who had not confirmed. */
export function judgeReminders(entry: Entry, { details }: Seen, { find, late, reminder, outages }: Deps) {
  const at = (status: string) =>
    Date.parse(
      details.fileTransferStatusHistory.find((each) => each.fileTransferStatus === status)?.fileTransferStatusChanged ??
        '',
    )
  const published = at('Published')
  const expires = Date.parse(details.expirationTime)
  const isOwed = entry.plan.resource === 'reminding' && !Number.isNaN(published)
  const ms = reminder * 1000
  let planned = isOwed
    ? [...new Set([published + ms, expires - ms])].filter((due) => due > published && due < expires)
    : []

  for (const { reminded, recipients } of details.reminderHistory ?? []) {
    const time = Date.parse(reminded)
    const due = planned.filter((each) => each <= time + CLOCK_MS)
    if (due.length === 0) find('doubled', `a reminder at ${reminded}`)
    else late('reminded', Math.min(...due), time)
    planned = planned.filter((each) => !due.includes(each))
    for (const { organization } of entry.plan.receivers) {
      const isReminded = recipients.includes(`0192:${organization}`)
      const acknowledged = entry.confirmedAt[organization] ?? Number.POSITIVE_INFINITY
      const confirmed = confirmedAt(details, organization) ?? Number.POSITIVE_INFINITY
      if (isReminded && acknowledged < time - CLOCK_MS)
        find('doubled', `${organization} is reminded, and had confirmed`)
      if (!isReminded && confirmed > time + CLOCK_MS) find('lost', `the reminder of ${organization} at ${reminded}`)
    }
    if (new Set(recipients).size !== recipients.length) find('doubled', `a recipient in the reminder at ${reminded}`)
  }

  const ends = [at('AllConfirmedDownloaded'), at('Cancelled'), expires].filter((each) => !Number.isNaN(each))
  for (const due of planned)
    if (hasCalmRun(due, Math.min(...ends), outages)) find('lost', `the reminder of ${new Date(due).toISOString()}`)
}

/** Whether the app looked for deadlines between these times, and nothing was disturbed until it was through. */
function hasCalmRun(due: number, end: number, outages: readonly Outage[]): boolean {
  for (let run = Math.ceil(due / TIMER_MS) * TIMER_MS; run + RUN_MS < end; run += TIMER_MS)
    if (!outages.some(({ from, to }) => from < run + RUN_MS && to > run - CLOCK_MS)) return true
  return false
}
