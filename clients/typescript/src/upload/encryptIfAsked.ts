import { md5 as md5OfText } from 'hash-wasm'
import type { Operations } from '../calls/operations.js'
import { blobCiphertextStore, KEY_START } from '../encryption/ciphertextStore.js'
import { ENCRYPTED, type Encryption, encrypted, encryptedName, publicKeysFor } from '../encryption/encrypt.js'
import { hasEnded, isRefusal } from './resume.js'
import { isGroupOver, NotAllSent } from './sendGroup.js'
import { nameOf, type Source, sourceOf } from './source.js'

type Options = { encrypt?: Encryption | undefined; resume?: object | undefined; signal?: AbortSignal | undefined }
type Sending = { resourceId: string; recipients: string[]; fileName?: string; checksumSha256?: string | null }

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
  const named = files.map(sourceOf).map((source) => ({ source, fileName: nameOf(sending.fileName ?? source.name) }))
  const canResume = resume && encrypt.store && named.every(({ source }) => source.identity !== undefined)
  const publicKeys = await publicKeysFor(operations, sending, encrypt, signal)
  const kept: string[] = []
  // The outcome of the sending is what counts.
  const removeAll = () => Promise.allSettled(kept.map((key) => store.delete(key)))

  const encryptOne = async ({ source, fileName }: (typeof named)[number], index: number) => {
    const { sizeBytes } = source
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
    for (const [index, file] of named.entries())
      ciphertexts.push({
        ...(await encryptOne(file, index)),
        name: encryptedName(file.fileName),
        ...(!canResume && { identity: undefined }),
      })
    const { fileName: _, ...rest } = sending
    const sent = await send(ciphertexts, { ...(rest as Request), ...ENCRYPTED })
    await removeAll()
    return sent
  } catch (error) {
    if (!canResume || isOver(error)) await removeAll()
    throw error
  }
}

/** Whether the same files sent again are another file transfer. */
const isOver = (error: unknown) =>
  error instanceof NotAllSent ? isGroupOver(error) : hasEnded(error) || isRefusal(error)
