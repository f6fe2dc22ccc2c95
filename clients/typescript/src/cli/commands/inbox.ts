import { organizationNumber } from '../../wire/organization.js'
import { FILE_TRANSFER_STATUSES } from '../../wire/statuses.js'
import type { FileTransferOverview } from '../../wire/types.js'
import type { Command } from '../command.js'
import { UsageError } from '../errors.js'
import { textIn } from '../options.js'
import { countIn, resourceIn } from '../optionValues.js'
import { sizeOf } from '../output.js'

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
      about: 'those with this status (default: Published)',
      choices: FILE_TRANSFER_STATUSES,
    },
    limit: { type: 'string', value: 'N', about: 'at most so many (default 50)' },
  },
  async run(run) {
    const { values, output, signal } = run
    const statusText = textIn(values, 'status')
    const status = FILE_TRANSFER_STATUSES.find((each) => each.toLowerCase() === statusText?.toLowerCase())
    if (statusText !== undefined && !status)
      throw new UsageError(`--status is one of ${FILE_TRANSFER_STATUSES.join(', ')}`)
    const limit = countIn(values, 'limit') ?? 50
    const resourceId = resourceIn(run)
    const { broker } = await run.connect()
    const wanted = status ?? (values.sent ? undefined : 'Published')
    const role = values.sent ? 'Sender' : 'Recipient'
    const search = { resourceId, role, orderAscending: false, ...(wanted && { status: wanted }) } as const
    const found: FileTransferOverview[] = []
    for await (const id of broker.searchFileTransfers(search, { signal })) {
      if (found.length === limit) break
      found.push(await broker.getFileTransfer(id, { signal }))
    }
    output.result(found, ...found.map((each) => lineOf(each, values.sent === true)))
    if (found.length === 0) output.say('Nothing.')
  },
}

function lineOf(transfer: FileTransferOverview, isSent: boolean): string {
  const { fileTransferId, created, fileTransferStatus, fileTransferSize, sender, recipients, fileName } = transfer
  const others = isSent
    ? `to ${recipients.map(({ recipient }) => organizationNumber(recipient)).join(',')}`
    : `from ${organizationNumber(sender)}`
  const when = created.slice(0, 16).replace('T', ' ')
  return [fileTransferId, when, fileTransferStatus, sizeOf(fileTransferSize), others, fileName].join('  ')
}
