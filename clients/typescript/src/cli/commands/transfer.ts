import { TransferEnded } from '../../calls/problem.js'
import type { FileTransferDetails, FileTransferOverview } from '../../wire/types.js'
import type { Command } from '../command.js'
import { retryOption, textIn } from '../options.js'
import { sizeOf } from '../output.js'

const EXAMPLE = '70ed6107-6b1e-4e30-a2b3-8e2d4e8a9a5f'
const ONE = { called: 'ID', atLeast: 1, atMost: 1 }

export const status: Command = {
  about: 'tells how a file transfer stands, and how it got there',
  takes: ONE,
  role: 'sender',
  examples: [EXAMPLE],
  options: {},
  async run({ names: [id = ''], output, signal, connect }) {
    const details = await (await connect()).broker.getFileTransferDetails(id, { signal })
    output.result(details, ...linesOf(details))
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
  about: 'calls off a file transfer that has not been published',
  takes: ONE,
  role: 'sender',
  examples: [EXAMPLE],
  options: {},
  async run({ names: [id = ''], output, signal, connect }) {
    await (await connect()).broker.cancelFileTransfer(id, { signal })
    output.result({ fileTransferId: id, cancelled: true }, `${id} is cancelled`)
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

const stateLine = ({ fileTransferStatusChanged, fileTransferStatus, recipients }: FileTransferOverview) => {
  const each = recipients.map((one) => `${one.recipient} ${one.currentRecipientFileTransferStatusCode}`)
  return `${fileTransferStatusChanged}  ${fileTransferStatus}  ${each.join(', ')}`
}

function linesOf(details: FileTransferDetails): string[] {
  const { fileName, fileTransferSize, checksum, fileTransferStatus, fileTransferStatusText } = details
  const { sender, recipients, resourceId, sendersFileTransferReference, created, expirationTime } = details
  const steps = [
    ...details.fileTransferStatusHistory.map((step) => ({
      at: step.fileTransferStatusChanged,
      what: step.fileTransferStatus as string,
    })),
    ...details.recipientFileTransferStatusHistory
      .filter((step) => step.recipientFileTransferStatusCode !== 'Initialized')
      .map((step) => ({
        at: step.recipientFileTransferStatusChanged,
        what: `${step.recipientFileTransferStatusCode} by ${step.recipient}`,
      })),
  ].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
  return [
    `${fileName}, ${sizeOf(fileTransferSize)}${checksum ? `, MD5 ${checksum}` : ''}`,
    `${fileTransferStatus}: ${fileTransferStatusText}`,
    `from ${sender} by ${resourceId}, reference ${sendersFileTransferReference}`,
    ...recipients.map((each) => `to ${each.recipient}: ${each.currentRecipientFileTransferStatusCode}`),
    `created ${created}, expires ${expirationTime}`,
    ...steps.map(({ at, what }) => `  ${at}  ${what}`),
  ]
}
