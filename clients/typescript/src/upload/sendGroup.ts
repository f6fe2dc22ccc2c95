import { md5 as md5OfText } from 'hash-wasm'
import type { Http } from '../calls/http.js'
import type { Operations } from '../calls/operations.js'
import { TransferEnded, undefinedIfNotFound } from '../calls/problem.js'
import { md5Of } from '../md5.js'
import { partyOf } from '../wire/organization.js'
import { isFinal, isSent } from '../wire/statuses.js'
import type { FileTransferGroupCreated, InitializeFileTransferGroup } from '../wire/types.js'
import { sendInTurn } from './inTurn.js'
import { forgetIfEnded, forgetIfRefused, hasEnded, type ResumeStore } from './resume.js'
import { type SendOptions, type Sent, sendFile } from './sendFile.js'
import { nameOf, type Source, sourceOf } from './source.js'
import type { Part } from './tus.js'

/** What the files of a group share. Organisations may be nine digits alone. */
export type GroupSending = Omit<InitializeFileTransferGroup, 'files'>

/** How the files of a group are sent: each as `send` does. */
export type SendGroupOptions = SendOptions & {
  /** Called when the group is there: with its id, and those of its file transfers in the order of the files. */
  onInitialized?: ((group: FileTransferGroupCreated) => void) | undefined
  /** Called for each file that was sent, in the order of the files. */
  onSent?: ((sent: Sent) => void) | undefined
}

/** A group whose files were sent, in their order. */
export type SentGroup = { fileTransferGroupId: string; files: Sent[] }

/** Some files of a group were not sent. The others were, and stay. */
export class NotAllSent extends Error {
  override readonly name = 'NotAllSent'
  readonly fileTransferGroupId: string
  /** Those that were sent. */
  readonly files: Sent[]
  /** Those that failed, each by an error of `send`. */
  readonly failures: { fileTransferId: string; fileName: string; error: unknown }[]
  /** How many were not begun, since the sender is refused or the signal has stopped it. */
  readonly notTried: number

  constructor(group: SentGroup, failures: NotAllSent['failures'], notTried: number) {
    super(`${failures.length} of ${group.files.length + failures.length + notTried} files of the group were not sent`)
    this.fileTransferGroupId = group.fileTransferGroupId
    this.files = group.files
    this.failures = failures
    this.notTried = notTried
  }
}

const FILES_AT_A_TIME = 3

/**
 * Initializes a group and uploads its files. One that fails does not keep the others back.
 * @throws NotAllSent, or when no file has been begun an error of `send`.
 */
export async function sendGroup(
  http: Http,
  operations: Operations,
  files: (Blob | Source)[],
  sending: GroupSending,
  options: SendGroupOptions = {},
): Promise<SentGroup> {
  const { signal, resume } = options
  signal?.throwIfAborted()
  const sources = files.map(sourceOf)
  const md5s: string[] = []
  if (options.md5 === 'promise') for (const source of sources) md5s.push(await md5Of(source, signal))
  const request = requestOf(sources, sending, md5s)
  const store = sources.every(({ identity }) => identity !== undefined) ? resume : undefined
  const progress = await progressFor(http, sources, request, store)
  const { group, isResumed } = await begin(operations, request, progress, signal)
  const { fileTransferGroupId, fileTransferIds } = group
  options.onInitialized?.(group)

  const members = sources.map((source, index) => ({
    source,
    fileName: request.files[index]?.fileName ?? '',
    fileTransferId: fileTransferIds[index] ?? '',
    promisedMd5: md5s[index],
  }))
  const sendMember = async (member: (typeof members)[number], onUploaded: () => void) => {
    const { fileTransferId: id } = member
    const key = `file-${id}`
    const forget = async () => store?.delete(key)
    const hasArrived = isResumed && (await hasArrivedBefore(operations, id, signal).catch(forgetIfEnded(forget)))
    const text = isResumed ? await store?.get(key) : undefined
    const parts = text === undefined ? undefined : (JSON.parse(text) as Part[])
    const saveParts = async (parts: Part[]) => store?.set(key, JSON.stringify(parts))
    const initialized = { ...member, hasArrived, parts, saveParts, forget }
    return sendFile(http, operations, initialized, { ...options, onUploaded })
  }
  const sent: Sent[] = []
  const outcome = await sendInTurn(members, { signal, atATime: FILES_AT_A_TIME }, sendMember, (each) => {
    sent.push(each)
    options.onSent?.(each)
  })
  const { notTried } = outcome
  const failures = outcome.failures.map(({ file: { fileTransferId, fileName }, error }) => ({
    fileTransferId,
    fileName,
    error,
  }))
  // The same files begin another group.
  if (isGroupOver({ failures, notTried })) await progress.forget()
  const all = { fileTransferGroupId, files: sent }
  if (failures.length > 0) throw new NotAllSent(all, failures, notTried)
  return all
}

/** Whether nothing of a group is left to send: a refusal of a file is not the end of it. */
export const isGroupOver = ({ failures, notTried }: Pick<NotAllSent, 'failures' | 'notTried'>): boolean =>
  notTried === 0 && failures.every(({ error }) => hasEnded(error))

function requestOf(sources: Source[], sending: GroupSending, md5s: string[]): InitializeFileTransferGroup {
  const files = sources.map(({ name }, index) => {
    const checksum = md5s[index]
    return { fileName: nameOf(name), ...(checksum !== undefined && { checksum }) }
  })
  return { ...sending, sender: partyOf(sending.sender), recipients: sending.recipients.map(partyOf), files }
}

/** The stored progress. The ids are stored, too: Broker forgets a key after a day. */
type Progress = { idempotencyKey: string; group?: FileTransferGroupCreated }
type ProgressStore = Awaited<ReturnType<typeof progressFor>>

async function progressFor(
  http: Http,
  sources: Source[],
  request: InitializeFileTransferGroup,
  store: ResumeStore | undefined,
) {
  const files = sources.map(({ identity, sizeBytes }) => [identity, sizeBytes])
  const key = `group-${await md5OfText(JSON.stringify([http.root, files, request]))}`
  const text = await store?.get(key)
  return {
    stored: text === undefined ? undefined : (JSON.parse(text) as Progress),
    save: async (next: Progress) => store?.set(key, JSON.stringify(next)),
    forget: async () => store?.delete(key),
  }
}

/** The group of an earlier try, if it is still there, or another. */
async function begin(
  operations: Operations,
  request: InitializeFileTransferGroup,
  { stored, save, forget }: ProgressStore,
  signal: AbortSignal | undefined,
) {
  const earlier = stored?.group
  const isThere =
    earlier && (await operations.getGroup(earlier.fileTransferGroupId, { signal }).catch(undefinedIfNotFound))
  if (isThere) return { group: earlier, isResumed: true }
  const idempotencyKey = stored && !earlier ? stored.idempotencyKey : crypto.randomUUID()
  await save({ idempotencyKey })
  const group = await operations.initializeGroup(request, { idempotencyKey, signal }).catch(forgetIfRefused(forget))
  await save({ idempotencyKey, group })
  return { group, isResumed: false }
}

/** Whether Broker has the file from an earlier try. @throws TransferEnded: it will never have it. */
async function hasArrivedBefore(operations: Operations, id: string, signal: AbortSignal | undefined): Promise<boolean> {
  const now = await operations.getFileTransfer(id, { signal })
  const { fileTransferStatus: status, fileTransferStatusText } = now
  if (isSent(now)) return true
  if (isFinal(status)) throw new TransferEnded(id, status, fileTransferStatusText)
  return false
}
