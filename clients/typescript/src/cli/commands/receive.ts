import { mkdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileSink } from '../../node.js'
import type { Sink } from '../../receive.js'
import type { FileTransferOverview } from '../../wire.js'
import type { Command } from '../command.js'
import { UsageError } from '../ending.js'
import { textIn } from '../options.js'
import { sizeOf } from '../output.js'
import { resourceIn } from '../reading.js'

export const receive: Command = {
  about: 'receives files by the ids of their transfers, and checks them; - takes the ids from the input',
  takes: { called: '[ID...]', atLeast: 0, atMost: Number.POSITIVE_INFINITY },
  role: 'recipient',
  options: {
    out: {
      type: 'string',
      short: 'o',
      value: 'PATH',
      about: 'the file or the folder to write; - is the output',
      isFile: true,
    },
    confirm: { type: 'boolean', about: 'confirm each download when the file is there and right' },
    all: { type: 'boolean', about: 'all that wait in the inbox and have not been confirmed' },
    resource: { type: 'string', value: 'ID', about: 'the resource of the inbox, with --all' },
    force: { type: 'boolean', about: 'replace files that are there' },
  },
  async run(run) {
    const { values, names, output, signal } = run
    const out = textIn(values, 'out')
    if (names.length === 0 && !values.all) throw new UsageError('Which? Give ids, or --all')
    const resourceId = values.all ? resourceIn(run) : undefined
    const { broker, organization } = await run.connect()
    const ids = names.includes('-') ? (await text(process.stdin)).split(/\s+/).filter((id) => id !== '') : [...names]
    const waiting = { role: 'Recipient', status: 'Published' } as const
    for await (const id of resourceId ? broker.searchFileTransfers({ ...waiting, resourceId }, { signal }) : [])
      ids.push(id)

    for (const id of ids) {
      const overview = await broker.getFileTransfer(id, { signal })
      if (values.all && hasConfirmed(overview, organization)) continue
      const path = out === '-' ? undefined : await pathFor(overview, out, values.force === true)
      const meter = output.meter(overview.fileName)
      const received = await broker
        .receive(id, path === undefined ? standardOutput() : fileSink(path), {
          ...{ signal, confirm: values.confirm === true },
          onProgress: ({ receivedBytes, totalBytes }) => meter.show(receivedBytes, totalBytes),
        })
        .finally(() => meter.end())
      const check = received.isVerified ? `MD5 ${received.md5}` : 'size checked; Broker has no MD5 of it'
      output.say(`${received.fileName}, ${sizeOf(received.sizeBytes)}: ${check}`)
      if (path !== undefined) output.result({ ...received, path }, path)
    }
  },
}

const hasConfirmed = ({ recipients }: FileTransferOverview, organization: string | undefined) =>
  recipients.some(
    (each) =>
      each.recipient.endsWith(`:${organization}`) &&
      each.currentRecipientFileTransferStatusCode === 'DownloadConfirmed',
  )

/** @throws when something is there already. */
async function pathFor({ fileName }: FileTransferOverview, out: string | undefined, mayReplace: boolean) {
  const isFolder = out?.endsWith('/') || (out !== undefined && (await stat(out).catch(() => undefined))?.isDirectory())
  const path = out === undefined ? safeName(fileName) : isFolder ? join(out, safeName(fileName)) : out
  if (!mayReplace && (await stat(path).catch(() => undefined)))
    throw new Error(`${path} is there already: give --out or --force`)
  await mkdir(dirname(path), { recursive: true })
  return path
}

/** A name that stays in its folder, whatever the sender has called the file. */
export function safeName(fileName: string): string {
  const name = basename(fileName.replaceAll('\\', '/')).replace(/[\p{Cc}<>:"|?*]/gu, '_')
  return /^\.*$/.test(name) ? `_${name}` : name
}

const standardOutput = (): Sink => ({
  open: async () => undefined,
  write: (bytes) =>
    new Promise((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))),
  close: async () => undefined,
})
