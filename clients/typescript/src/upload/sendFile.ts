import type { Http } from '../calls/http.js'
import type { Operations } from '../calls/operations.js'
import { TransferEnded, WrongBytes } from '../calls/problem.js'
import type { RetryPolicy } from '../calls/retry.js'
import { published } from '../calls/watch.js'
import type { Encryption } from '../encryption/encrypt.js'
import { md5Of } from '../md5.js'
import type { FileTransferStatus } from '../wire/types.js'
import { abortTogether } from './abortTogether.js'
import { forgetIfEnded, type ResumeStore } from './resume.js'
import type { Source } from './source.js'
import type { Part } from './tus.js'
import { type UploadOptions, upload } from './upload.js'

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
  /**
   * Encrypts the file for its recipients, by the public keys that they have published. It is sent by its name and
   * `.age`, without a scan, and what `send` returns is of the ciphertext.
   */
  encrypt?: Encryption | undefined
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

/** A file, its file transfer, and what is known of an earlier try. */
type Initialized = {
  fileTransferId: string
  fileName: string
  source: Source
  promisedMd5: string | undefined
  hasArrived: boolean
  parts: Part[] | undefined
  saveParts: (parts: Part[]) => Promise<void>
  forget: () => Promise<void>
}

/**
 * Uploads the file of an initialized file transfer, unless it has arrived, and waits for its status.
 * @throws BrokerProblem, BrokenConnection, TransferEnded, WrongBytes, or the reason of the signal.
 */
export async function sendFile(
  http: Http,
  operations: Operations,
  { fileTransferId: id, fileName, source, promisedMd5, hasArrived, parts, saveParts, forget }: Initialized,
  options: SendOptions & { onUploaded?: () => void },
): Promise<Sent> {
  const { signal, md5: use = 'verify', until = 'published' } = options
  const { sizeBytes } = source
  const uploadFile = async (signal: AbortSignal) => {
    const onOffset = (sentBytes: number) =>
      options.onProgress?.({ fileTransferId: id, sentBytes, totalBytes: sizeBytes })
    if (hasArrived) onOffset(sizeBytes)
    else await upload(http, id, source, { ...options, signal, onOffset, parts, saveParts })
    options.onUploaded?.()
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
    throw new WrongBytes(`Broker has got other bytes than ${fileName}: their MD5 is ${now.checksum}, not ${md5}`)
  return {
    fileTransferId: id,
    status: now.fileTransferStatus,
    expirationTime: now.expirationTime,
    fileName,
    sizeBytes,
    md5,
  }
}
