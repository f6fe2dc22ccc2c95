import { posix } from 'node:path'

// Names of files on the disk of a recipient. Senders choose them, and a disk refuses or changes some of them.

/** What ext4, XFS, APFS and NTFS take. */
const MAX_BYTES = 255
/** What is longer after the last dot is no extension. */
const MAX_EXTENSION_BYTES = 32

// https://learn.microsoft.com/windows/win32/fileio/naming-a-file, and what is not shown or changes how the rest is shown.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i
const PART = /(\.[0-9a-f-]{36})\.part$/i

/** A name that every disk takes and every folder shows, whatever the sender has called the file. It cannot be the `.part` of another transfer. */
export function fileNameFor(sent: string): string {
  const base = posix.basename(sent.replaceAll('\\', '/'))
  const clean = shortened(base.replace(UNSAFE, '_')) || '_'
  const isRefused = clean.startsWith('.') || RESERVED.test(clean)
  return (isRefused ? shortened(`_${clean}`) : clean).replace(PART, '$1_part')
}

/** Where the file is until it is whole: beside it, and the same for each try. */
export function partNameFor(name: string, fileTransferId: string): string {
  const [stem, extension] = split(name)
  return fitted(stem, `${extension}.${fileTransferId}.part`)
}

/** `report (2).pdf` */
export function numbered(name: string, number: number): string {
  const [stem, extension] = split(name)
  return number === 1 ? name : fitted(stem, ` (${number})${extension}`)
}

/** Equal for names that some disk takes for the same: macOS and Windows ignore case, macOS also how an accent is encoded. */
export const foldedName = (name: string): string => name.toUpperCase().normalize('NFKC')

/** Without what Windows cuts off at the end, and in at most 255 bytes. */
function shortened(name: string): string {
  const trimmed = trimmedName(name)
  return trimmedName(fitted(...split(trimmed)))
}

const trimmedName = (name: string) => name.replace(/^\s+/u, '').replace(/[\s.]+$/u, '')

/** The name without its extension, and the extension with its dot. */
function split(name: string): [stem: string, extension: string] {
  const extension = posix.extname(name)
  if (Buffer.byteLength(extension) > MAX_EXTENSION_BYTES) return [name, '']
  return [name.slice(0, name.length - extension.length), extension]
}

/** Both in at most 255 bytes: the stem gives way, by whole characters. */
function fitted(stem: string, rest: string): string {
  let room = MAX_BYTES - Buffer.byteLength(rest)
  let length = 0
  for (const character of stem) {
    room -= Buffer.byteLength(character)
    if (room < 0) break
    length += character.length
  }
  return stem.slice(0, length) + rest
}
