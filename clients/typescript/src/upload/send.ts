import { md5 as md5OfText } from 'hash-wasm'
import type { Http } from '../calls/http.js'
import type { Operations } from '../calls/operations.js'
import { TransferEnded, undefinedIfNotFound, WrongBytes } from '../calls/problem.js'
import { published } from '../calls/watch.js'
import { md5Of } from '../md5.js'
import { partyOf } from '../wire/organization.js'
import { isFinal, isUploaded } from '../wire/statuses.js'
import type { FileTransferStatus, InitializeFileTransfer } from '../wire/types.js'
import { abortTogether } from './abortTogether.js'
import type { ResumeStore } from './resume.js'
import { blobSource, type Source } from './source.js'
import type { Part } from './tus.js'
import { type UploadOptions, upload } from './upload.js'

/** What to announce. Organisations may be nine digits alone; a file with a name needs no other. */
export type Sending = Omit<InitializeFileTransfer, 'fileName' | 'checksum'> & { fileName?: string }

export type SendProgress = { fileTransferId: string; sentBytes: number; totalBytes: number }

export type SendOptions = UploadOptions & {
  /** What is stored at Broker by now. */
  onProgress?: ((progress: SendProgress) => void) | undefined
  signal?: AbortSignal | undefined
  /** The same file sent again in the same way goes on where an earlier try was broken off. */
  resume?: ResumeStore | undefined
  /**
   * `verify` (default): computed while the file is sent, and compared with what Broker has got. `promise`: computed before, so that Broker fails
   * any other file. `off`: neither.
   */
  md5?: 'verify' | 'promise' | 'off' | undefined
  /** When it is sent: `published` (default), when recipients can get it; `uploaded`, when Broker has all bytes. */
  until?: 'published' | 'uploaded' | undefined
}

export type Sent = {
  fileTransferId: string
  status: FileTransferStatus
  fileName: string
  sizeBytes: number
  /** Undefined with `md5: 'off'`. */
  md5: string | undefined
}

/** What is kept of a sending: the key first, so that not even the first call happens twice. */
type Note = { idempotencyKey: string; fileTransferId?: string; parts?: Part[] }

/** Announces and uploads a file. @throws BrokerProblem, BrokenConnection, TransferEnded, WrongBytes, or the reason of the signal. */
export async function send(
  http: Http,
  operations: Operations,
  file: Blob | Source,
  sending: Sending,
  options: SendOptions = {},
): Promise<Sent> {
  const source = 'read' in file ? file : blobSource(file)
  const { signal, md5: use = 'verify', until = 'published' } = options
  signal?.throwIfAborted()
  const promised = use === 'promise' ? await md5Of(source, signal) : undefined
  const announced = announcementOf(source, sending, promised)
  const { note, keep, forget } = await notesFor(http, source, announced, options.resume)

  const going = note && (await goingOn(operations, announced, note, signal))
  const begin = async () => {
    const begun = await keep({ idempotencyKey: crypto.randomUUID() })
    return { ...begun, fileTransferId: await operations.initializeFileTransfer(announced, { ...begun, signal }) }
  }
  const own = going?.note ?? (await begin())
  const { fileTransferId: id } = own
  await keep(own)

  const bring = async (signal: AbortSignal) => {
    if (going?.hasArrived) return
    const onOffset = (sentBytes: number) =>
      options.onProgress?.({ fileTransferId: id, sentBytes, totalBytes: source.sizeBytes })
    const keepParts = async (parts: Part[]) => void (await keep({ ...own, parts }))
    await upload(http, id, source, { ...options, signal, onOffset, parts: going?.note.parts, keep: keepParts })
  }
  const [md5] = await abortTogether(signal, (both) =>
    Promise.all([use === 'verify' ? md5Of(source, both) : promised, bring(both)]),
  )
  const now =
    until === 'published'
      ? await published(operations, id, { signal })
      : await operations.getFileTransfer(id, { signal })
  await forget()
  if (now.fileTransferStatus === 'Failed') throw new TransferEnded(id, 'Failed', now.fileTransferStatusText)
  if (md5 && now.checksum && now.checksum.toLowerCase() !== md5)
    throw new WrongBytes(
      `Broker has got other bytes than ${announced.fileName}: their MD5 is ${now.checksum}, not ${md5}`,
    )
  return {
    fileTransferId: id,
    status: now.fileTransferStatus,
    fileName: announced.fileName,
    sizeBytes: source.sizeBytes,
    md5,
  }
}

function announcementOf(source: Source, sending: Sending, checksum: string | undefined): InitializeFileTransfer {
  const fileName = sending.fileName ?? source.name
  if (!fileName) throw new TypeError('The file has no name: give a fileName.')
  return {
    ...sending,
    fileName,
    sender: partyOf(sending.sender),
    recipients: sending.recipients.map(partyOf),
    ...(checksum !== undefined && { checksum }),
  }
}

async function notesFor(http: Http, source: Source, announced: InitializeFileTransfer, store: ResumeStore | undefined) {
  const usable = source.identity === undefined ? undefined : store
  const key = await md5OfText(JSON.stringify([http.root, source.identity, source.sizeBytes, announced]))
  const text = await usable?.get(key)
  return {
    note: text === undefined ? undefined : (JSON.parse(text) as Note),
    keep: async (next: Note): Promise<Note> => {
      await usable?.set(key, JSON.stringify(next))
      return next
    },
    forget: async () => usable?.delete(key),
  }
}

/** What an earlier try had begun, if it can go on. */
async function goingOn(
  operations: Operations,
  announced: InitializeFileTransfer,
  note: Note,
  signal: AbortSignal | undefined,
) {
  const { idempotencyKey } = note
  const fileTransferId =
    note.fileTransferId ?? (await operations.initializeFileTransfer(announced, { idempotencyKey, signal }))
  const now = await operations.getFileTransfer(fileTransferId, { signal }).catch(undefinedIfNotFound)
  if (!now) return undefined
  const hasArrived = isUploaded(now.fileTransferStatus)
  if (!hasArrived && isFinal(now.fileTransferStatus)) return undefined
  return { note: { ...note, fileTransferId }, hasArrived }
}
