import { confirmedAt } from '../../transfers/details.js'
import type { Entry, Outage, Seen } from './ledger.js'
import { undisturbedMs } from './ledger.js'

/** The clock of Broker and that of its clients is one; what happens at one time may be in either order. */
const CLOCK_MS = 1000

type Deps = {
  find(verdict: 'lost' | 'doubled', what: string): void
  late(what: string, from: number, to: number): void
  /** From the publication, and before the expiry, in seconds. */
  reminder: number
  /** A reminder need not be sent when this little time was left for it. */
  noTimeLeftMs: number
  outages: readonly Outage[]
}

/** Each reminder must have come once, at its time, to exactly those who had not confirmed. */
export function judgeReminders(entry: Entry, { details }: Seen, { find, late, reminder, noTimeLeftMs, outages }: Deps) {
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
    if (undisturbedMs(due, Math.min(...ends), outages) > noTimeLeftMs)
      find('lost', `the reminder of ${new Date(due).toISOString()}`)
}
