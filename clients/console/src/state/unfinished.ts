import type { Sending } from '../../../typescript/src/index.js'
import type { Session } from './session.js'

/** What is remembered of a sending until it has ended, so that it can go on after the page has been away. */
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

export function keepUnfinished(session: Session, unfinished: Unfinished | undefined): void {
  if (unfinished) localStorage.setItem(keyOf(session), JSON.stringify(unfinished))
  else localStorage.removeItem(keyOf(session))
}

/** Whether this is the file that was being sent, unchanged as far as a page can tell. */
export const isSameFile = (file: File, { fileName, sizeBytes, lastModified }: Unfinished): boolean =>
  file.name === fileName && file.size === sizeBytes && file.lastModified === lastModified
