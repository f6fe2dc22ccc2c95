import { FILE_TRANSFER_STATUSES } from '../../wire/statuses.js'
import type { FileTransferSummary } from '../../wire/types.js'
import type { Command } from '../command.js'
import { UsageError } from '../errors.js'
import { type Naming, namingOf } from '../names.js'
import { textIn, type Values } from '../options.js'
import { countIn, resourceIn } from '../optionValues.js'
import { sizeOf } from '../output.js'
import { timeIn, timeText } from '../times.js'
import { receivedState, recipientsText, sentState, table } from './rows.js'
import { summaries } from './summaries.js'

const DEFAULT_LIMIT = 50
const PAGE = 100

export const inbox: Command = {
  about: 'lists what waits to be received, newest first, or what was sent',
  takes: { called: '', atLeast: 0, atMost: 0 },
  role: 'recipient',
  examples: ['', '--since 7d', '--sent --since 2026-11-01 --until 2026-11-30 --limit 200', '--status Purged --json'],
  options: {
    resource: { type: 'string', value: 'ID', about: 'the resource of the inbox' },
    sent: { type: 'boolean', about: 'what the organisation has sent, in any status' },
    status: {
      type: 'string',
      value: 'STATUS',
      about: 'those with this status (default: Published; with --sent: any)',
      choices: FILE_TRANSFER_STATUSES,
    },
    since: { type: 'string', value: 'TIME', about: 'created since: a date, a time, or a duration such as 7d' },
    until: { type: 'string', value: 'TIME', about: 'created until: a date (included), a time, or a duration' },
    limit: { type: 'string', value: 'N', about: `at most so many (default ${DEFAULT_LIMIT})` },
  },
  async run(run) {
    const { values, output, signal } = run
    const limit = countIn(values, 'limit') ?? DEFAULT_LIMIT
    const search = { resourceId: resourceIn(run), ...searchIn(values) }
    const { broker } = await run.connect()

    const found: FileTransferSummary[] = []
    let hasMore = false
    for await (const each of summaries(broker, search, Math.min(limit + 1, PAGE), signal)) {
      hasMore = found.length === limit
      if (hasMore) break
      found.push(each)
    }

    const others = found.flatMap(({ sender, recipients }) => (values.sent ? recipients.first : [sender]))
    const naming = values.json ? String : await namingOf(broker, others, signal)
    const rows = found.map((each) => (values.sent ? sentRow(each, naming) : receivedRow(each, naming)))
    const head = ['ID', 'CREATED', 'STATUS', 'SIZE', values.sent ? 'TO' : 'FROM', 'FILE']
    const [headLine = '', ...lines] = table([head, ...rows])
    if (found.length > 0) output.heading(headLine)
    for (const [index, each] of found.entries()) output.result(each, lines[index] ?? '')
    if (found.length === 0) output.say('Nothing.')
    if (hasMore) output.say(`There are more: --limit ${limit * 2} lists more of them`)
  },
}

function searchIn(values: Values) {
  const statusText = textIn(values, 'status')
  const status = FILE_TRANSFER_STATUSES.find((each) => each.toLowerCase() === statusText?.toLowerCase())
  if (statusText !== undefined && !status)
    throw new UsageError(`--status is one of ${FILE_TRANSFER_STATUSES.join(', ')}`)
  const wanted = status ?? (values.sent ? undefined : 'Published')
  const [from, to] = [timeIn(values, 'since'), timeIn(values, 'until')]
  if (from && to && from > to) throw new UsageError('--since is after --until')
  return {
    role: values.sent ? 'Sender' : 'Recipient',
    orderAscending: false,
    ...(wanted && { status: wanted }),
    ...(from && { from }),
    ...(to && { to }),
  } as const
}

const receivedRow = (each: FileTransferSummary, naming: Naming) => rowOf(each, receivedState(each), naming(each.sender))

const sentRow = (each: FileTransferSummary, naming: Naming) =>
  rowOf(each, sentState(each), recipientsText(each, naming))

const rowOf = (
  { fileTransferId, created, fileTransferSize, fileName }: FileTransferSummary,
  state: string,
  other: string,
) => [fileTransferId, timeText(created), state, sizeOf(fileTransferSize), other, fileName]
