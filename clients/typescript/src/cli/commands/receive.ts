import { fsync } from 'node:fs'
import { promisify } from 'node:util'
import { decryptingSink } from '../../download/decryptingSink.js'
import type { Sink } from '../../download/receive.js'
import { isDownloadable } from '../../wire/statuses.js'
import type { FileTransferGroup, FileTransferOverview } from '../../wire/types.js'
import type { Command, Run } from '../command.js'
import type { Connection } from '../connect.js'
import { identityFileOf, identityOption, privateKeysOf } from '../encryption/keyRing.js'
import { type Failure, NotAllDone, UsageError } from '../errors.js'
import { retryOption, textIn } from '../options.js'
import { resourceIn } from '../optionValues.js'
import { sizeOf } from '../output.js'
import { confirmGroup } from '../receiving/group.js'
import { NAMES, namesIn, type Placing, placingOf, requireFolder, sinkFor, targetOf } from '../receiving/placing.js'
import { inputText } from '../sending/standardInput.js'

export const receive: Command = {
  about: 'receives files by the ids of their transfers, and checks them; - takes the ids from the input',
  takes: { called: '[ID...]', atLeast: 0, atMost: Number.POSITIVE_INFINITY },
  role: 'recipient',
  examples: [
    '70ed6107-6b1e-4e30-a2b3-8e2d4e8a9a5f --confirm',
    '--all --confirm --out inbox/',
    '--all --confirm --out inbox/ --names id',
    '70ed6107-6b1e-4e30-a2b3-8e2d4e8a9a5f --out - --quiet',
    '--all --confirm --out inbox/ --identity broker-keys.txt',
    '--group 9d2a1c6e-52a4-4c0f-8f0e-0c9b1f6a7d34 --confirm --out inbox/',
  ],
  options: {
    out: {
      type: 'string',
      short: 'o',
      value: 'PATH',
      about: 'the file or the folder to write; - is the output',
      isFile: true,
    },
    confirm: {
      type: 'boolean',
      about: 'confirm each download when the file is there and right; a group when all its files are',
    },
    all: { type: 'boolean', about: 'all that wait in the inbox and have not been confirmed' },
    group: { type: 'string', value: 'GROUP', about: 'all files of a group that are published' },
    resource: { type: 'string', value: 'ID', about: 'the resource of the inbox, with --all' },
    names: {
      type: 'string',
      value: 'HOW',
      about: 'of equal names: number them (default for several), keep the first one, or put the id into each name',
      choices: NAMES,
    },
    identity: identityOption('the file of your private keys (age): encrypted files are decrypted'),
    force: { type: 'boolean', about: 'replace a file that is there; with one id' },
    retry: retryOption,
  },
  async run(run) {
    const { values, names, signal } = run
    const target = await targetOf(textIn(values, 'out'))
    if (namesIn(values) && target.kind !== 'folder')
      throw new UsageError('--names goes with a folder, such as --out inbox/')
    const groupId = textIn(values, 'group')
    if (names.length === 0 && !values.all && groupId === undefined)
      throw new UsageError('Which? Give ids, --all or --group')
    if (groupId !== undefined && (values.all || names.length > 0))
      throw new UsageError('--group stands alone, without ids and --all')
    const isSeveral = values.all === true || groupId !== undefined || names.length > 1
    if (isSeveral) requireFolder(target)
    const resourceId = values.all ? resourceIn(run) : undefined
    const connection = await run.connect()
    const group = groupId === undefined ? undefined : await connection.broker.getGroup(groupId, { signal })
    const ids = new Set([...(await idsOf(names, signal)), ...publishedIn(group)])
    const waiting = { role: 'Recipient', status: 'Published' } as const
    const found = resourceId ? connection.broker.searchFileTransfers({ ...waiting, resourceId }, { signal }) : []
    for await (const id of found) ids.add(id)
    if (ids.size > 1) requireFolder(target)

    if (ids.size === 0) run.output.say('Nothing.')
    const identityFile = identityFileOf(run)
    const privateKeys = identityFile === undefined ? undefined : await privateKeysOf(identityFile)
    const placing = { ...placingOf(values, target, isSeveral || names.includes('-')), privateKeys }
    const failures: Failure[] = []
    for (const fileTransferId of ids) {
      try {
        await receiveOne(run, connection, fileTransferId, placing)
      } catch (error) {
        if (ids.size === 1 && !values.all && !group) throw error
        failures.push({ fileTransferId, error })
        if (signal.aborted) break
      }
    }
    if (failures.length > 0) throw new NotAllDone(failures, ids.size)
    if (!group) return
    if (values.confirm) await confirmGroup(connection.broker, group, signal)
    run.output.say(`${ids.size} of ${group.fileCount} files${values.confirm ? ', confirmed' : ''}`)
  },
}

const publishedIn = (group: FileTransferGroup | undefined) =>
  (group?.fileTransfers ?? [])
    .filter(({ fileTransferStatus }) => isDownloadable(fileTransferStatus))
    .map(({ fileTransferId }) => fileTransferId)

const hasConfirmed = ({ recipients }: FileTransferOverview, organization: string | undefined) =>
  recipients.some(
    (each) =>
      each.recipient.endsWith(`:${organization}`) &&
      each.currentRecipientFileTransferStatusCode === 'DownloadConfirmed',
  )

async function receiveOne(
  { values, output, signal }: Run,
  { broker, organization }: Connection,
  id: string,
  placing: Placing,
): Promise<void> {
  const overview = await broker.getFileTransfer(id, { signal })
  if (values.all && hasConfirmed(overview, organization)) return
  const { privateKeys } = placing
  const isEncrypted = overview.encryption === 'age'
  const file = placing.target.kind === 'output' ? undefined : await sinkFor(overview, placing)
  const toOutput = () => (privateKeys ? decryptingSink(standardOutput(), { privateKeys }) : standardOutput())
  const meter = output.meter(overview.fileName)
  const received = await broker
    .receive(id, file ?? toOutput(), {
      signal,
      // Those of a group are confirmed together.
      confirm: values.confirm === true && values.group === undefined,
      onProgress: ({ receivedBytes, totalBytes }) => meter.show(receivedBytes, totalBytes),
    })
    .finally(() => meter.end())
  const check = received.isVerified ? `MD5 ${received.md5}` : 'size checked; Broker has no digest of it'
  output.say(`${received.fileName}, ${sizeOf(received.sizeBytes)}: ${check}`)
  if (isEncrypted)
    output.say(privateKeys ? 'It is decrypted.' : 'It is encrypted: give --identity, or decrypt it by age.')
  if (file) output.result({ ...received, path: file.path() }, file.path())
}

/** The ids of the arguments, or of the standard input. */
async function idsOf(names: string[], signal: AbortSignal): Promise<string[]> {
  const piped = names.includes('-')
    ? (await inputText(process.stdin, signal)).split(/\s+/).filter((id) => id !== '')
    : []
  return names.flatMap((name) => (name === '-' ? piped : [name]))
}

const standardOutput = (): Sink => ({
  open: async () => undefined,
  write: (bytes) =>
    new Promise((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))),
  async close(outcome) {
    // A pipe cannot be synced.
    if (outcome === 'whole') await promisify(fsync)(process.stdout.fd).catch(throwUnlessPipe)
  },
})

function throwUnlessPipe(error: NodeJS.ErrnoException) {
  if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes(error.code ?? '')) throw error
}
