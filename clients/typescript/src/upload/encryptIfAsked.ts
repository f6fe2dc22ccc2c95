import { md5 as md5OfText } from 'hash-wasm'
import type { Operations } from '../calls/operations.js'
import { TransferEnded, WrongBytes } from '../calls/problem.js'
import { blobCiphertextStore, KEY_START } from '../encryption/ciphertextStore.js'
import { type Encryption, encrypted, encryptedName, publicKeysFor } from '../encryption/encrypt.js'
import { isRefusal } from './resume.js'
import { NotAllSent } from './sendGroup.js'
import { nameOf, type Source, sourceOf } from './source.js'

type Options = { encrypt?: Encryption | undefined; resume?: object | undefined; signal?: AbortSignal | undefined }
type Sending = { resourceId: string; recipients: string[]; fileName?: string; checksumSha256?: string | null }

/** Nothing of an encrypted file can be scanned. */
const ENCRYPTED = { encryption: 'age', disableVirusScan: true } as const

/**
 * Sends files by `send`: their ciphertext for the recipients where `encrypt` is given, which is kept while the sending
 * can be resumed.
 * @throws KeysRefused, BrokerProblem, BrokenConnection, the reason of the signal, or an error of `send`.
 */
export async function encryptIfAsked<Request extends Sending, Sent>(
  operations: Operations,
  files: (Blob | Source)[],
  sending: Request,
  { encrypt, resume, signal }: Options,
  send: (files: (Blob | Source)[], sending: Request) => Promise<Sent>,
): Promise<Sent> {
  if (!encrypt) return send(files, sending)
  if (sending.checksumSha256) throw new TypeError('Broker compares checksums with the ciphertext: give none.')
  const { store = blobCiphertextStore(), onProgress } = encrypt
  const sources = files.map(sourceOf)
  const names = sources.map(({ name }) => nameOf(sending.fileName ?? name))
  const canResume = resume && encrypt.store && sources.every(({ identity }) => identity !== undefined)
  const publicKeys = await publicKeysFor(operations, sending, encrypt, signal)
  const kept: string[] = []
  // The outcome of the sending is what counts.
  const removeAll = () => Promise.allSettled(kept.map((key) => store.delete(key)))

  const encryptOne = async (source: Source, index: number) => {
    const { sizeBytes } = source
    const fileName = names[index] ?? ''
    // Files of a group may be taken for the same, and only what is resumed may be found by another try.
    const identity = canResume ? [source.identity, index] : crypto.randomUUID()
    const key = `${KEY_START}${await md5OfText(JSON.stringify([identity, sizeBytes, sending, publicKeys]))}`
    kept.push(key)
    const earlier = canResume ? await store.get(key) : undefined
    if (earlier) return earlier
    const onBytes = (encryptedBytes: number) => onProgress?.({ fileName, encryptedBytes, totalBytes: sizeBytes })
    return store.set(key, await encrypted(source, publicKeys, onBytes, signal))
  }
  try {
    const ciphertexts: Source[] = []
    for (const [index, source] of sources.entries())
      ciphertexts.push({
        ...(await encryptOne(source, index)),
        name: encryptedName(names[index] ?? ''),
        ...(!canResume && { identity: undefined }),
      })
    const { fileName: _, ...rest } = sending
    const sent = await send(ciphertexts, { ...(rest as Request), ...ENCRYPTED })
    await removeAll()
    return sent
  } catch (error) {
    if (!canResume || hasEnded(error)) await removeAll()
    throw error
  }
}

/** Whether the same files sent again are another file transfer. */
function hasEnded(error: unknown): boolean {
  // A group is there: a refusal of one of its files is not the end of it.
  if (error instanceof NotAllSent) return error.notTried === 0 && error.failures.every((each) => isOver(each.error))
  return isOver(error) || isRefusal(error)
}

const isOver = (error: unknown) => error instanceof TransferEnded || error instanceof WrongBytes
