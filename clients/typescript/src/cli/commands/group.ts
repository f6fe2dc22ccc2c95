import type { FileTransferGroup } from '../../wire/types.js'
import type { Command } from '../command.js'
import { type Naming, namingOf } from '../names.js'
import { sizeOf } from '../output.js'
import { confirmGroup } from '../receiving/group.js'
import { receivedState, recipientsText, sentState, table } from './rows.js'

const EXAMPLE = '9d2a1c6e-52a4-4c0f-8f0e-0c9b1f6a7d34'

export const group: Command = {
  about: 'shows the files of a group and what has been confirmed, or confirms all of them',
  // Not an ID: that is of a file transfer.
  takes: { called: 'GROUP', atLeast: 1, atMost: 1 },
  role: 'recipient',
  examples: [EXAMPLE, `${EXAMPLE} --confirm`],
  options: {
    confirm: { type: 'boolean', about: 'confirm that all files of the group have been received' },
  },
  async run({ names: [id = ''], values, output, signal, connect }) {
    const { broker } = await connect()
    const found = await broker.getGroup(id, { signal })
    const now = values.confirm ? await confirmGroup(broker, found, signal) : found
    const parties = [now.sender, ...now.fileTransfers.flatMap(({ recipients }) => recipients.first)]
    const naming = values.json ? String : await namingOf(broker, parties, signal)
    output.result(now, ...linesOf(now, naming))
  },
}

function linesOf(group: FileTransferGroup, naming: Naming): string[] {
  const { sender, resourceId, sendersFileTransferReference, fileCount, fileTransfers } = group
  const [first] = fileTransfers
  const rows = fileTransfers.map((each) => [
    each.fileTransferId,
    each.recipientStatus ? receivedState(each) : sentState(each),
    sizeOf(each.fileTransferSize),
    each.fileName,
  ])
  const missing = fileCount - fileTransfers.length
  return [
    `files: ${fileCount}${missing > 0 ? `, ${missing} of them removed` : ''}`,
    `from ${naming(sender)} by ${resourceId}, reference ${sendersFileTransferReference}`,
    ...(first ? [`to ${recipientsText(first, naming)}`] : []),
    ...table([['ID', 'STATUS', 'SIZE', 'FILE'], ...rows]),
  ]
}
