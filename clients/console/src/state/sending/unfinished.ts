import type { Sending } from '../../../../typescript/src/index.js'
import type { Session } from '../session.js'

/** The note of an upload from when its file transfer is initialized until it ends, to resume it after a reload. */
export type Unfinished = {
  id: string
  fileName: string
  sizeBytes: number
  lastModified: number
  sending: Sending
  sentBytes: number
  fileTransferId: string
}

const keyOf = ({ brokerUrl, organization }: Session) => `console-unfinished:${brokerUrl}:${organization}`

/** The notes of the organisation, oldest first. */
export function unfinishedOf(session: Session): Unfinished[] {
  const found: unknown = JSON.parse(localStorage.getItem(keyOf(session)) ?? '[]')
  return Array.isArray(found) ? (found as Unfinished[]) : []
}

/** Stores a note, in place of an earlier one of the same id. */
export function storeUnfinished(session: Session, note: Unfinished): void {
  const all = unfinishedOf(session)
  const isKnown = all.some(({ id }) => id === note.id)
  store(session, isKnown ? all.map((each) => (each.id === note.id ? note : each)) : [...all, note])
}

export function forgetUnfinished(session: Session, id: string): void {
  store(
    session,
    unfinishedOf(session).filter((each) => each.id !== id),
  )
}

function store(session: Session, notes: Unfinished[]): void {
  if (notes.length > 0) localStorage.setItem(keyOf(session), JSON.stringify(notes))
  else localStorage.removeItem(keyOf(session))
}

/** Whether this is the file of the upload, unchanged as far as a page can see. */
export const isSameFile = (file: File, { fileName, sizeBytes, lastModified }: Unfinished): boolean =>
  file.name === fileName && file.size === sizeBytes && file.lastModified === lastModified
