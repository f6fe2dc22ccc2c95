import type { EncryptionKey, Sending } from '../../../../typescript/src/index.js'
import type { Observable } from '../observable.js'
import type { ChosenFile } from './keptFiles.js'
import type { Unfinished } from './unfinished.js'

/** The upload of a file. It continues while the user is on other pages. */
export type Job = {
  id: string
  file: File
  sending: Sending
  /** `encrypting`: before it is sent. `checking`: Broker has all bytes, but has not published them yet. */
  state: 'queued' | 'encrypting' | 'sending' | 'paused' | 'checking' | 'sent' | 'failed'
  /** The error after which it waits to try again. */
  waitsAfter: unknown
  sentBytes: number
  /** Of what is sent: more than of the file when that is encrypted. */
  totalBytes: number
  /** How much of the file is encrypted. */
  encryptedBytes: number
  /** What it is encrypted for. */
  keys?: EncryptionKey[]
  bytesPerSecond: number | undefined
  fileTransferId: string | undefined
  /** The group in which it is sent; its id is undefined until Broker has initialized it. */
  group: { id: string | undefined } | undefined
  expirationTime?: string
  /** When it was chosen, ms since 1970. */
  at: number
  error?: unknown
}

/** Files that Broker has refused before there was a file transfer. */
export type Refusal = { files: ChosenFile[]; error: unknown }

export type SendingJobs = {
  /** Those of this tab, in the order of the user's choice. One is sent at a time. */
  all: Observable<Job[]>
  refusal: Observable<Refusal | undefined>
  /** Those of earlier tabs whose file the user must give again; `handle`: the browser knows it, and may ask. */
  unfinished: Observable<{ note: Unfinished; handle: FileSystemFileHandle | undefined }[]>
  /** `isGroup`: the files are sent as one group. */
  start(files: ChosenFile[], sending: Sending, isGroup: boolean): void
  /** Goes on with an upload of an earlier tab. */
  goOn(note: Unfinished, chosen: ChosenFile): void
  pause(id: string): void
  resume(id: string): void
  /** Cancels the file transfer, if there is one, and removes the job. @throws when Broker refuses. */
  cancel(id: string): Promise<void>
  /** The same by the id of the file transfer, whoever sends it. */
  cancelTransfer(fileTransferId: string): Promise<void>
  /** Cancels an upload of an earlier tab. */
  discard(note: Unfinished): Promise<void>
  /** Removes a job that has ended from view. */
  dismiss(id: string): void
  /** The same for all that are sent. */
  dismissSent(): void
}
