import type { Times } from '../options.js'
import { type Finding, judge } from './judge.js'
import type { Entry, Outage, ReceivedEvent, Seen } from './ledger.js'
import { addToTotals, type Totals } from './statistics.js'

/** How long after the last change of a transfer its events may still be on their way. */
const SETTLED_MS = 60_000

/** A transfer that is not purged yet is looked at again after this time, or when it expires. */
const LOOK_AGAIN_MS = 60_000

/** `lookAt`: before it, nothing is expected to have changed. */
type Open = { entry: Entry; events: ReceivedEvent[]; inbox: ReceivedEvent[]; lookAt: number }
type Deps = {
  outages: readonly Outage[]
  times: Pick<Times, 'grace' | 'reminder'>
  /** What Broker says now; undefined when it does not know the transfer. */
  detailsOf(id: string): Promise<Seen['details'] | undefined>
}

/**
 * All transfers of a run. One that has come to its end without a finding is closed: of it only the ids of its events are
 * kept, so that a second one is noticed.
 */
export function book({ outages, times, detailsOf }: Deps) {
  const open = new Map<string, Open>()
  const closed = new Map<string, Set<string>>()
  const findings: Finding[] = []
  const early = new Map<string, Pick<Open, 'events' | 'inbox'>>()
  const counts = {
    begun: 0,
    confirmed: 0,
    late: 0,
    missed: 0,
    reminders: 0,
    receipts: 0,
    inbox: 0,
    repeated: 0,
    unexpected: [] as string[],
  }
  const totals: Totals = new Map()

  function close({ entry, events }: Open, details: Seen['details'] | undefined): void {
    open.delete(entry.id)
    closed.set(entry.id, new Set(events.map(({ id }) => id)))
    if (details) addToTotals(totals, details)
    counts.missed += entry.missed.length
    counts.receipts += entry.receipts
    counts.reminders += details?.reminderHistory?.length ?? 0
  }

  /** Where what is received about a transfer is kept; undefined: it is closed. */
  function received(transfer: string): Pick<Open, 'events' | 'inbox'> | undefined {
    if (closed.has(transfer)) return undefined
    const known = open.get(transfer) ?? early.get(transfer) ?? { events: [], inbox: [] }
    if (!open.has(transfer)) early.set(transfer, known)
    return known
  }

  function foundAgain(transfer: string, { id, name }: ReceivedEvent, where: string): void {
    const ids = closed.get(transfer)
    if (!ids || ids.has(id)) return
    ids.add(id)
    findings.push({ verdict: 'doubled', what: `${where} ${name} once more`, id: transfer, number: -1 })
  }

  async function judgeOne(one: Open): Promise<{ found: Finding[]; details: Seen['details'] | undefined }> {
    const details = await detailsOf(one.entry.id)
    const seen = details && { details, events: one.events, inbox: one.inbox }
    return { found: judge(one.entry, seen, outages, times), details }
  }

  return {
    counts,
    findings,
    /** What the statistics must add up to: of closed transfers, as their details have it. */
    totals,
    ids: () => [...closed.keys(), ...open.keys()],
    entryOf: (id: string) => open.get(id)?.entry,
    openCount: () => open.size,
    begin(entry: Entry): void {
      counts.begun++
      if (entry.id === '') return
      open.set(entry.id, { entry, ...(early.get(entry.id) ?? { events: [], inbox: [] }), lookAt: 0 })
      early.delete(entry.id)
    },
    takeEvent(transfer: string, event: ReceivedEvent): void {
      const known = received(transfer)
      if (known) known.events.push(event)
      else foundAgain(transfer, event, 'event')
    },
    /** A change that a recipient has read in its inbox. It may come again, with the same id. */
    takeChange(transfer: string, change: ReceivedEvent): void {
      counts.inbox++
      const known = received(transfer)
      const isRepeated = known?.inbox.some(({ id }) => id === change.id) ?? closed.get(transfer)?.has(change.id)
      if (isRepeated) counts.repeated++
      else if (known) known.inbox.push(change)
      else foundAgain(transfer, change, 'in the inbox')
    },
    /**
     * Judges transfers that have ended, closes those without a loss, and counts the others. `isLast`: closes all.
     */
    async settle(isLast: boolean): Promise<number> {
      let bad = 0
      for (const one of [...open.values()]) {
        if (!isLast && (!one.entry.isOver || one.lookAt > Date.now())) continue
        const { found, details } = await judgeOne(one)
        if (open.get(one.entry.id) !== one) continue // another call has closed it meanwhile
        const purged = details?.fileTransferStatusHistory.find((each) => each.fileTransferStatus === 'Purged')
        const settledAt = Date.parse(purged?.fileTransferStatusChanged ?? '') + SETTLED_MS
        if (!purged) one.lookAt = Math.min(Date.now() + LOOK_AGAIN_MS, Date.parse(details?.expirationTime ?? ''))
        const isClean = found.every(({ verdict }) => verdict === 'late')
        if (purged && !isClean && settledAt < Date.now()) bad++
        if (!(isLast || (purged && isClean))) continue
        findings.push(...found)
        counts.late += found.filter(({ verdict }) => verdict === 'late').length
        for (const each of one.entry.unexpected)
          counts.unexpected.push(`${one.entry.plan.number} ${one.entry.id}: ${each}`)
        close(one, details)
      }
      return bad
    },
  }
}
