import { open, readFile } from 'node:fs/promises'
import { newKeyEntry, privateKeysIn, publicKeyOf } from '../../encryption/keys.js'
import type { Run } from '../command.js'
import { UsageError } from '../errors.js'
import { fileFault } from '../faultWords.js'
import { type Option, textIn } from '../options.js'

/** The option for the file of the user's private keys. */
export const identityOption = (about: string): Option => ({
  type: 'string',
  value: 'FILE',
  short: 'i',
  about,
  isFile: true,
})

/** The file of the user's private keys, of the option or else of the settings. @throws UsageError for a key. */
export function identityFileOf({ values, settings }: Pick<Run, 'values' | 'settings'>): string | undefined {
  const path = textIn(values, 'identity') ?? settings.identityFile
  // Errors name the file, and they are logged.
  if (path?.toUpperCase().includes('AGE-SECRET-KEY-'))
    throw new UsageError('--identity is a file of private keys, not a private key itself')
  return path
}

/** The private keys in a file, the newest last. @throws UsageError when there is none, or one is damaged. */
export const privateKeysOf = async (path: string): Promise<string[]> => keysIn(path, await textOf(path))

/** Adds a new private key to a file, which is made where there is none. @throws UsageError when it has other content. */
export async function addPrivateKey(path: string): Promise<string> {
  const earlier = await textOf(path).catch((error: UsageError) => {
    if ((error.cause as NodeJS.ErrnoException)?.code !== 'ENOENT') throw error
    return ''
  })
  if (earlier.trim() !== '') await keysIn(path, earlier)
  const { publicKey, entry } = await newKeyEntry()
  const start = earlier === '' || earlier.endsWith('\n') ? '' : '\n'
  await using file = await open(path, 'a', 0o600)
  // An empty file may have been made for others to read, too.
  if (earlier === '') await file.chmod(0o600)
  const { size } = await file.stat()
  try {
    await file.appendFile(start + entry)
    await file.sync()
  } catch (error) {
    // With half a key at its end the file could not be read, such as after a disk was full.
    await file.truncate(size)
    throw error
  }
  return publicKey
}

const textOf = (path: string) =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(fileFault(cause) ?? `${path} cannot be read`, { cause })
  })

async function keysIn(path: string, text: string): Promise<string[]> {
  try {
    const keys = privateKeysIn(text)
    for (const key of keys) await publicKeyOf(key)
    return keys
  } catch (error) {
    throw new UsageError(`${path}: ${(error as TypeError).message}`)
  }
}
