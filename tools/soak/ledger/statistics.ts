import type { Details } from '../../transfers/details.js'
import type { Finding } from './judge.js'

const COUNTED = ['totalFileTransfers', 'uploadCount', 'transfersWithDownloadConfirmed'] as const
type Counts = Record<(typeof COUNTED)[number], number>

/** Counts by resource and recipient. */
export type Totals = Map<string, Counts>

const none = (): Counts => ({ totalFileTransfers: 0, uploadCount: 0, transfersWithDownloadConfirmed: 0 })

/** Adds a transfer to the counts of its recipients. */
export function addToTotals(totals: Totals, { resourceId, recipients, fileTransferStatusHistory }: Details): void {
  const isPublished = fileTransferStatusHistory.some((each) => each.fileTransferStatus === 'Published')
  for (const { recipient, currentRecipientFileTransferStatusCode: status } of recipients) {
    const key = `${resourceId} ${recipient}`
    const counts = totals.get(key) ?? none()
    totals.set(key, counts)
    counts.totalFileTransfers += 1
    counts.uploadCount += isPublished ? 1 : 0
    counts.transfersWithDownloadConfirmed += status === 'DownloadConfirmed' ? 1 : 0
  }
}

/** The counts in monthly reports, which are CSV without quotes here. */
export function totalsOf(reports: string[]): Totals {
  const totals: Totals = new Map()
  for (const report of reports) {
    const [head = [], ...rows] = report
      .trim()
      .split('\n')
      .map((line) => line.split(','))
    for (const row of rows) {
      const cell = (name: string) => row[head.indexOf(name)] ?? ''
      const key = `${cell('resourceId')} ${cell('recipient')}`
      const counts = totals.get(key) ?? none()
      totals.set(key, counts)
      for (const name of COUNTED) counts[name] += Number(cell(name))
    }
  }
  return totals
}

/** The statistics must count what has happened, each thing once. */
export function judgeStatistics(owed: Totals, counted: Totals): Finding[] {
  return [...new Set([...owed.keys(), ...counted.keys()])].flatMap((key) =>
    COUNTED.flatMap((name): Finding[] => {
      const [due, count] = [owed.get(key)?.[name] ?? 0, counted.get(key)?.[name] ?? 0]
      if (count === due) return []
      const what = `statistics: ${name} of ${key} is ${count} instead of ${due}`
      return [{ verdict: count > due ? 'doubled' : 'lost', what, id: '', number: -1 }]
    }),
  )
}
