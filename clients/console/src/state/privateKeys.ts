import { privateKeysIn } from '../../../typescript/src/index.js'
import { type Observable, observable } from './observable.js'
import type { Session } from './session.js'

/** Of a thousand keys it is some 200 kB. */
const MAX_FILE_BYTES = 2 ** 20

// In memory alone: a reload forgets them, and nothing stores, sends or logs them.
const bySession = new Map<string, Observable<string[]>>()

/** The private keys that the user has chosen in this page, the same for the same session. */
export function privateKeysOf({ id }: Session): Observable<string[]> {
  const keys = bySession.get(id) ?? observable<string[]>([])
  bySession.set(id, keys)
  return keys
}

/** The private keys in a file of the user's. @throws when it is another file. */
export async function readPrivateKeys(file: File): Promise<string[]> {
  if (file.size > MAX_FILE_BYTES) throw new TypeError('The file is too large to be one of private keys.')
  return [...new Set(privateKeysIn(await file.text()))]
}
