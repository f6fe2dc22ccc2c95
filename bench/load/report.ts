import type { Row } from './measurements.js'
import type { Plan } from './plan.js'
import type { LoadResult } from './run.js'
import { EVENT, PUBLISHED } from './transfer.js'

/**
 * The medians in docs/performance, in milliseconds: for one call at a time with the storage 5 ms away, and for an
 * event.
 */
export const ASSUMED_MS: Record<string, number> = {
  initializeFileTransfer: 21,
  getFileTransfer: 7,
  searchFileTransfers: 8,
  uploadFile: 54,
  [EVENT]: 4,
}
/** What docs/operations/cost.md reckons with for a transfer to two recipients. */
const ASSUMED_CALLS = 8
const ASSUMED_EVENTS = 11

/** The report of a run, in Markdown. */
export function reportOf(plan: Plan, broker: string, result: LoadResult): string {
  const { measured, seconds, endedBy, startedAt } = result
  const failures = measured.failures()
  return [
    '# Load',
    '',
    `${broker}, from ${startedAt.toISOString()} for ${(seconds / 60).toFixed(1)} minutes: ${plan.rate} transfers a second of`,
    `${plan.sizes.join(', ')} bytes in turn, each to ${plan.recipients.length} recipients. Ended by: ${endedBy}.`,
    '',
    ...amounts(plan, result),
    '',
    '## For each transfer',
    '',
    'Assumed: docs/operations/cost.md, with two recipients. Its other figures are to be seen in Azure: docs/operations/load.md.',
    '',
    ...eachTransfer(result),
    '',
    '## Times, in milliseconds',
    '',
    'Assumed: the median in docs/performance, of one call at a time with small files and the storage 5 ms away. Ratio: p50 to that.',
    '',
    ...table(['What', 'Count', 'p50', 'p95', 'p99', 'Assumed', 'Ratio'], measured.rows().map(timesOf)),
    '',
    '## Failures',
    '',
    ...(failures.length > 0 ? table(['What', 'Count'], failures) : ['None.']),
    '',
  ].join('\n')
}

const amounts = ({ most, rate }: Plan, { begun, late, outcomes, seconds }: LoadResult) =>
  table(
    ['What', 'Number', 'At most'],
    [
      ['transfers begun', begun.transfers, most.transfers],
      ['GiB up and down, if all is downloaded', gib(begun.bytes), gib(most.bytes)],
      ['dollars, by the prices of cost.md', begun.dollars.toFixed(2), most.dollars],
      ['begun late, since too many were under way', late, ''],
      ...Object.entries(outcomes).map(([outcome, count]) => [outcome, count, '']),
      ['completed in a second', (outcomes.completed / seconds).toFixed(2), rate],
    ],
  )

function eachTransfer({ measured, outcomes }: LoadResult): string[] {
  const rows = measured.rows()
  const countOf = (which: (name: string) => boolean) =>
    rows.reduce((sum, { name, count }) => sum + (which(name) ? count : 0), 0)
  const calls = countOf((name) => name !== EVENT && name !== PUBLISHED) / outcomes.completed
  const events = countOf((name) => name === EVENT) / countOf((name) => name === PUBLISHED)
  return table(
    ['What', 'Number', 'Assumed', 'Ratio'],
    [
      ['calls', tenths(calls), ASSUMED_CALLS, tenths(calls / ASSUMED_CALLS)],
      [
        'events to Altinn, where the delivery log was read',
        tenths(events),
        ASSUMED_EVENTS,
        tenths(events / ASSUMED_EVENTS),
      ],
    ],
  )
}

function timesOf({ name, count, p50, p95, p99 }: Row) {
  const assumed = ASSUMED_MS[name]
  return [
    name,
    count,
    ...[p50, p95, p99].map((ms) => ms.toFixed(0)),
    assumed ?? '',
    assumed ? tenths(p50 / assumed) : '',
  ]
}

const table = (head: string[], rows: (string | number)[][]) =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2)
const tenths = (value: number) => (Number.isFinite(value) ? value.toFixed(1) : '')
