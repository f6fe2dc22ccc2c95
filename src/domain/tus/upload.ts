// The book-keeping of a TUS upload: which bytes of it are stored, and where. TUS 1.0.0, https://tus.io/protocols/resumable-upload
import { addSeconds } from '../duration.js'
import type { AttemptId } from '../fileTransfer/state.js'
import type { OrganizationNumber } from '../organizationNumber.js'

/** `WHOLE`, or the id of a part of the file that is sent beside others: 32 lower-case hex digits. */
export type TusUploadId = string
/** The id of the upload that is the whole file, sent as one or joined from its parts. */
export const WHOLE: TusUploadId = '0'.repeat(32)

/** Blocks that lie one after the other and were staged under one lease. */
export type BlockRun = { lease: number; count: number }

/** Bytes after the last block that are no block yet, in a place of their own under this name. */
export type Tail = { name: string; sizeBytes: number }

/** Who sends, as the token told when the right to send was last asked for. By the subject it is recognised again. */
export type Uploader = {
  organization: OrganizationNumber | undefined
  subject: string | undefined
  clientId?: string
}

/**
 * A TUS upload as it is recorded. All blocks have `blockBytes` bytes, but for the last of a complete upload. `parts`: the file is joined from
 * these, in this order. `md5State`: the running MD5 of all blocks; `md5`: of the complete upload; both undefined where none is kept.
 */
export type TusUpload = {
  id: TusUploadId
  attemptId: AttemptId
  lengthBytes: number
  /** The `Upload-Metadata` header as it was given. */
  metadata: string | undefined
  uploader: Uploader
  /** When the attempt began that the upload belongs to. */
  beganAt?: Date
  lastByteAt: Date
  blockBytes: number
  offset: number
  blocks: BlockRun[]
  tail?: Tail
  md5State?: string
  md5?: string
  parts?: TusUploadId[]
  /** Counts who has written to the upload. */
  lease: number
  /** Nobody else writes before this time. */
  leasedUntil?: Date
}

/** https://learn.microsoft.com/azure/storage/blobs/scalability-targets: a block blob has at most so many blocks. */
export const MAX_BLOCKS = 50_000
const SMALLEST_BLOCK = 4 * 2 ** 20
/** So many parts may a file have. So many blocks are kept for their ends, which are shorter than a block. */
export const MAX_PARTS = 5_000

/** How long the blocks are of an upload that is the whole file. */
export const blockBytesOfWhole = (lengthBytes: number): number =>
  Math.max(SMALLEST_BLOCK, Math.ceil(lengthBytes / MAX_BLOCKS))

/** How long the blocks are of a part, when the whole file may have so many bytes. */
export const blockBytesOfPart = (maxBytes: number): number =>
  Math.max(SMALLEST_BLOCK, Math.ceil(maxBytes / (MAX_BLOCKS - MAX_PARTS)))

export const isComplete = ({ offset, lengthBytes }: TusUpload): boolean => offset === lengthBytes
export const isPart = ({ id }: TusUpload): boolean => id !== WHOLE

const blockCount = ({ blocks }: TusUpload) => blocks.reduce((sum, { count }) => sum + count, 0)

/** When an upload is given up that gets no more bytes. `Upload-Expires` tells it. */
export const expiresAt = ({ lastByteAt }: TusUpload, idleSeconds: number): Date => addSeconds(lastByteAt, idleSeconds)

// A name that no block had before: a writer whose lease has run out cannot replace what another has written since.
/** The id of a block in storage, of the same length for every block of a file. */
export const blockId = (id: TusUploadId, lease: number, position: number): string =>
  btoa(`${id}${String(lease).padStart(10, '0')}${String(position).padStart(8, '0')}`)

/** The ids of all blocks of an upload, in order. */
export function blockIds({ id, blocks }: TusUpload): string[] {
  let position = 0
  return blocks.flatMap(({ lease, count }) => Array.from({ length: count }, () => blockId(id, lease, position++)))
}

const LEASE_SECONDS = 30

export const isLeased = ({ leasedUntil }: TusUpload, at: Date): boolean => leasedUntil !== undefined && leasedUntil > at

/** The upload in the hands of a new writer, for some seconds and as long as it writes. */
export const withLease = (upload: TusUpload, at: Date): TusUpload => ({
  ...upload,
  lease: upload.lease + 1,
  leasedUntil: addSeconds(at, LEASE_SECONDS),
})

/** What a writer has stored since it took the upload: whole blocks from position `first` on, and what is left over. */
export type Stored = {
  blocks: number
  bytes: number
  tail?: Tail | undefined
  md5State?: string | undefined
  md5?: string | undefined
}

/** How many blocks there are, which is the position of the next. */
export const nextPosition = blockCount

/** The upload with what its writer has stored, in addition to `taken`: the upload as the writer took it. Still the writer's, unless it is released. */
export function withStored(taken: TusUpload, stored: Stored, at: Date): TusUpload {
  const { tail, md5State, leasedUntil, ...rest } = taken
  const start = taken.offset - (tail?.sizeBytes ?? 0)
  const hasGrown = start + stored.bytes > taken.offset
  const md5OfBlocks = stored.blocks > 0 ? stored.md5State : md5State
  const upload = {
    ...rest,
    offset: start + stored.bytes,
    blocks: stored.blocks > 0 ? [...taken.blocks, { lease: taken.lease, count: stored.blocks }] : taken.blocks,
    ...(hasGrown && { lastByteAt: at }),
    ...(stored.tail && { tail: stored.tail }),
    ...(md5OfBlocks !== undefined && { md5State: md5OfBlocks }),
    ...(stored.md5 !== undefined && { md5: stored.md5 }),
  }
  return renewLease(upload, at)
}

/** The upload, still in the hands of its writer. */
export const renewLease = (upload: TusUpload, at: Date): TusUpload => ({
  ...upload,
  leasedUntil: addSeconds(at, LEASE_SECONDS),
})

/** The upload, free for the next writer. */
export function releaseLease({ leasedUntil, ...upload }: TusUpload): TusUpload {
  return upload
}

/** Why parts cannot be joined. */
export type ConcatenationProblem =
  | 'PartMissing'
  | 'PartUnfinished'
  | 'PartTwice'
  | 'PartsOfSeveralUploads'
  | 'TooManyBlocks'

/** The parts in this order, if they can be joined into one file. */
export function partsInOrder(uploads: TusUpload[], order: TusUploadId[]): TusUpload[] | ConcatenationProblem {
  if (new Set(order).size < order.length) return 'PartTwice'
  const found = order.map((id) => uploads.find((upload) => upload.id === id && isPart(upload)))
  const parts = found.filter((part) => part !== undefined)
  if (parts.length === 0 || parts.length < found.length) return 'PartMissing'
  if (parts.some(({ attemptId }) => attemptId !== parts[0]?.attemptId)) return 'PartsOfSeveralUploads'
  if (!parts.every(isComplete)) return 'PartUnfinished'
  const blocks = parts.reduce((sum, part) => sum + blockCount(part), 0)
  return blocks > MAX_BLOCKS ? 'TooManyBlocks' : parts
}
