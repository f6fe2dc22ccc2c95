import { bech32 } from '@scure/base'
import type { EncryptionKey } from '../../domain/encryptionKey.js'

const LENGTH = 62
const KEY_BYTES = 32

/** Undefined: it is none, or has a typing error. */
export function parseEncryptionKey(text: string): EncryptionKey | undefined {
  if (text.length !== LENGTH || !text.startsWith('age1')) return undefined
  const decoded = bech32.decodeUnsafe(text as `${string}1${string}`)
  const bytes = decoded && bech32.fromWordsUnsafe(decoded.words)
  return decoded?.prefix === 'age' && bytes?.length === KEY_BYTES ? (text as EncryptionKey) : undefined
}
