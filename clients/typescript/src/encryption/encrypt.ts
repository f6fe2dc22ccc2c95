import type { Operations } from '../calls/operations.js'
import { pause } from '../calls/wait.js'
import type { Source } from '../upload/source.js'
import { organizationNumber, partyOf } from '../wire/organization.js'
import type { EncryptionKey } from '../wire/types.js'
import type { CiphertextStore } from './ciphertextStore.js'
import { KeysRefused } from './errors.js'

const CHUNK_BYTES = 2 ** 20
const NAME_END = '.age'

/** How an encrypted file is initialized: nothing of it can be scanned. */
export const ENCRYPTED = { encryption: 'age', disableVirusScan: true } as const

/** The name by which an encrypted file is sent. */
export const encryptedName = (fileName: string): string => fileName + NAME_END

/** The name of the file in an encrypted one. */
export const decryptedName = (fileName: string): string =>
  fileName.length > NAME_END.length && fileName.endsWith(NAME_END) ? fileName.slice(0, -NAME_END.length) : fileName

/** How many bytes of a file are encrypted. */
export type EncryptionProgress = { fileName: string; encryptedBytes: number; totalBytes: number }

/** How files are encrypted for their recipients. */
export type Encryption = {
  /** Where ciphertext is kept until it is sent. Default: `blobCiphertextStore()`. */
  store?: CiphertextStore | undefined
  /** Public keys that the sender has from the recipients by another way: no other key is used. Default: any is. */
  trustedKeys?: string[] | undefined
  /** Called with the keys, in the order of the recipients, before anything is encrypted. */
  onKeys?: ((keys: EncryptionKey[]) => void) | undefined
  /** Called while a file is encrypted. */
  onProgress?: ((progress: EncryptionProgress) => void) | undefined
}

/** The public keys of all recipients, each once. @throws KeysRefused, or an error of the call. */
export async function publicKeysFor(
  operations: Operations,
  { resourceId, recipients }: { resourceId: string; recipients: string[] },
  { trustedKeys, onKeys }: Encryption,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const keys = await operations.getEncryptionKeys(resourceId, recipients, { signal })
  const found = keys.flatMap(({ publicKey }) => publicKey ?? [])
  const has = new Set(
    keys.filter(({ publicKey }) => publicKey).map(({ organization }) => organizationNumber(organization)),
  )
  const without = recipients.map(partyOf).filter((each) => !has.has(organizationNumber(each)))
  if (without.length > 0) throw new KeysRefused('none', without)
  const untrusted = keys
    .filter(({ publicKey }) => trustedKeys?.includes(publicKey ?? '') === false)
    .map(({ organization }) => organization)
  if (untrusted.length > 0) throw new KeysRefused('untrusted', untrusted)
  onKeys?.(keys)
  return [...new Set(found)].toSorted()
}

/** The file, encrypted while it is read. `onBytes`: how much of it has been. @throws when a key is none. */
export async function encrypted(
  source: Source,
  publicKeys: string[],
  onBytes: (encryptedBytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const { Encrypter } = await import('age-encryption')
  const encrypter = new Encrypter()
  for (const key of publicKeys) encrypter.addRecipient(key)
  return encrypter.encrypt(streamOf(source, onBytes, signal)) as Promise<ReadableStream<Uint8Array<ArrayBuffer>>>
}

function streamOf(source: Source, onBytes: (bytes: number) => void, signal: AbortSignal | undefined) {
  const { sizeBytes } = source
  let at = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      // Lets other work run: in Node.js a Blob is read in the same task.
      await pause(0, signal)
      onBytes(at)
      if (at >= sizeBytes) return controller.close()
      const end = Math.min(at + CHUNK_BYTES, sizeBytes)
      const bytes = await source.read(at, end)
      controller.enqueue(bytes instanceof Blob ? new Uint8Array(await bytes.arrayBuffer()) : bytes)
      at = end
    },
  })
}
