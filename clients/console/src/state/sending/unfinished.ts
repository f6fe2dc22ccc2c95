import type { Sending } from '../../../../typescript/src/index.js'
import type { Session } from '../session.js'

/** The stored progress of an upload until it ends, to resume it after a reload. */
export type Unfinished = {
  fileName: string
  sizeBytes: number
  lastModified: number
  sending: Sending
  sentBytes: number
  fileTransferId?: string | undefined
}

const keyOf = ({ brokerUrl, organization }: Session) => `console-unfinished:${brokerUrl}:${organization}`

export function unfinishedOf(session: Session): Unfinished | undefined {
  const text = localStorage.getItem(keyOf(session))
  return text === null ? undefined : (JSON.parse(text) as Unfinished)
}

export function storeUnfinished(session: Session, unfinished: Unfinished | undefined): void {
  if (unfinished) localStorage.setItem(keyOf(session), JSON.stringify(unfinished))
  else localStorage.removeItem(keyOf(session))
}

/** Whether this is the file of the upload, unchanged as far as a page can see. */
export const isSameFile = (file: File, { fileName, sizeBytes, lastModified }: Unfinished): boolean =>
  file.name === fileName && file.size === sizeBytes && file.lastModified === lastModified
