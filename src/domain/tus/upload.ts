// The state of a TUS upload: which bytes are stored, and where. TUS 1.0.0, https://tus.io/protocols/resumable-upload
import { addSeconds } from '../duration.js'
import { digestsIn } from '../fileTransfer/checksum.js'
import type { AttemptId } from '../fileTransfer/state.js'
import type { OrganizationNumber } from '../organizationNumber.js'

/** `WHOLE`, or the id of a partial upload. 32 lower-case hex digits. */
export type TusUploadId = string
/** The id of the upload of the whole file, sent as one or concatenated from partial uploads. */
export const WHOLE: TusUploadId = '0'.repeat(32)

/** Consecutive blocks that were staged under one lease. */
export type BlockRun = { lease: number; count: number }

/** Bytes after the last full block, stored under this name. */
export type Tail = { name: string; sizeBytes: number }

/** The sender by the token of the last authorisation. The subject identifies it in later requests. */
export type Uploader = {
  organization: OrganizationNumber | undefined
  subject: string | undefined
  clientId?: string
}

/**
 * A TUS upload as it is stored. All blocks have `blockBytes` bytes, except the last of a complete upload. `parts`: the
 * partial uploads of the file, in order. `md5State`: the running MD5 of all blocks; `md5` and `sha256`: those of the
 * complete upload; each undefined where none is computed.
 */
export type TusUpload = {
  id: TusUploadId
  attemptId: AttemptId
  lengthBytes: number
  /** The `Upload-Metadata` header, unchanged. */
  metadata: string | undefined
  uploader: Uploader
  /** When the attempt of the upload began. */
  beganAt?: Date
  lastByteAt: Date
  blockBytes: number
  offset: number
  blocks: BlockRun[]
  tail?: Tail
  md5State?: string
  md5?: string
  sha256?: string
  parts?: TusUploadId[]
  /** The number of leases so far. */
  lease: number
  /** When the present lease expires. */
  leasedUntil?: Date
}

/** The most blocks of a blob: https://learn.microsoft.com/azure/storage/blobs/scalability-targets */
export const MAX_BLOCKS = 50_000
const MIN_BLOCK_BYTES = 4 * 2 ** 20
/** The most partial uploads of a file. As many blocks are reserved for their ends, which are shorter. */
export const MAX_PARTS = 5_000

/** The size of the blocks of a whole file. */
export const blockBytesOfWhole = (lengthBytes: number): number =>
  Math.max(MIN_BLOCK_BYTES, Math.ceil(lengthBytes / MAX_BLOCKS))

/** Partial uploads of at most this many bytes together have the shortest blocks, whatever the file may have. */
const SHORT_BLOCKS_BYTES = 16 * 2 ** 30

/**
 * The size of the blocks of a partial upload, when the whole file has at most `maxBytes`, and all its partial uploads
 * have `partsBytes`, as far as they are known.
 */
export const blockBytesOfPart = (maxBytes: number, partsBytes: number): number => {
  if (partsBytes <= SHORT_BLOCKS_BYTES) return MIN_BLOCK_BYTES
  const blocksLeft = MAX_BLOCKS - MAX_PARTS - SHORT_BLOCKS_BYTES / MIN_BLOCK_BYTES
  return Math.max(MIN_BLOCK_BYTES, Math.ceil(maxBytes / blocksLeft))
}

export const isComplete = ({ offset, lengthBytes }: TusUpload): boolean => offset === lengthBytes
/** One of several uploads that are joined into the file. */
export const isPart = ({ id }: TusUpload): boolean => id !== WHOLE

const blockCount = ({ blocks }: TusUpload) => blocks.reduce((sum, { count }) => sum + count, 0)

/** When an upload without further bytes expires, for `Upload-Expires`. */
export const expiresAt = ({ lastByteAt }: TusUpload, idleSeconds: number): Date => addSeconds(lastByteAt, idleSeconds)

/**
 * The id of a block in storage, of one length for all blocks of a file. The lease makes it unique: a writer with an
 * expired lease cannot replace blocks of a later one.
 */
export const blockId = (id: TusUploadId, lease: number, position: number): string =>
  btoa(`${id}${String(lease).padStart(10, '0')}${String(position).padStart(8, '0')}`)

/** The ids of all blocks of an upload, in order. */
export function blockIds({ id, blocks }: TusUpload): string[] {
  let position = 0
  return blocks.flatMap(({ lease, count }) => Array.from({ length: count }, () => blockId(id, lease, position++)))
}

const LEASE_SECONDS = 30

/** A request is writing to it, or died less than a lease ago. */
export const isLeased = ({ leasedUntil }: TusUpload, at: Date): boolean => leasedUntil !== undefined && leasedUntil > at

/** The upload with a lease for a new writer, which renews it while it writes. */
export const withLease = (upload: TusUpload, at: Date): TusUpload => ({
  ...upload,
  lease: upload.lease + 1,
  leasedUntil: addSeconds(at, LEASE_SECONDS),
})

/** What a writer has stored under its lease: full blocks, and the tail after them. */
export type Stored = {
  blocks: number
  bytes: number
  tail?: Tail | undefined
  md5State?: string | undefined
  md5?: string | undefined
  sha256?: string | undefined
}

/** The position of the next block. */
export const nextPosition = blockCount

/** The upload with what its writer has stored since `leased`, and its lease renewed. */
export function withStored(leased: TusUpload, stored: Stored, at: Date): TusUpload {
  const { tail, md5State, leasedUntil, ...rest } = leased
  const start = leased.offset - (tail?.sizeBytes ?? 0)
  const hasGrown = start + stored.bytes > leased.offset
  const md5OfBlocks = stored.blocks > 0 ? stored.md5State : md5State
  const upload = {
    ...rest,
    offset: start + stored.bytes,
    blocks: stored.blocks > 0 ? [...leased.blocks, { lease: leased.lease, count: stored.blocks }] : leased.blocks,
    ...(hasGrown && { lastByteAt: at }),
    ...(stored.tail && { tail: stored.tail }),
    ...(md5OfBlocks !== undefined && { md5State: md5OfBlocks }),
    ...digestsIn(stored),
  }
  return renewLease(upload, at)
}

/** The upload with its lease renewed. */
export const renewLease = (upload: TusUpload, at: Date): TusUpload => ({
  ...upload,
  leasedUntil: addSeconds(at, LEASE_SECONDS),
})

/** The upload without a lease. */
export function releaseLease({ leasedUntil, ...upload }: TusUpload): TusUpload {
  return upload
}

/** Why partial uploads cannot be concatenated. */
export type ConcatenationProblem =
  | 'PartMissing'
  | 'PartUnfinished'
  | 'PartTwice'
  | 'PartsOfSeveralUploads'
  | 'TooManyBlocks'

/** The partial uploads in this order, if they can be concatenated. */
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
