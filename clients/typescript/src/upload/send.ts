import { md5 as md5OfText } from 'hash-wasm'
import type { Http } from '../calls/http.js'
import type { Operations } from '../calls/operations.js'
import { BrokerProblem, TransferEnded, undefinedIfNotFound, WrongBytes } from '../calls/problem.js'
import { isTransient, type RetryPolicy } from '../calls/retry.js'
import { published } from '../calls/watch.js'
import { md5Of } from '../md5.js'
import { partyOf } from '../wire/organization.js'
import { isFinal, isSent } from '../wire/statuses.js'
import type { FileTransferStatus, InitializeFileTransfer } from '../wire/types.js'
import { abortTogether } from './abortTogether.js'
import { forgetIfEnded, type ResumeStore } from './resume.js'
import { blobSource, type Source } from './source.js'
import type { Part } from './tus.js'
import { type UploadOptions, upload } from './upload.js'

/** The file transfer to initialize. Organisations may be nine digits alone. Default `fileName`: that of the file. */
export type Sending = Omit<InitializeFileTransfer, 'fileName' | 'checksum'> & { fileName?: string }

/** How many bytes of the file Broker has stored. */
export type SendProgress = { fileTransferId: string; sentBytes: number; totalBytes: number }

/** How a file is sent, resumed and verified. */
export type SendOptions = UploadOptions & {
  /** Called with the bytes that Broker has stored: first when there is a file transfer. */
  onProgress?: ((progress: SendProgress) => void) | undefined
  signal?: AbortSignal | undefined
  /** How patient this sending is, as far as it differs from the client: `{ tries: Infinity }` never gives up. */
  patience?: Partial<RetryPolicy> | undefined
  /** Where the progress is stored: the same file sent again with the same options resumes an earlier try. */
  resume?: ResumeStore | undefined
  /**
   * `verify` (default): computed during the upload and compared with Broker's. `promise`: computed before, so that
   * Broker fails any other file. `off`: neither.
   */
  md5?: 'verify' | 'promise' | 'off' | undefined
  /** The status to wait for: `published` (default), recipients can download; `uploaded`, Broker has all bytes. */
  until?: 'published' | 'uploaded' | undefined
}

/** A file that was sent, and the status of its file transfer. `md5`: 32 lower-case hex digits. */
export type Sent = {
  fileTransferId: string
  status: FileTransferStatus
  /** When Broker deletes the file at the latest, ISO 8601. */
  expirationTime: string
  fileName: string
  sizeBytes: number
  /** Undefined with `md5: 'off'`. */
  md5: string | undefined
}

/** The stored progress. The key is stored before the first call, so that a restart does not initialize twice. */
type Progress = { idempotencyKey: string; fileTransferId?: string; parts?: Part[] }

/**
 * Initializes a file transfer and uploads its file.
 * @throws BrokerProblem, BrokenConnection, TransferEnded, WrongBytes, or the reason of the signal.
 */
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
  const promisedMd5 = use === 'promise' ? await md5Of(source, signal) : undefined
  const request = requestOf(source, sending, promisedMd5)
  const { stored, save, forget } = await progressFor(http, source, request, options.resume)

  const resumed = stored && (await resumable(operations, request, stored, signal).catch(forgetIfEnded(forget)))
  const initialize = async () => {
    const started = await save({ idempotencyKey: crypto.randomUUID() })
    const initializing = operations.initializeFileTransfer(request, { ...started, signal })
    const fileTransferId = await initializing.catch(async (error: unknown) => {
      if (isRefusal(error)) await forget()
      throw error
    })
    return { ...started, fileTransferId }
  }
  const current = resumed?.progress ?? (await initialize())
  const { fileTransferId: id } = current
  await save(current)
  if (!resumed) options.onProgress?.({ fileTransferId: id, sentBytes: 0, totalBytes: source.sizeBytes })

  const uploadFile = async (signal: AbortSignal) => {
    if (resumed?.hasArrived) return
    const onOffset = (sentBytes: number) =>
      options.onProgress?.({ fileTransferId: id, sentBytes, totalBytes: source.sizeBytes })
    const saveParts = async (parts: Part[]) => void (await save({ ...current, parts }))
    await upload(http, id, source, { ...options, signal, onOffset, parts: resumed?.progress.parts, saveParts })
  }
  const [md5] = await abortTogether(signal, (shared) =>
    Promise.all([use === 'verify' ? md5Of(source, shared) : promisedMd5, uploadFile(shared)]),
  )
  const now =
    until === 'published'
      ? await published(operations, id, { signal }).catch(forgetIfEnded(forget))
      : await operations.getFileTransfer(id, { signal })
  await forget()
  if (now.fileTransferStatus === 'Failed') throw new TransferEnded(id, 'Failed', now.fileTransferStatusText)
  if (md5 && now.checksum && now.checksum.toLowerCase() !== md5)
    throw new WrongBytes(
      `Broker has got other bytes than ${request.fileName}: their MD5 is ${now.checksum}, not ${md5}`,
    )
  return {
    fileTransferId: id,
    status: now.fileTransferStatus,
    expirationTime: now.expirationTime,
    fileName: request.fileName,
    sizeBytes: source.sizeBytes,
    md5,
  }
}

/** Whether Broker has initialized nothing, and will not. After an answer of the token's an earlier try may have. */
const isRefusal = (error: unknown) =>
  error instanceof BrokerProblem && error.status < 500 && ![401, 403].includes(error.status) && !isTransient(error)

function requestOf(source: Source, sending: Sending, checksum: string | undefined): InitializeFileTransfer {
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

async function progressFor(
  http: Http,
  source: Source,
  request: InitializeFileTransfer,
  store: ResumeStore | undefined,
) {
  const usable = source.identity === undefined ? undefined : store
  const key = await md5OfText(JSON.stringify([http.root, source.identity, source.sizeBytes, request]))
  const text = await usable?.get(key)
  return {
    stored: text === undefined ? undefined : (JSON.parse(text) as Progress),
    save: async (next: Progress): Promise<Progress> => {
      await usable?.set(key, JSON.stringify(next))
      return next
    },
    forget: async () => usable?.delete(key),
  }
}

/** The file transfer of an earlier try, if it can be resumed. @throws TransferEnded: its sender has cancelled it. */
async function resumable(
  operations: Operations,
  request: InitializeFileTransfer,
  progress: Progress,
  signal: AbortSignal | undefined,
) {
  const { idempotencyKey } = progress
  const fileTransferId =
    progress.fileTransferId ?? (await operations.initializeFileTransfer(request, { idempotencyKey, signal }))
  const now = await operations.getFileTransfer(fileTransferId, { signal }).catch(undefinedIfNotFound)
  if (!now) return undefined
  if (now.fileTransferStatus === 'Cancelled')
    throw new TransferEnded(fileTransferId, 'Cancelled', now.fileTransferStatusText)
  const hasArrived = isSent(now)
  if (!hasArrived && isFinal(now.fileTransferStatus)) return undefined
  return { progress: { ...progress, fileTransferId }, hasArrived }
}
