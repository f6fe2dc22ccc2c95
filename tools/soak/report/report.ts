import type { Finding } from '../ledger/judge.js'
import type { Outage } from '../ledger/ledger.js'
import type { SoakOptions, Times } from '../options.js'
import type { Chart } from './charts.js'
import type { Latencies } from './latencies.js'
import type { Sample } from './samples.js'

/** Everything that a run has shown. */
export type SoakResult = {
  options: SoakOptions
  times: Times
  startedAt: number
  endedAt: number
  intervalMs: number
  findings: Finding[]
  /** Blobs and entries that are left with a reason. */
  left: string[]
  unexpected: string[]
  serverErrors: string[]
  counts: {
    begun: number
    confirmed: number
    missed: number
    reminders: number
    receipts: number
    /** Changes in inboxes, and those of them that had been read before. */
    inbox: number
    repeated: number
    events: number
    calls: number
    broken: number
    bytes: number
  }
  kinds: Record<string, number>
  outages: Outage[]
  latencies: Latencies
  samples: Sample[]
  /** Lines of the logs of the parts that name a transfer with a finding. */
  logLines: string[]
}

/** `lost 0, doubled 0, late 3` */
export const verdictLine = (findings: Finding[]): string =>
  (['lost', 'doubled', 'late'] as const)
    .map((verdict) => `${verdict} ${findings.filter((each) => each.verdict === verdict).length}`)
    .join(', ')

/** The operations whose times are drawn. */
const DRAWN = [
  'POST filetransfer',
  'POST filetransfer/{id}/upload',
  'PATCH filetransfer/upload/tus/{id}',
  'GET filetransfer/{id}',
  'GET filetransfer/{id}/download, until it begins',
  'POST filetransfer/{id}/confirmdownload',
]

/** The pictures of a run by the name of their file. */
export function chartsOf({ samples, latencies, intervalMs }: SoakResult): Record<string, Chart> {
  const at = ({ atMs }: Sample) => atMs / 60_000
  const names = (of: (sample: Sample) => object) => [...new Set(samples.flatMap((each) => Object.keys(of(each))))]
  const perSecond = (of: (sample: Sample) => number): [number, number][] =>
    samples.slice(1).map((each, index) => {
      const before = samples[index] ?? each
      return [at(each), (1000 * (of(each) - of(before))) / Math.max(1, each.atMs - before.atMs)]
    })
  const ofProcesses = (unit: 'memory' | 'handles' | 'sockets') =>
    names(({ processes }) => processes)
      .toSorted()
      .map((name) => ({
        name,
        points: samples.map((each): [number, number | undefined] => [at(each), each.processes[name]?.[unit]]),
      }))
  const ofQueues = (unit: 'messages' | 'oldest') =>
    names(({ queues }) => queues).map((name) => ({
      name: name.replace('/Subscriptions/', ' '),
      points: samples.map((each): [number, number | undefined] => [at(each), each.queues[name]?.[unit]]),
    }))
  const over = (part: number) =>
    DRAWN.map((name) => ({
      name,
      points: latencies
        .over(name, part)
        .map((ms, interval): [number, number | undefined] => [((interval + 0.5) * intervalMs) / 60_000, ms]),
    }))
  return {
    throughput: {
      title: 'Throughput',
      unit: 'in a second; files in MiB',
      lines: [
        { name: 'transfers begun', points: perSecond(({ begun }) => begun) },
        { name: 'transfers through', points: perSecond(({ over: done }) => done) },
        { name: 'MiB up and down', points: perSecond(({ bytes }) => bytes / 2 ** 20) },
      ],
    },
    p50: { title: 'Time of a call, p50', unit: 'milliseconds', lines: over(0.5), isLog: true },
    p95: { title: 'Time of a call, p95', unit: 'milliseconds', lines: over(0.95), isLog: true },
    memory: { title: 'Memory of each process', unit: 'MiB resident', lines: ofProcesses('memory') },
    sockets: { title: 'Open sockets of each process', unit: 'sockets', lines: ofProcesses('sockets') },
    handles: { title: 'Open files and sockets of each process', unit: 'handles', lines: ofProcesses('handles') },
    queues: { title: 'Messages in each queue', unit: 'messages', lines: ofQueues('messages') },
    age: { title: 'Age of the oldest message in each queue', unit: 'seconds', lines: ofQueues('oldest') },
  }
}

type Machine = { version: string; commit: string; machine: string; command: string }

/** The report in Markdown; the pictures are files beside it. */
export function reportOf(result: SoakResult, { version, commit, machine, command }: Machine): string {
  const { options, findings, counts, outages, latencies, left, unexpected, serverErrors, logLines, times } = result
  const minutes = ((result.endedAt - result.startedAt) / 60_000).toFixed(1)
  const restarts = Map.groupBy(outages, ({ part, how }) => `${part}: ${how}`)
  return [
    '# A soak',
    '',
    'Written by `npm run soak`; [soak.md](../soak.md) says what it does, and what is counted as lost, doubled and late.',
    '',
    `**${verdictLine(findings)}**`,
    '',
    ...table(
      ['What', ''],
      [
        ['Command', `\`${command}\``],
        ['Seed', options.seed],
        ['Version', `${version}, commit ${commit}`],
        ['Machine', machine],
        ['Began', new Date(result.startedAt).toISOString()],
        ['Minutes, with the time until all was purged', minutes],
        ['Transfers', counts.begun],
        ['Confirmations', counts.confirmed],
        ['Events received', counts.events],
        ['Changes read in inboxes, and those that came again', `${counts.inbox}, ${counts.repeated}`],
        ['Reminders', counts.reminders],
        ['Receipts verified', counts.receipts],
        ['Calls, and those that broke off', `${counts.calls}, ${counts.broken}`],
        ['GiB up and down', (counts.bytes / 2 ** 30).toFixed(1)],
        ['Recipients who came after the expiry or the withdrawal', counts.missed],
        ['Disturbances', outages.length],
      ],
    ),
    '',
    ...Object.keys(chartsOf(result)).map((name) => `![${name}](${name}.svg)`),
    '',
    'Shaded: a part was down or disturbed.',
    '',
    '## Times of calls, in milliseconds',
    '',
    'From the first byte of the request to the last byte of the answer, at the client, every attempt that was answered. Uploads include slow senders.',
    '',
    ...table(
      ['Operation', 'Count', 'p50', 'p95', 'p99'],
      latencies
        .rows()
        .map(({ operation, count, p50, p95, p99 }) => [
          `\`${operation}\``,
          count,
          ...[p50, p95, p99].map((ms) => ms.toFixed(0)),
        ]),
    ),
    '',
    '## Transfers by kind',
    '',
    ...table(['Kind', 'Count'], Object.entries(result.kinds)),
    '',
    '## Disturbances',
    '',
    ...table(
      ['Part', 'Times', 'Longest, s'],
      [...restarts].map(([name, all]) => [
        name,
        all.length,
        (Math.max(...all.map(({ from, to }) => to - from)) / 1000).toFixed(1),
      ]),
    ),
    '',
    'Durations of this run, in seconds:',
    '',
    ...table(['What', 'Seconds'], Object.entries(times)),
    '',
    ...listed(
      '## Findings',
      findings.map(({ verdict, what, id, number }) => `${verdict}: ${what} (${number}, \`${id}\`)`),
    ),
    ...listed(
      '## Where to look: log lines of these transfers',
      logLines.map((line) => `\`${line}\``),
    ),
    ...listed('## Answers that are not explained', unexpected),
    ...listed('## Answers with 500, by operation', countedErrors(serverErrors)),
    ...listed('## Left with a reason', left),
  ].join('\n')
}

/** Server errors that differ only in their ids, with their number. */
const countedErrors = (errors: string[]): string[] => {
  const kindOf = (text: string) =>
    `${text.split(':')[0]}: ${/"code":"([^"]+)"/.exec(text)?.[1] ?? 'no code'}`.replace(
      /[0-9a-f]{8}[0-9a-f-]{24,28}/g,
      '{id}',
    )
  return [...Map.groupBy(errors, kindOf)].map(([kind, all]) => `${kind}, ${all.length} times`)
}

const MOST_LISTED = 100

const listed = (title: string, lines: string[]): string[] =>
  lines.length === 0
    ? []
    : [
        `${title} (${lines.length})`,
        '',
        ...lines.slice(0, MOST_LISTED).map((line) => `- ${line.replaceAll('\n', ' ').slice(0, 400)}`),
        ...(lines.length > MOST_LISTED ? [`- and ${lines.length - MOST_LISTED} more`] : []),
        '',
      ]

const table = (head: string[], rows: (string | number)[][]) =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
