import { start } from './builders.js'

// What callers can read of a file transfer: written from the specification alone, independent of the core.

/** A request to a transfer. */
export type Request =
  | { type: 'start' }
  | { type: 'cancel'; reason: string | undefined }
  | { type: 'complete'; attempt: string; isToBeRead: boolean }
  | { type: 'abandon' | 'wrongChecksum'; attempt: string }
  | { type: 'verdict'; attempt: string; result: string; isOfThisFile: boolean }
  | { type: 'check'; attempt: string; isIntact: boolean }
  | { type: 'download'; recipient: string }
  | { type: 'confirm'; recipient: string; grace: number | undefined }
  | { type: 'expiry'; at: number; latest: number }

type Settings = { uploadIdle: number; processingOverdue: number; scanWarning: number; scanOverdue: number }

/** Uploads that may be open in parallel. */
const MOST_OPEN = 16
const MONTH = 30 * 86_400
const isWorse = (result: string, known: string | undefined) => result === 'Malicious' && known === 'Clean'

/** A transfer as callers see it; times are seconds since its start. */
export function model({
  sender,
  recipients,
  isScanned,
  settings,
}: {
  sender: string
  recipients: string[]
  isScanned: boolean
  settings: Settings
}) {
  let now = 0
  let status = 'Initialized'
  let attempts = 0
  let open: string[] = []
  let file: string | undefined
  let isChecked = false
  let verdict: string | undefined
  let expireAt = MONTH
  let purgeAt: number | undefined
  let wasPublished = false
  let isWithdrawn = false
  let startedAt = 0
  let completedAt = 0
  /** The last verdict on each attempt that was open then, of whichever blob. */
  const early = new Map<string, { result: string; isOfThisFile: boolean }>()
  const of = new Map(recipients.map((each) => [each, 'Initialized']))
  const published = [`filetransferinitialized > ${sender} as Sender`]

  const notifySender = (type: string) => published.push(`${type} > ${sender} as Sender`)
  const notifyRecipient = (type: string, recipient: string) => published.push(`${type} > ${recipient} as Recipient`)
  const isProcessing = () => status === 'UploadProcessing'
  const fail = () => {
    status = 'Failed'
    notifySender('uploadfailed')
  }
  const settle = () => {
    if (!isProcessing()) return
    if (verdict && verdict !== 'Clean') return fail()
    if (!isChecked || (isScanned && !verdict)) return
    status = 'Published'
    wasPublished = true
    notifySender('published')
    for (const each of recipients) notifyRecipient('published', each)
  }
  const purge = () => {
    status = 'Purged'
    notifySender('filepurged')
    const left = wasPublished && !isWithdrawn ? recipients.filter((each) => of.get(each) !== 'DownloadConfirmed') : []
    for (const each of left) notifyRecipient('fileneverconfirmeddownloaded', each)
    if (left.length > 0) notifySender('fileneverconfirmeddownloaded')
  }
  const inForce = (): { kind: string; at: number }[] => {
    const isEnded = status === 'Purged'
    return [
      ...(isEnded || purgeAt !== undefined ? [] : [{ kind: 'expire', at: expireAt }]),
      ...(isEnded || purgeAt === undefined ? [] : [{ kind: 'purge', at: purgeAt }]),
      ...(status === 'UploadStarted' ? [{ kind: 'uploadIdle', at: startedAt + settings.uploadIdle }] : []),
      ...(isProcessing() && !isChecked
        ? [{ kind: 'processingOverdue', at: completedAt + settings.processingOverdue }]
        : []),
      ...(isProcessing() && isScanned && !verdict
        ? [
            { kind: 'scanWarning', at: completedAt + settings.scanWarning },
            { kind: 'scanOverdue', at: completedAt + settings.scanOverdue },
          ]
        : []),
    ]
  }

  /** Applies a request, and returns whether it is allowed. */
  const apply = (request: Request): boolean => {
    switch (request.type) {
      case 'start':
        if (status !== 'Initialized' && status !== 'UploadStarted') return false
        attempts++
        open = [...open, `attempt-${attempts}`].slice(-MOST_OPEN)
        status = 'UploadStarted'
        startedAt = now
        return true
      case 'complete': {
        if (file === request.attempt) return true
        if (status !== 'UploadStarted' || !open.includes(request.attempt)) return false
        file = request.attempt
        open = []
        status = 'UploadProcessing'
        completedAt = now
        isChecked = !request.isToBeRead
        notifySender('uploadprocessing')
        const known = early.get(request.attempt)
        if (known?.isOfThisFile && isScanned) verdict = known.result
        settle()
        return true
      }
      case 'abandon':
        open = open.filter((each) => each !== request.attempt)
        return true
      case 'wrongChecksum':
        if (status !== 'UploadStarted' || !open.includes(request.attempt)) return false
        open = []
        fail()
        return true
      case 'verdict':
        if (status === 'UploadStarted' && open.includes(request.attempt)) {
          const known = early.get(request.attempt)
          const isAboutTheSame = known?.isOfThisFile === request.isOfThisFile
          if (!isAboutTheSame || isWorse(request.result, known?.result)) early.set(request.attempt, request)
        }
        if (!isScanned || file !== request.attempt || !request.isOfThisFile) return true
        if (isProcessing() && (!verdict || isWorse(request.result, verdict))) {
          verdict = request.result
          settle()
        } else if (['Published', 'AllConfirmedDownloaded'].includes(status) && request.result === 'Malicious') {
          isWithdrawn = true
          fail()
          for (const each of recipients) notifyRecipient('uploadfailed', each)
        }
        return true
      case 'check':
        if (!isProcessing() || file !== request.attempt || isChecked) return true
        if (!request.isIntact) fail()
        else {
          isChecked = true
          settle()
        }
        return true
      case 'cancel':
        if (status === 'Cancelled') return true
        if (status === 'Published' && request.reason) {
          isWithdrawn = true
          notifySender('cancelled')
          for (const each of recipients) if (of.get(each) === 'Initialized') notifyRecipient('cancelled', each)
        } else if (!['Initialized', 'UploadStarted', 'UploadProcessing'].includes(status)) return false
        status = 'Cancelled'
        open = []
        return true
      case 'download': {
        const own = of.get(request.recipient)
        if (!own || (status !== 'Published' && status !== 'AllConfirmedDownloaded')) return false
        if (own === 'Initialized') of.set(request.recipient, 'DownloadStarted')
        return true
      }
      case 'confirm': {
        const own = of.get(request.recipient)
        if (own === 'DownloadConfirmed') return true
        if (own !== 'DownloadStarted' || status !== 'Published') return false
        of.set(request.recipient, 'DownloadConfirmed')
        notifyRecipient('downloadconfirmed', request.recipient)
        notifySender('downloadconfirmed')
        if ([...of.values()].some((each) => each !== 'DownloadConfirmed')) return true
        status = 'AllConfirmedDownloaded'
        purgeAt = request.grace === undefined ? undefined : now + request.grace
        notifySender('allconfirmeddownloaded')
        return true
      }
      case 'expiry':
        if (!['Published', 'AllConfirmedDownloaded'].includes(status) || purgeAt !== undefined) return false
        if (request.at === expireAt) return true
        if (request.at <= now || request.at > Math.max(request.latest, expireAt)) return false
        expireAt = request.at
        for (const each of recipients) if (of.get(each) !== 'DownloadConfirmed') notifyRecipient('expirychanged', each)
        return true
    }
  }

  return {
    apply,
    /** A second passes, or as long as it takes to be as late as `atLeast`. */
    tick(atLeast = 0): number {
      now = Math.max(now + 1, atLeast)
      return now
    },
    nextAttempt: () => `attempt-${attempts + 1}`,
    /** Applies a deadline, and returns its action. */
    applyDeadline(kind: string, at: Date): string | undefined {
      const due = (at.getTime() - start.getTime()) / 1000
      if (due > now || !inForce().some((each) => each.kind === kind && each.at === due)) return undefined
      if (kind === 'scanWarning') return 'warn'
      if (kind === 'processingOverdue') return 'checkUploadAgain'
      if (kind === 'uploadIdle' || kind === 'scanOverdue') {
        open = []
        fail()
      } else {
        open = []
        purge()
      }
      return undefined
    },
    status: () => status,
    recipients: () => Object.fromEntries(of),
    attemptsInUse: () =>
      ['UploadProcessing', 'Published', 'AllConfirmedDownloaded'].includes(status) && file ? [file] : open,
    deadlines: () => inForce().map(({ kind, at }) => `${kind} ${new Date(start.getTime() + at * 1000).toISOString()}`),
    published: () => published,
  }
}

export type Model = ReturnType<typeof model>
