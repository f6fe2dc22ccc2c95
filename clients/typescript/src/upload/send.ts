import { md5 as md5OfText } from 'hash-wasm'
import type { Http } from '../calls/http.js'
import type { Operations } from '../calls/operations.js'
import { TransferEnded, undefinedIfNotFound } from '../calls/problem.js'
import { md5Of } from '../md5.js'
import { partyOf } from '../wire/organization.js'
import { isFinal, isSent } from '../wire/statuses.js'
import type { InitializeFileTransfer } from '../wire/types.js'
import { forgetIfEnded, forgetIfRefused, type ResumeStore } from './resume.js'
import { type SendOptions, type Sent, sendFile } from './sendFile.js'
import { nameOf, type Source, sourceOf } from './source.js'
import type { Part } from './tus.js'

/** The file transfer to initialize. Organisations may be nine digits alone. Default `fileName`: that of the file. */
export type Sending = Omit<InitializeFileTransfer, 'fileName' | 'checksum'> & { fileName?: string }

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
  const source = sourceOf(file)
  const { signal } = options
  signal?.throwIfAborted()
  const promisedMd5 = options.md5 === 'promise' ? await md5Of(source, signal) : undefined
  const request = requestOf(source, sending, promisedMd5)
  const { stored, save, forget } = await progressFor(http, source, request, options.resume)

  const resumed = stored && (await resumable(operations, request, stored, signal).catch(forgetIfEnded(forget)))
  const initialize = async () => {
    const started = await save({ idempotencyKey: crypto.randomUUID() })
    const initializing = operations.initializeFileTransfer(request, { ...started, signal })
    return { ...started, fileTransferId: await initializing.catch(forgetIfRefused(forget)) }
  }
  const current = resumed?.progress ?? (await initialize())
  const { fileTransferId } = current
  await save(current)
  if (!resumed) options.onProgress?.({ fileTransferId, sentBytes: 0, totalBytes: source.sizeBytes })

  const { fileName } = request
  const { hasArrived, progress } = resumed ?? { hasArrived: false }
  const saveParts = async (parts: Part[]) => void (await save({ ...current, parts }))
  const earlier = { hasArrived, parts: progress?.parts, saveParts, forget }
  return sendFile(http, operations, { fileTransferId, fileName, source, promisedMd5, ...earlier }, options)
}

function requestOf(source: Source, sending: Sending, checksum: string | undefined): InitializeFileTransfer {
  return {
    ...sending,
    fileName: nameOf(sending.fileName ?? source.name),
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
