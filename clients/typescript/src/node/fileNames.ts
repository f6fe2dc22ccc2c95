import { createHash } from 'node:crypto'
import { posix } from 'node:path'

// Names of files on the disk of a recipient. Senders choose them, and file systems refuse or change some of them.

/** The limit of ext4, XFS, APFS and NTFS. */
const MAX_BYTES = 255
/** A longer text after the last dot is no extension. */
const MAX_EXTENSION_BYTES = 32

// https://learn.microsoft.com/windows/win32/fileio/naming-a-file, and characters that are invisible or affect others.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i
const PART = /(\.[0-9a-f-]{36})\.part$/i

/**
 * A name that every file system accepts and every folder shows. It cannot be the `.part` of another transfer. With an
 * id it ends in that before its extension, and is the name of no other transfer's file.
 */
export function fileNameFor(sent: string, fileTransferId?: string): string {
  const base = posix.basename(sent.replaceAll('\\', '/'))
  const clean = shortened(base.replace(UNSAFE, '_')) || '_'
  const isRefused = clean.startsWith('.') || RESERVED.test(clean)
  const name = (isRefused ? shortened(`_${clean}`) : clean).replace(PART, '$1_part')
  if (fileTransferId === undefined) return name
  const [stem, extension] = split(name)
  return truncated(stem, ` ${fileTransferId}${extension}`)
}

/** The name of the file until it is complete, the same for each try, and another for each name. */
export function partNameFor(name: string, fileTransferId: string): string {
  const end = `.${fileTransferId}.part`
  if (Buffer.byteLength(name + end) <= MAX_BYTES) return name + end
  // What is truncated may be all that differs: the ciphertext of a file is beside it.
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16)
  const [stem, extension] = split(name)
  return truncated(stem, `-${digest}${extension}${end}`)
}

/** `report (2).pdf` */
export function numbered(name: string, number: number): string {
  const [stem, extension] = split(name)
  return number === 1 ? name : truncated(stem, ` (${number})${extension}`)
}

/** Equal for names that some file system does not distinguish: by case, or by the encoding of an accent (macOS). */
export const foldedName = (name: string): string => name.toUpperCase().normalize('NFKC')

/** At most 255 bytes, and without the trailing characters that Windows removes. */
function shortened(name: string): string {
  const trimmed = trimmedName(name)
  return trimmedName(truncated(...split(trimmed)))
}

const trimmedName = (name: string) => name.replace(/^\s+/u, '').replace(/[\s.]+$/u, '')

/** The name without its extension, and the extension with its dot. */
function split(name: string): [stem: string, extension: string] {
  const extension = posix.extname(name)
  if (Buffer.byteLength(extension) > MAX_EXTENSION_BYTES) return [name, '']
  return [name.slice(0, name.length - extension.length), extension]
}

/** Both in at most 255 bytes: the stem is truncated, by whole characters. */
function truncated(stem: string, rest: string): string {
  let room = MAX_BYTES - Buffer.byteLength(rest)
  let length = 0
  for (const character of stem) {
    room -= Buffer.byteLength(character)
    if (room < 0) break
    length += character.length
  }
  return stem.slice(0, length) + rest
}
