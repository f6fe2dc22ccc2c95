import { stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { decryptingSink } from '../../download/decryptingSink.js'
import { decryptedName } from '../../encryption/encrypt.js'
import { type IfExists, makeFolder } from '../../node/disk.js'
import { fileNameFor } from '../../node/fileNames.js'
import { type FileSink, fileSink } from '../../node.js'
import type { FileTransferOverview } from '../../wire/types.js'
import { UsageError } from '../errors.js'
import { textIn, type Values } from '../options.js'

/** What becomes of equal names. */
export const NAMES = ['number', 'keep', 'id'] as const

/** The destination: the output, one file, or a folder where each file has its own name. */
export type Target = { kind: 'output' | 'file' | 'folder'; path: string }

/** Where each file goes, and what becomes of one that is there. */
export type Placing = { target: Target; ifExists: IfExists; hasId: boolean; privateKeys?: string[] | undefined }

/** The destination that `--out` names: without it the working folder. */
export async function targetOf(out: string | undefined): Promise<Target> {
  if (out === '-') return { kind: 'output', path: '' }
  const isFolder = out === undefined || out.endsWith('/') || out.endsWith(sep) || (await isFolderAt(out))
  return { kind: isFolder ? 'folder' : 'file', path: out ?? '' }
}

const isFolderAt = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/** @throws UsageError */
export function requireFolder({ kind, path }: Target): void {
  if (kind === 'folder') return
  const is = kind === 'output' ? '--out - takes one file' : `--out ${path} is one file`
  throw new UsageError(`${is}, and several are to be received: give a folder, such as --out inbox/`)
}

/** The value of `--names`. @throws UsageError */
export function namesIn(values: Values) {
  const text = textIn(values, 'names')
  const found = NAMES.find((each) => each === text)
  if (text !== undefined && !found) throw new UsageError(`--names is ${NAMES.join(', ')}, not ${text}`)
  return found
}

/** A name with an id is that of one transfer: what has it is the same file. */
const IF_EXISTS = { number: 'number', keep: 'refuse', id: 'replace' } as const

/** Senders choose names: `isSeveral` file transfers may have the same, and none replaces another. */
export function placingOf(values: Values, target: Target, isSeveral: boolean): Placing {
  const named = namesIn(values) ?? (isSeveral && target.kind === 'folder' ? 'number' : undefined)
  const single = values.force ? 'replace' : 'refuse'
  return { target, ifExists: named ? IF_EXISTS[named] : single, hasId: named === 'id' }
}

/** The file of a transfer. @throws when the path exists and may not be replaced. */
export async function sinkFor(
  { fileName, fileTransferId, encryption }: FileTransferOverview,
  { target, ifExists, hasId, privateKeys }: Placing,
): Promise<FileSink> {
  const isDecrypted = privateKeys !== undefined && encryption === 'age'
  const ownName = isDecrypted ? decryptedName(fileName) : fileName
  const name = fileNameFor(ownName, hasId ? fileTransferId : undefined)
  const path = target.kind === 'folder' ? join(target.path, name) : target.path
  if (ifExists === 'refuse' && (await stat(path).catch(() => undefined)))
    throw new Error(`${path} is there already: give --out, --names number or --force`)
  await makeFolder(dirname(path))
  const sink = fileSink(path, { ifExists })
  if (!isDecrypted) return sink
  const ciphertext = fileSink(`${path}.age`)
  return { ...decryptingSink(sink, { privateKeys, ciphertext }), path: sink.path }
}
