import { authorOf } from '../../../domain/author.js'
import {
  type Attempt,
  type AttemptId,
  type FileTransferId,
  resumableAttempt,
} from '../../../domain/fileTransfer/state.js'
import { startResumableUpload } from '../../../domain/fileTransfer/upload.js'
import { maxSizeBytes } from '../../../domain/resource.js'
import { err, ok, type Result } from '../../../domain/result.js'
import {
  blockBytesOfPart,
  blockBytesOfWhole,
  isComplete,
  isPart,
  MAX_PARTS,
  type TusUpload,
  type TusUploadId,
  WHOLE,
} from '../../../domain/tus/upload.js'
import { retryOnConflict } from '../../../lib/retryOnConflict.js'
import type { TransferCommits } from '../../commit/transferCommits.js'
import { digestsOfOneTurn } from '../../digests.js'
import type { Snapshot } from '../../ports/fileTransfers.js'
import type { ResourceStore } from '../../ports/resources.js'
import type { Creation, Hashing, ReadUpload, TusCaller, TusRefusal } from '../../ports/tus.js'
import { type FinishDeps, tryFinish } from './finishUpload.js'
import { canSend, isRunning, type OpenUploadDeps, uploaderOf } from './tusAccess.js'

export type OpenTransferDeps = OpenUploadDeps & { resources: ResourceStore }

type Deps = OpenTransferDeps & FinishDeps & { commits: TransferCommits; hashing: Hashing; newId: () => string }

/** A transfer without a file, its running uploads, and the largest file that it may have. */
export type OpenTransfer = { found: Snapshot; uploads: ReadUpload[]; maxBytes: number }

/** The transfer, for a caller who can create an upload of it. */
export async function openTransfer(
  deps: OpenTransferDeps,
  caller: TusCaller,
  id: FileTransferId,
): Promise<Result<OpenTransfer, TusRefusal>> {
  const [found, all] = await Promise.all([deps.transfers.read(id), deps.tusUploads.ofFileTransfer(id)])
  if (!found) return caller.isExpired ? err('TokenExpired') : err('FileTransferNotFound')
  const { transfer } = found
  const uploads = all.filter(({ upload }) => isRunning(deps, upload))
  const [permitted, stored] = await Promise.all([
    canSend(
      deps,
      caller,
      transfer,
      uploads.map(({ upload }) => upload),
      true,
    ),
    deps.resources.recent(transfer.resourceId),
  ])
  if (!permitted.ok) return permitted
  if (transfer.status !== 'Initialized' && transfer.status !== 'UploadStarted')
    return err('FileTransferAlreadyUploaded')
  if (!stored) return err('InvalidResourceDefinition')
  return ok({ found, uploads, maxBytes: maxSizeBytes(stored.resource, transfer.useVirusScan) })
}

/** Creates an upload, or continues a running one of the whole file with the same length. */
export const createTusUpload =
  (deps: Deps) =>
  async (caller: TusCaller, id: FileTransferId, creation: Creation): Promise<Result<TusUpload, TusRefusal>> => {
    const opened = await openTransfer(deps, caller, id)
    if (!opened.ok) return opened
    const { found, uploads, maxBytes } = opened.value
    const { kind, lengthBytes } = creation
    if (lengthBytes > maxBytes) return err('UploadTooLarge')
    if (kind === 'part' && uploads.length >= MAX_PARTS) return err('TooManyParts')

    const current = resumableAttempt(found.transfer)?.id
    const whole = uploads.find(({ upload }) => !isPart(upload) && upload.attemptId === current)
    if (kind === 'whole' && whole && isSame(whole.upload, lengthBytes)) return ok(whole.upload)

    const replaces = kind === 'whole' && whole ? current : undefined
    // An expired token may continue a running upload, and create none.
    if (caller.isExpired && (current === undefined || replaces !== undefined)) return err('TokenExpired')
    const attempt = { id: deps.newId(), vendor: caller.vendor, replaces }
    const decide = (now: Snapshot['transfer'], at: Date) => startResumableUpload(now, attempt, deps.deadlines, at)
    const started = await deps.commits.change(found, decide, authorOf(caller))
    if (!started.ok) return started
    const begun = resumableAttempt(started.value.transfer)
    if (!begun) return err('FileTransferAlreadyUploaded')

    const blockBytes =
      kind === 'whole'
        ? blockBytesOfWhole(lengthBytes)
        : blockBytesOfPart(maxBytes, bytesOfParts(uploads, begun.id) + lengthBytes)
    const upload = newUpload(deps, caller, creation, begun, blockBytes)
    const saved = await save(deps, id, upload, started.value.snapshot)
    return saved.ok && kind === 'part' ? withSettledBlocks(deps, id, saved.value, maxBytes) : saved
  }

const isSame = (upload: TusUpload, lengthBytes: number) => !upload.parts && upload.lengthBytes === lengthBytes

const bytesOfParts = (uploads: ReadUpload[], attemptId: AttemptId) =>
  uploads
    .filter(({ upload }) => isPart(upload) && upload.attemptId === attemptId)
    .reduce((sum, { upload }) => sum + upload.lengthBytes, 0)

function newUpload(
  { now, newId }: Deps,
  caller: TusCaller,
  { kind, lengthBytes, metadata }: Creation,
  { id: attemptId, startedAt: beganAt }: Attempt,
  blockBytes: number,
): TusUpload {
  const id: TusUploadId = kind === 'whole' ? WHOLE : newId().replaceAll('-', '')
  return {
    id,
    attemptId,
    lengthBytes,
    metadata,
    uploader: uploaderOf(caller),
    beganAt,
    lastByteAt: now(),
    blockBytes,
    offset: 0,
    blocks: [],
    lease: 0,
  }
}

const ATTEMPTS = 5

/**
 * Records a new upload. One that is there is replaced if its attempt was abandoned; else another request was first, and
 * its upload is kept.
 */
async function save(
  deps: Deps,
  id: FileTransferId,
  upload: TusUpload,
  snapshot: Snapshot,
): Promise<Result<TusUpload, TusRefusal>> {
  const isEmptyFile = isComplete(upload) && !isPart(upload)
  const created = isEmptyFile ? { ...upload, ...digestsOfOneTurn(deps.hashing).digests() } : upload
  const saved = await retryOnConflict(
    async () => {
      const existing = await deps.tusUploads.read(id, upload.id)
      if (existing && existing.upload.attemptId === upload.attemptId) return others(existing.upload, upload)
      // 'conflict': another request was first, or the abandoned upload has just been removed.
      const version = await deps.tusUploads.save(id, created, existing?.version)
      if (version === 'conflict') return version
      if (isEmptyFile) await tryFinish(deps, snapshot, created)
      return ok(created)
    },
    (attempts) => attempts < ATTEMPTS,
  )
  return saved === 'conflict' ? err('FileTransferBusy') : saved
}

/**
 * Parts that are created at the same time know of each other only when they are recorded. So the last of those with the
 * shortest blocks counts all of them.
 */
async function withSettledBlocks(
  { tusUploads }: Deps,
  id: FileTransferId,
  part: TusUpload,
  maxBytes: number,
): Promise<Result<TusUpload, TusRefusal>> {
  if (part.blockBytes === blockBytesOfPart(maxBytes, Number.POSITIVE_INFINITY)) return ok(part)
  const uploads = await tusUploads.ofFileTransfer(id)
  const blockBytes = blockBytesOfPart(maxBytes, bytesOfParts(uploads, part.attemptId))
  if (blockBytes === part.blockBytes) return ok(part)
  const settled = { ...part, blockBytes }
  const recorded = uploads.find(({ upload }) => upload.id === part.id)
  const saved = recorded ? await tusUploads.save(id, settled, recorded.version) : 'conflict'
  return saved === 'conflict' ? err('FileTransferBusy') : ok(settled)
}

const others = (winner: TusUpload, { lengthBytes }: TusUpload): Result<TusUpload, TusRefusal> =>
  isSame(winner, lengthBytes) ? ok(winner) : err('FileTransferBusy')
