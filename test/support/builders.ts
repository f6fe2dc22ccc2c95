import { createRequire } from 'node:module'
import type { HttpFunctionOptions, HttpRequest, InvocationContext } from '@azure/functions'
import { cancel } from '../../src/domain/fileTransfer/cancel.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import { initialize } from '../../src/domain/fileTransfer/initialize.js'
import { recordVerdict } from '../../src/domain/fileTransfer/processing.js'
import type {
  Decision,
  Fact,
  FileTransfer,
  RecipientStatus,
  StoredFile,
  Verdict,
} from '../../src/domain/fileTransfer/state.js'
import { completeUpload, failUpload, startUpload } from '../../src/domain/fileTransfer/upload.js'
import { type OrganizationNumber, parseOrganizationNumber } from '../../src/domain/organizationNumber.js'
import type { Problem } from '../../src/domain/problems.js'
import { newResource } from '../../src/domain/resource.js'

// Values that tests begin with. Transfers are played from facts, so that they are what the core itself would make.

const organization = (text: string): OrganizationNumber => {
  const parsed = parseOrganizationNumber(text)
  if (!parsed) throw new Error(`${text} is not an organisation number.`)
  return parsed
}

/** Who sends, who receives, who owns the resource, and who has nothing to do with it. */
export const sender = organization('991825827')
export const kari = organization('986252932')
export const ola = organization('910753614')
export const owner = organization('974760673')
export const stranger = organization('910000999')
export const vendor = organization('311111111')

/** When a transfer is initialized; other times are seconds after it. */
export const start = new Date('2026-03-02T10:00:00Z')
export const inSeconds = (seconds: number): Date => new Date(start.getTime() + seconds * 1000)

export const fileTransferId = '4a1f7a50-3f0b-4e53-9d4a-6f1d6a7a2b11'
export const attempt = '0b5b3f0e-0001-4000-8000-000000000000'
export const otherAttempt = '0b5b3f0e-0002-4000-8000-000000000000'

/** Settings in which each deadline is at another time. */
export const deadlineSettings = { uploadIdle: 86_400, processingOverdue: 300, scanWarning: 900, scanOverdue: 3600 }

export const request = {
  fileName: 'report.pdf',
  resourceId: 'letters',
  sendersFileTransferReference: 'our-7',
  sender,
  recipients: [kari, ola],
  propertyList: { color: 'blue' },
  checksum: '',
  disableVirusScan: false,
}

/** What holds of a resource when nothing is in the way. */
export const allIsWell = {
  resource: newResource('letters', owner),
  owner: { organization: owner, name: 'Brønnøysund', storageReadyAt: start },
  isRegistered: true,
  isOutsideAccessList: false,
  isProduction: false,
}

/** The facts of a decision that is not refused. */
export function factsOf<P extends Problem>(decision: Decision<P>): Fact[] {
  if (!decision.ok) throw new Error(`Refused: ${decision.reason}`)
  return decision.value
}

type Asked = Partial<typeof request> & { checksumSha256?: string }

/** A transfer to Kari and Ola that nothing has happened to yet. */
export function initialized(asked: Asked = {}): FileTransfer {
  const made = initialize({ ...request, ...asked }, allIsWell, { id: fileTransferId, at: start, vendor: undefined })
  if (!made.ok) throw new Error(`Refused: ${made.reason}`)
  return made.value.transfer
}

/** Uploads under way, the first a minute after the start and each a second after the one before. */
export const uploadStarted = (attempts = [attempt], asked: Asked = {}): FileTransfer =>
  attempts.reduce(
    (transfer, id, index) =>
      evolveAll(
        transfer,
        factsOf(startUpload(transfer, { id, vendor: undefined }, deadlineSettings, inSeconds(60 + index))),
      ),
    initialized(asked),
  )

export const file = (attemptId = attempt): StoredFile => ({
  attemptId,
  sizeBytes: 1000,
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
  etag: `etag-of-${attemptId}`,
})

export const verdict = (result: Verdict['result'] = 'Clean', etag = file().etag): Verdict => ({
  result,
  etag,
  detail: 'malware EICAR',
})

/** A file, of no bytes, that has to be read for its MD5. */
export const unread = (attemptId = attempt): StoredFile => ({ attemptId, sizeBytes: 0, etag: `etag-of-${attemptId}` })

/** The upload is complete, two minutes after the start, of a file that has to be read before it is published. */
export const processing = (asked: Asked = {}, stored = unread()): FileTransfer => {
  const transfer = uploadStarted([attempt], asked)
  return evolveAll(transfer, factsOf(completeUpload(transfer, stored, deadlineSettings, inSeconds(120))))
}

/** The file is published, three minutes after the start. Recipients have the given statuses since then. */
export function published(statuses: Record<string, RecipientStatus> = { [kari]: 'Initialized', [ola]: 'Initialized' }) {
  const uploaded = processing({ recipients: Object.keys(statuses).map(organization) }, file())
  const transfer = evolveAll(uploaded, factsOf(recordVerdict(uploaded, attempt, verdict(), inSeconds(180))))
  const recipients = Object.fromEntries(
    Object.entries(statuses).map(([each, status]) => [each, { status, changedAt: inSeconds(180) }]),
  )
  return { ...transfer, recipients } as FileTransfer & { status: 'Published' }
}

/** Everyone has confirmed, four minutes after the start; without a grace the file stays until it expires. */
export const allConfirmed = (purgeAt: Date | 'expiry' = inSeconds(240 + 7200)): FileTransfer =>
  evolveAll(published({ [kari]: 'DownloadConfirmed', [ola]: 'DownloadConfirmed' }), [
    { type: 'AllConfirmedDownloaded', ...(purgeAt !== 'expiry' && { purgeAt }), at: inSeconds(240) },
  ])

export function failed(): FileTransfer {
  const transfer = uploadStarted()
  return evolveAll(transfer, factsOf(failUpload(transfer, attempt, 'Checksum mismatch', inSeconds(120))))
}

/** Called off by its sender, two minutes after the start. */
export function cancelled(before: FileTransfer = uploadStarted()): FileTransfer {
  return evolveAll(before, factsOf(cancel(before, inSeconds(130))))
}

/** Removed, five minutes after the start. */
export const purged = (before: FileTransfer = published()): FileTransfer =>
  evolveAll(before, [{ type: 'Purged', released: [], at: inSeconds(300) }])

const at = inSeconds(200)

/** A fact of each type, for Kari and this attempt. */
export const oneFactOfEach: { [Type in Fact['type']]: Fact & { type: Type } } = {
  Initialized: { type: 'Initialized', at },
  UploadStarted: { type: 'UploadStarted', attemptId: attempt, idleAt: at, released: [], at },
  UploadContinued: { type: 'UploadContinued', idleAt: at, at },
  UploadLinkGiven: { type: 'UploadLinkGiven', attemptId: attempt, link: { until: at }, idleAt: at, at },
  UploadAbandoned: { type: 'UploadAbandoned', released: [attempt], at },
  ScanVerdictRecorded: { type: 'ScanVerdictRecorded', attemptId: attempt, verdict: verdict(), at },
  UploadCompleted: { type: 'UploadCompleted', file: file(), released: [], deadlines: [], at },
  UploadChecked: { type: 'UploadChecked', at },
  UploadFailed: { type: 'UploadFailed', reason: 'any', released: [], at },
  Published: { type: 'Published', at },
  FileWithdrawn: { type: 'FileWithdrawn', reason: 'any', released: [attempt], at },
  DownloadStarted: { type: 'DownloadStarted', recipient: kari, number: 1, at },
  DownloadConfirmed: { type: 'DownloadConfirmed', recipient: kari, at },
  DownloadReminded: { type: 'DownloadReminded', recipients: [kari], at },
  AllConfirmedDownloaded: { type: 'AllConfirmedDownloaded', at },
  ExpiryChanged: { type: 'ExpiryChanged', expirationTime: inSeconds(900), previousExpirationTime: inSeconds(800), at },
  Cancelled: { type: 'Cancelled', released: [], at },
  Purged: { type: 'Purged', released: [], at },
  Unlisted: { type: 'Unlisted', at },
}

// The library is CommonJS, and an ES module cannot import these two by their names.
const functions = createRequire(import.meta.url)('@azure/functions') as typeof import('@azure/functions')

export type HttpCall = {
  method?: string
  path?: string
  params?: Record<string, string>
  headers?: Record<string, string>
  body?: string
  invocationId?: string
}

export const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** What a function answers to this request, with the headers that it sets itself and the body to the end. */
export async function answerOf({ handler }: HttpFunctionOptions, call: HttpCall = {}) {
  const { method = 'GET', path = '/some/path', params = {}, headers = {}, body = '', invocationId = 'one' } = call
  const asked: HttpRequest = new functions.HttpRequest({
    method,
    url: `http://broker.example${path}`,
    params,
    headers,
    body: { bytes: Buffer.from(body) },
  })
  const context: InvocationContext = new functions.InvocationContext({
    functionName: 'someOperation',
    invocationId,
    traceContext: { traceParent },
  })
  const init = await handler(asked, context)
  const {
    status,
    headers: answered,
    body: content,
  } = init as Pick<ResponseInit, 'status'> & {
    headers: Record<string, string>
    body?: string | ReadableStream<Uint8Array>
  }
  return { status, headers: new Headers(answered), text: await new Response(content ?? null).text() }
}

/** The JSON in an answer. */
export const jsonIn = (answer: { text: string }): unknown => JSON.parse(answer.text)
