import { TransferEnded } from '../../calls/problem.js'
import { organizationNumber } from '../../wire/organization.js'
import type { FileTransferDetails, FileTransferOverview } from '../../wire/types.js'
import type { Command } from '../command.js'
import { UsageError } from '../errors.js'
import { type Naming, namingOf } from '../names.js'
import { retryOption, textIn } from '../options.js'
import { sizeOf } from '../output.js'
import { timeAheadIn, timeText } from '../times.js'
import { historyOf, recipientLines, stepText } from './history.js'

const EXAMPLE = '70ed6107-6b1e-4e30-a2b3-8e2d4e8a9a5f'
const ONE = { called: 'ID', atLeast: 1, atMost: 1 }

export const status: Command = {
  about: 'tells how a file transfer stands, and how it got there',
  takes: ONE,
  role: 'sender',
  examples: [EXAMPLE],
  options: {},
  async run({ names: [id = ''], values, output, signal, connect }) {
    const { broker } = await connect()
    const details = await broker.getFileTransferDetails(id, { signal })
    const parties = [details.sender, ...details.recipients.map(({ recipient }) => recipient)]
    const naming = values.json ? String : await namingOf(broker, parties, signal)
    output.result(details, ...linesOf(details, naming))
  },
}

export const confirm: Command = {
  about: 'confirms that the file of a transfer has been received',
  takes: ONE,
  role: 'recipient',
  examples: [EXAMPLE],
  options: {},
  async run({ names: [id = ''], output, signal, connect }) {
    await (await connect()).broker.confirmDownload(id, { signal })
    output.result({ fileTransferId: id, confirmed: true }, `${id} is confirmed`)
  },
}

export const cancel: Command = {
  about: 'calls off a file transfer, or withdraws a published file',
  takes: ONE,
  role: 'sender',
  examples: [EXAMPLE, `${EXAMPLE} --reason 'The wrong file'`],
  options: {
    reason: {
      type: 'string',
      value: 'TEXT',
      about: 'why, for all concerned; needed to withdraw a published file',
    },
  },
  async run({ names: [id = ''], values, output, signal, connect }) {
    const reason = textIn(values, 'reason')
    await (await connect()).broker.cancelFileTransfer(id, { reason, signal })
    output.result({ fileTransferId: id, cancelled: true, ...(reason && { reason }) }, `${id} is cancelled`)
  },
}

export const expire: Command = {
  about: 'changes when a published file expires',
  takes: ONE,
  role: 'sender',
  examples: [`${EXAMPLE} --until 2026-12-24`, `${EXAMPLE} --until 2026-12-24T12:00`, `${EXAMPLE} --until 7d`],
  options: {
    until: {
      type: 'string',
      value: 'TIME',
      about: 'a date (its end) or a time, on the clock of this machine, or so long from now (90m, 24h, 7d, 2w)',
    },
  },
  async run({ names: [id = ''], values, output, signal, connect }) {
    const until = timeAheadIn(values, 'until')
    if (until === undefined) throw new UsageError('Until when? Give --until TIME')
    const { broker } = await connect()
    const now = await broker.changeExpiry(id, until, { signal })
    output.result(now, `${id} expires ${timeText(now.expirationTime)}`)
  },
}

export const watch: Command = {
  about: 'tells each change of a file transfer, until its end',
  takes: ONE,
  role: 'sender',
  examples: [EXAMPLE, `${EXAMPLE} --until Published`],
  options: {
    retry: retryOption,
    until: { type: 'string', value: 'STATUS', about: 'until it has this status, such as Published' },
  },
  async run({ names: [id = ''], values, output, signal, connect }) {
    const { broker } = await connect()
    const until = textIn(values, 'until')?.toLowerCase()
    let last: FileTransferOverview | undefined
    for await (const now of broker.watch(id, { signal })) {
      last = now
      output.result(now, stateLine(now))
      if (now.fileTransferStatus.toLowerCase() === until) return
    }
    const isExpected = until === undefined && last?.fileTransferStatus !== 'Failed'
    if (!isExpected) throw new TransferEnded(id, last?.fileTransferStatus ?? '', last?.fileTransferStatusText ?? '')
  },
}

const stateLine = ({ fileTransferStatusChanged, fileTransferStatus, recipients }: FileTransferOverview) =>
  `${timeText(fileTransferStatusChanged)}  ${fileTransferStatus}  ${recipientLines(recipients, organizationNumber).join(', ')}`

function linesOf(details: FileTransferDetails, naming: Naming): string[] {
  const { fileName, fileTransferSize, checksum, fileTransferStatus, fileTransferStatusText } = details
  const { sender, recipients, resourceId, sendersFileTransferReference, created, expirationTime } = details
  const { reminders, nextReminder, group } = details
  return [
    `${fileName}, ${sizeOf(fileTransferSize)}${checksum ? `, MD5 ${checksum}` : ''}`,
    `${fileTransferStatus}: ${fileTransferStatusText}`,
    `from ${naming(sender)} by ${resourceId}, reference ${sendersFileTransferReference}`,
    ...(details.encryption ? ['encrypted for the recipients, in the format age'] : []),
    ...(group ? [`file ${group.fileNumber} of ${group.fileCount} of the group ${group.fileTransferGroupId}`] : []),
    ...recipientLines(recipients, naming),
    `created ${timeText(created)}, expires ${timeText(expirationTime)}`,
    ...(reminders
      ? [`reminders: ${reminders.join(', ')}${nextReminder ? `, next ${timeText(nextReminder)}` : ''}`]
      : []),
    ...historyOf(details).map((step) => `  ${timeText(step.at)}  ${stepText(step, naming)}`),
  ]
}
