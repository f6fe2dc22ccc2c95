import { start } from './builders.js'

// What the outside must see of a file transfer: written from the design alone, without a look at the core.

/** What is said to a transfer. */
export type Word =
  | { says: 'start' | 'cancel' }
  | { says: 'complete'; attempt: string; isToBeRead: boolean }
  | { says: 'abandon' | 'wrongChecksum'; attempt: string }
  | { says: 'verdict'; attempt: string; result: string; isOfThisFile: boolean }
  | { says: 'check'; attempt: string; isIntact: boolean }
  | { says: 'download'; recipient: string }
  | { says: 'confirm'; recipient: string; grace: number | undefined }

type Settings = { uploadIdle: number; processingOverdue: number; scanWarning: number; scanOverdue: number }

/** Uploads that may be open at once. */
const MOST_OPEN = 16
const MONTH = 30 * 86_400
const isWorse = (result: string, known: string | undefined) => result === 'Malicious' && known === 'Clean'

/** A transfer as the outside sees it; times are seconds since its start. */
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
  let purgeAt: number | undefined
  let wasPublished = false
  let isWithdrawn = false
  let startedAt = 0
  let completedAt = 0
  /** The last word about each attempt that was open then, of whichever blob. */
  const early = new Map<string, { result: string; isOfThisFile: boolean }>()
  const of = new Map(recipients.map((each) => [each, 'Initialized']))
  const told = [`filetransferinitialized > ${sender} as Sender`]

  const tellSender = (type: string) => told.push(`${type} > ${sender} as Sender`)
  const tell = (type: string, recipient: string) => told.push(`${type} > ${recipient} as Recipient`)
  const isProcessing = () => status === 'UploadProcessing'
  const fail = () => {
    status = 'Failed'
    tellSender('uploadfailed')
  }
  const settle = () => {
    if (!isProcessing()) return
    if (verdict && verdict !== 'Clean') return fail()
    if (!isChecked || (isScanned && !verdict)) return
    status = 'Published'
    wasPublished = true
    tellSender('published')
    for (const each of recipients) tell('published', each)
  }
  const purge = () => {
    status = 'Purged'
    tellSender('filepurged')
    const left = wasPublished && !isWithdrawn ? recipients.filter((each) => of.get(each) !== 'DownloadConfirmed') : []
    for (const each of left) tell('fileneverconfirmeddownloaded', each)
    if (left.length > 0) tellSender('fileneverconfirmeddownloaded')
  }
  const inForce = (): { kind: string; at: number }[] => {
    const isEnded = status === 'Purged'
    return [
      ...(isEnded || purgeAt !== undefined ? [] : [{ kind: 'expire', at: MONTH }]),
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

  /** What is said, and whether it is allowed. */
  const hear = (word: Word): boolean => {
    switch (word.says) {
      case 'start':
        if (status !== 'Initialized' && status !== 'UploadStarted') return false
        attempts++
        open = [...open, `attempt-${attempts}`].slice(-MOST_OPEN)
        status = 'UploadStarted'
        startedAt = now
        return true
      case 'complete': {
        if (file === word.attempt) return true
        if (status !== 'UploadStarted' || !open.includes(word.attempt)) return false
        file = word.attempt
        open = []
        status = 'UploadProcessing'
        completedAt = now
        isChecked = !word.isToBeRead
        tellSender('uploadprocessing')
        const known = early.get(word.attempt)
        if (known?.isOfThisFile && isScanned) verdict = known.result
        settle()
        return true
      }
      case 'abandon':
        open = open.filter((each) => each !== word.attempt)
        return true
      case 'wrongChecksum':
        if (status !== 'UploadStarted' || !open.includes(word.attempt)) return false
        open = []
        fail()
        return true
      case 'verdict':
        if (status === 'UploadStarted' && open.includes(word.attempt)) {
          const known = early.get(word.attempt)
          const isAboutTheSame = known?.isOfThisFile === word.isOfThisFile
          if (!isAboutTheSame || isWorse(word.result, known?.result)) early.set(word.attempt, word)
        }
        if (!isScanned || file !== word.attempt || !word.isOfThisFile) return true
        if (isProcessing() && (!verdict || isWorse(word.result, verdict))) {
          verdict = word.result
          settle()
        } else if (['Published', 'AllConfirmedDownloaded'].includes(status) && word.result === 'Malicious') {
          isWithdrawn = true
          fail()
          for (const each of recipients) tell('uploadfailed', each)
        }
        return true
      case 'check':
        if (!isProcessing() || file !== word.attempt || isChecked) return true
        if (!word.isIntact) fail()
        else {
          isChecked = true
          settle()
        }
        return true
      case 'cancel':
        if (status === 'Cancelled') return true
        if (!['Initialized', 'UploadStarted', 'UploadProcessing'].includes(status)) return false
        status = 'Cancelled'
        open = []
        return true
      case 'download': {
        const own = of.get(word.recipient)
        if (!own || (status !== 'Published' && status !== 'AllConfirmedDownloaded')) return false
        if (own === 'Initialized') of.set(word.recipient, 'DownloadStarted')
        return true
      }
      case 'confirm': {
        const own = of.get(word.recipient)
        if (own === 'DownloadConfirmed') return true
        if (own !== 'DownloadStarted' || status !== 'Published') return false
        of.set(word.recipient, 'DownloadConfirmed')
        tell('downloadconfirmed', word.recipient)
        tellSender('downloadconfirmed')
        if ([...of.values()].some((each) => each !== 'DownloadConfirmed')) return true
        status = 'AllConfirmedDownloaded'
        purgeAt = word.grace === undefined ? undefined : now + word.grace
        tellSender('allconfirmeddownloaded')
        return true
      }
    }
  }

  return {
    hear,
    /** A second passes, or as long as it takes to be as late as `atLeast`. */
    tick(atLeast = 0): number {
      now = Math.max(now + 1, atLeast)
      return now
    },
    nextAttempt: () => `attempt-${attempts + 1}`,
    /** A deadline is met: what it asks for beside facts. */
    meet(kind: string, at: Date): string | undefined {
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
    held: () => (['UploadProcessing', 'Published', 'AllConfirmedDownloaded'].includes(status) && file ? [file] : open),
    deadlines: () => inForce().map(({ kind, at }) => `${kind} ${new Date(start.getTime() + at * 1000).toISOString()}`),
    told: () => told,
  }
}

export type Model = ReturnType<typeof model>
