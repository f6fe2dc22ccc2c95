import { MAX_BYTES } from '../../domain/resource.js'
import { expiresAt, isComplete, isPart, type TusUpload, type TusUploadId } from '../../domain/tus/upload.js'
import { CHECKSUMS, type Checksum } from '../../usecases/ports/tus.js'
import { TUS_ROOT } from '../contract/tusRows.js'

// TUS 1.0.0, https://tus.io/protocols/resumable-upload: each header is read and written here, and nowhere else.

/** The only version of the protocol that is served. */
export const TUS_VERSION = '1.0.0'

/** Where an upload is: a path without a host, as in the original. */
export const addressOf = (fileTransferId: string, uploadId: TusUploadId, isOfPart: boolean): string =>
  `/${TUS_ROOT}/${fileTransferId}${isOfPart ? `/partial/${uploadId}` : ''}`

/** What the server can do. */
export const capabilities: Record<string, string> = {
  'tus-version': TUS_VERSION,
  'tus-extension': 'creation,creation-with-upload,termination,checksum,concatenation,expiration',
  'tus-checksum-algorithm': CHECKSUMS.join(','),
  'tus-max-size': String(MAX_BYTES),
}

/** The offset of the upload, and when it expires if no more bytes come. */
export const progressOf = (upload: TusUpload, idleSeconds: number): Record<string, string> => ({
  'upload-offset': String(upload.offset),
  ...expiryOf(upload, idleSeconds),
})

/** RFC 9110 §5.6.7: a date as HTTP writes it. What is complete does not expire. */
export const expiryOf = (upload: TusUpload, idleSeconds: number): Record<string, string> =>
  isComplete(upload) ? {} : { 'upload-expires': expiresAt(upload, idleSeconds).toUTCString() }

/** All headers of the answer to HEAD. */
export const descriptionOf = (
  fileTransferId: string,
  upload: TusUpload,
  idleSeconds: number,
): Record<string, string> => ({
  ...progressOf(upload, idleSeconds),
  'upload-length': String(upload.lengthBytes),
  ...(upload.metadata !== undefined && { 'upload-metadata': upload.metadata }),
  ...(isPart(upload) && { 'upload-concat': 'partial' }),
  ...(upload.parts && {
    'upload-concat': `final;${upload.parts.map((id) => addressOf(fileTransferId, id, true)).join(' ')}`,
  }),
})

/** A value, or what is wrong with the header. */
export type Header<Value> = { value: Value } | { wrong: string }

/** A number of bytes, in decimal digits. */
export function byteCount(name: string, text: string | null): Header<number> {
  if (text === null) return { wrong: `${name} is missing.` }
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) return { wrong: `${name} must be a number of bytes.` }
  return { value }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Half of what Node takes of all headers together. HEAD gives it back. */
const MAX_METADATA = 8 * 1024

/** Pairs of a key and a value in base64, each key once. It is kept as it was given. */
export function metadataIn(text: string | null): Header<string | undefined> {
  if (text === null || text.trim() === '') return { value: undefined }
  if (text.length > MAX_METADATA) return { wrong: `Upload-Metadata is at most ${MAX_METADATA} characters.` }
  const pairs = text.split(',').map((pair) => pair.trim().split(' '))
  const keys = pairs.map(([key]) => key)
  const isGood = pairs.every(([key = '', value = '', ...more]) => key !== '' && BASE64.test(value) && more.length === 0)
  if (!isGood || new Set(keys).size < keys.length) {
    return { wrong: 'Upload-Metadata must be pairs of a key and a value in base64, parted by commas, each key once.' }
  }
  return { value: text }
}

/** A checksum for the bytes of this request. */
export function checksumIn(text: string | null): Header<Checksum | undefined> {
  if (text === null) return { value: undefined }
  const [name = '', digest = '', ...more] = text.trim().split(' ')
  const algorithm = CHECKSUMS.find((each) => each === name.toLowerCase())
  if (!algorithm) return { wrong: `Upload-Checksum must begin with one of ${CHECKSUMS.join(', ')}.` }
  if (digest === '' || !BASE64.test(digest) || more.length > 0) {
    return { wrong: 'Upload-Checksum must end with the checksum in base64.' }
  }
  return { value: { algorithm, digest } }
}

/** What is to be created: the whole file, a part, or the file of these parts, in order. */
export type Concat = { kind: 'whole' | 'part' } | { order: TusUploadId[] }

const PART_ID = /^[0-9a-f]{32}$/

/** The id of a part, however it was spelled; undefined when it is none. */
export const partIdIn = (text: string | undefined): TusUploadId | undefined =>
  text !== undefined && PART_ID.test(text.toLowerCase()) ? text.toLowerCase() : undefined

/** Only the paths of the parts count, and these must be of this transfer (spec 6.6). */
export function concatIn(text: string | null, fileTransferId: string): Header<Concat> {
  if (text === null) return { value: { kind: 'whole' } }
  if (text.trim() === 'partial') return { value: { kind: 'part' } }
  const [kind, list = ''] = text.trim().split(/;(.*)/s)
  if (kind !== 'final') return { wrong: 'Upload-Concat must be `partial`, or `final;` and the addresses of the parts.' }
  const addresses = list.split(' ').filter((address) => address !== '')
  const order = addresses.map((address) => partAt(address, fileTransferId))
  const known = order.filter((id) => id !== undefined)
  if (known.length === 0 || known.length < order.length) {
    return { wrong: 'Upload-Concat must name parts of this file transfer, by their addresses.' }
  }
  return { value: { order: known } }
}

function partAt(address: string, fileTransferId: string): TusUploadId | undefined {
  const path = URL.parse(address, 'http://broker.invalid/')?.pathname.toLowerCase() ?? ''
  const root = addressOf(fileTransferId, '', false).toLowerCase()
  if (!path.startsWith(`${root}/`)) return undefined
  return partIdIn(path.slice(root.length + 1).replace(/^partial\//, ''))
}
