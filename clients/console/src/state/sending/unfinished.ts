import type { Sending } from '../../../../typescript/src/index.js'
import type { Session } from '../session.js'
import { keep } from './storage.js'

/** The note of an upload from when Broker has accepted what is sent until it ends, to resume it after a reload. */
export type Unfinished = {
  id: string
  fileName: string
  sizeBytes: number
  lastModified: number
  sending: Sending
  sentBytes: number
  /** Undefined while the file is in the queue. */
  fileTransferId?: string | undefined
  /** The group in which it is sent. */
  group?: { id: string | undefined } | undefined
  /** When it was chosen, ms since 1970. */
  at: number
}

const PREFIX = 'console-unfinished:'
const prefixOf = ({ brokerUrl, organization }: Session) => `${PREFIX}${brokerUrl}:${organization}:`

/** The notes of the organisation, oldest first. */
export function unfinishedOf(session: Session): Unfinished[] {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefixOf(session)))
  const notes = keys.map((key) => JSON.parse(localStorage.getItem(key) ?? '') as Unfinished)
  return notes.toSorted((one, other) => one.at - other.at)
}

/** Stores a note, in place of an earlier one of the same id. */
export const storeUnfinished = (session: Session, note: Unfinished): void =>
  keep(localStorage, prefixOf(session) + note.id, JSON.stringify(note))

export const forgetUnfinished = (session: Session, id: string): void => localStorage.removeItem(prefixOf(session) + id)

export const isUnfinished = (session: Session, id: string): boolean =>
  localStorage.getItem(prefixOf(session) + id) !== null

/** The same, for whichever organisation. */
export const isUnfinishedOfAny = (id: string): boolean =>
  Object.keys(localStorage).some((key) => key.startsWith(PREFIX) && key.endsWith(`:${id}`))

/** Whether this is the file of the upload, unchanged as far as a page can see. */
export const isSameFile = (file: File, { fileName, sizeBytes, lastModified }: Unfinished): boolean =>
  file.name === fileName && file.size === sizeBytes && file.lastModified === lastModified
