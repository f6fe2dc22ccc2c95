import { createCipheriv, createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { EICAR } from '../../../local/altinn/defender/defender.js'

/** A file that is never held as a whole: any part of it is computed from its seed. */
export type Content = {
  size: number
  /** The bytes from `first` up to `last`, for small parts. */
  slice(first: number, last: number): Buffer<ArrayBuffer>
  /** The bytes from `first` up to `last`, in pieces of at most 64 KiB. */
  pieces(first: number, last: number): Generator<Buffer<ArrayBuffer>>
}

const BLOCK = 16
const PIECE = 64 * 1024

/** Bytes without a pattern: AES in counter mode, which can begin anywhere. */
export function contentOf(seed: number, size: number): Content {
  const key = createHash('sha256').update(`file ${seed}`).digest().subarray(0, 16)
  function slice(first: number, last: number): Buffer<ArrayBuffer> {
    const counter = Buffer.alloc(BLOCK)
    counter.writeBigUInt64BE(BigInt(Math.floor(first / BLOCK)), 8)
    const skipped = first % BLOCK
    const cipher = createCipheriv('aes-128-ctr', key, counter)
    return cipher.update(Buffer.alloc(skipped + last - first)).subarray(skipped)
  }
  return { size, slice, pieces: (first, last) => inPieces(slice, first, last) }
}

/** The file that the simulated scanner takes for malware. */
export const malware: Content = {
  size: EICAR.length,
  slice: (first, last) => EICAR.subarray(first, last),
  pieces: (first, last) => inPieces(malware.slice, first, last),
}

function* inPieces(slice: Content['slice'], first: number, last: number) {
  for (let at = first; at < last; at += PIECE) yield slice(at, Math.min(at + PIECE, last))
}

export type Digests = { md5: string; sha256: string }

/** The digests of a whole file, in hex; others get their turn while they are computed. */
export async function digestsOf({ size, pieces }: Content): Promise<Digests> {
  const md5 = createHash('md5')
  const sha256 = createHash('sha256')
  for (const piece of pieces(0, size)) {
    md5.update(piece)
    sha256.update(piece)
    if (piece.length === PIECE) await setImmediate()
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') }
}
